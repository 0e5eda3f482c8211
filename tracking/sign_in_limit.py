"""How many sign-ins may fail before the next ones have to wait.

Failures are counted in Redis: for a user name from one address, for an address, and for a user
name from anywhere. A try is counted before its password is looked at, so that of guesses sent at
once no more are heard than of guesses sent one by one. A try that was right is taken back, and ends
the count for its user name from its address; the other two counts are not its own to end.

Without Redis nobody is limited and nobody kept out: a warning says so, and Redis is left alone for
some seconds, as one that hangs would keep every sign-in waiting.
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis import ConnectionPool, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.client_address import client_address
from config.problems import ProblemError, ProblemType
from tracking.models import User

logger = logging.getLogger(__name__)

KEY_PREFIX = "pulseboard:sign-in"
REDIS_TIMEOUT_SECONDS = 0.5
PAUSE_SECONDS = 10.0

T = TypeVar("T")


@dataclass(frozen=True)
class Counter:
    """What is counted together, how much of it may be, and whether one success ends the count."""

    limit: RateLimitItem
    key: tuple[str, ...]
    ends_with_success: bool = False


class SignInLimit:
    """The counters in one Redis, for all threads of a process.

    `clock` is in seconds and only measures how long Redis is left alone.
    """

    def __init__(self, redis_url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        pool = ConnectionPool.from_url(
            redis_url,
            socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
            socket_timeout=REDIS_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        storage = RedisStorage("redis://", connection_pool=pool, key_prefix=KEY_PREFIX)
        self._limiter = SlidingWindowCounterRateLimiter(storage)
        self._clock = clock
        self._lock = threading.Lock()
        self._paused_until = -math.inf

    def begin(self, username: str, address: str) -> tuple[Counter, ...]:
        """Count a try; the counters it stands in, which are none while Redis is away.

        Raises `ProblemError` when too many have failed. Such a try is not counted.
        """
        return self._ask(partial(self._reserve, _counters(username, address))) or ()

    def take_back(self, counters: Iterable[Counter]) -> None:
        """The try came to nothing, neither right nor wrong."""
        self._ask(partial(self._return, counters))

    def succeed(self, counters: Iterable[Counter]) -> None:
        """The try was right."""
        self._ask(partial(self._settle, counters))

    def _reserve(self, counters: tuple[Counter, ...]) -> tuple[Counter, ...]:
        for place, counter in enumerate(counters):
            if not self._limiter.hit(counter.limit, *counter.key):
                free_at = self._limiter.get_window_stats(counter.limit, *counter.key).reset_time
                self._return(counters[:place])
                raise _too_many(max(math.ceil(free_at - time.time()), 1))
        return counters

    def _return(self, counters: Iterable[Counter]) -> None:
        for counter in counters:
            self._limiter.hit(counter.limit, *counter.key, cost=-1)

    def _settle(self, counters: Iterable[Counter]) -> None:
        for counter in counters:
            if counter.ends_with_success:
                self._limiter.clear(counter.limit, *counter.key)
            else:
                self._return([counter])

    def _ask(self, question: Callable[[], T]) -> T | None:
        """The answer of Redis, or None while it is away."""
        if self._clock() < self._paused_until:
            return None
        try:
            return question()
        except (RedisError, OSError) as error:
            self._pause(error)
            return None

    def _pause(self, error: Exception) -> None:
        with self._lock:
            now = self._clock()
            if now < self._paused_until:
                return
            self._paused_until = now + PAUSE_SECONDS
        logger.warning(
            "sign-ins are not limited for %g seconds, as Redis cannot be asked: %s",
            PAUSE_SECONDS,
            error,
        )


@cache
def limit_at(redis_url: str) -> SignInLimit:
    """The one of this process."""
    return SignInLimit(redis_url)


class LimitedBackend(ModelBackend):
    """User names and passwords, by Django's rules, for the API and the admin site alike."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """The user, if the password is right. Raises `ProblemError` when too many tries failed."""
        if request is None or username is None or password is None:
            return super().authenticate(request, username, password, **kwargs)
        limit = limit_at(settings.REDIS_URL)
        counters = limit.begin(username, client_address(request))
        try:
            user = super().authenticate(request, username, password, **kwargs)
        except Exception:
            # The database is away: whoever tries again when it is back has not guessed yet.
            limit.take_back(counters)
            raise
        if user is not None:
            limit.succeed(counters)
        return user


def _counters(username: str, address: str) -> tuple[Counter, ...]:
    """The address comes first: one that has to wait leaves no more keys behind, however many names
    it tries. The name alone comes last, for whoever has to wait must not keep others out."""
    whose, where = _digest(username), _digest(address)
    return (
        Counter(_failures("address", settings.SIGN_IN_LIMIT_PER_ADDRESS), (where,)),
        Counter(_failures("both", settings.SIGN_IN_LIMIT), (whose, where), ends_with_success=True),
        Counter(_failures("name", settings.SIGN_IN_LIMIT_PER_NAME), (whose,)),
    )


def _failures(namespace: str, amount: int) -> RateLimitItem:
    return RateLimitItemPerMinute(amount, settings.SIGN_IN_WINDOW_MINUTES, namespace)


def _digest(text: str) -> str:
    """Names and addresses are nobody else's business, and a key must not be as long as one likes.

    A name is taken to the letter, as the database does.
    """
    return salted_hmac("pulseboard.sign_in_limit", text, algorithm="sha256").hexdigest()


def _too_many(wait_seconds: int) -> ProblemError:
    minutes = math.ceil(wait_seconds / 60)
    return ProblemError(
        ProblemType.RATE_LIMITED,
        f"Too many sign-ins have failed. Try again in {minutes} minute{'s' * (minutes > 1)}.",
        retry_after_seconds=wait_seconds,
    )
