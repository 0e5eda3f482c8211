"""How many pulses a learner may send before the next ones have to wait.

Far more than browsers ever have to send: it is there for programs that run wild. It is kept in the
memory of each web process, so that a pulse waits for nobody and costs nothing.
"""

import math
import threading
import time
from collections.abc import Callable
from functools import cache

from django.conf import settings

from config.problems import ProblemError, ProblemType

# Full buckets are looked for when there are this many, and then each time their number doubles.
SWEEP_SIZE = 1_000


class PulseLimit:
    """A bucket for each learner, of `burst` pulses, filled up again by `per_minute`.

    Safe for threads. `clock` is in seconds. Learners whose bucket is full are forgotten.
    """

    def __init__(
        self, *, burst: int, per_minute: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst = burst
        self._per_minute = per_minute
        self._clock = clock
        self._lock = threading.Lock()
        # By learner: how many pulses the bucket lacked, and when that was.
        self._missing: dict[int, tuple[float, float]] = {}
        self._sweep_at = SWEEP_SIZE

    def __len__(self) -> int:
        return len(self._missing)

    def spend(self, learner_id: int, pulses: int) -> None:
        """Take that many out of the learner's bucket, and at most all that it can hold.

        Raises `ProblemError` when there are not as many in it, and takes none.
        """
        with self._lock:
            now = self._clock()
            missing = self._missing_at(now, learner_id) + min(pulses, self._burst)
            if missing > self._burst:
                raise _too_many(math.ceil((missing - self._burst) * 60 / self._per_minute))
            self._missing[learner_id] = (missing, now)
            if len(self._missing) >= self._sweep_at:
                self._sweep(now)

    def _missing_at(self, now: float, learner_id: int) -> float:
        missing, at = self._missing.get(learner_id, (0.0, now))
        return max(missing - (now - at) * self._per_minute / 60, 0.0)

    def _sweep(self, now: float) -> None:
        for learner_id in [one for one in self._missing if self._missing_at(now, one) == 0]:
            del self._missing[learner_id]
        self._sweep_at = max(2 * len(self._missing), SWEEP_SIZE)


@cache
def _limit(burst: int, per_minute: int) -> PulseLimit:
    """The one of this process."""
    return PulseLimit(burst=burst, per_minute=per_minute)


def spend(learner_id: int, pulses: int) -> None:
    """Count pulses that a learner sends. Raises `ProblemError` when they are too many."""
    _limit(settings.PULSE_BURST, settings.PULSES_PER_MINUTE).spend(learner_id, pulses)


def _too_many(wait_seconds: int) -> ProblemError:
    return ProblemError(
        ProblemType.RATE_LIMITED,
        "Too many pulses were sent. Nothing was applied; send the same again later.",
        retry_after_seconds=max(wait_seconds, 1),
    )
