"""Guessing passwords ends soon, signing in does not, and neither hangs on Redis."""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client, RequestFactory
from redis import Redis
from rest_framework.test import APIClient

from config.client_address import client_address
from config.embedded.addresses import redis_url, socket_directory
from config.embedded.valkey import Valkey
from config.problems import ProblemError, ProblemType
from tests.config.test_problems import database_down, problem_of, type_of
from tests.factories import client_of, make_learner, make_module
from tests.tracking.test_pulses import closing
from tracking import sign_in_limit
from tracking.models import Pulse, User
from tracking.sign_in_limit import KEY_PREFIX, PAUSE_SECONDS, SignInLimit, limit_at

PASSWORD = "correct horse battery"
WINDOW_SECONDS = 15 * 60
HERE, THERE = "192.0.2.1", "192.0.2.2"
DETAIL = "Too many sign-ins have failed. Try again in 15 minutes."
# A wait of half a second for each of a few questions, and time for a slow machine.
SOON_SECONDS = 5.0


@pytest.fixture(autouse=True)
def fast_passwords(settings: Any) -> None:
    """A hash that costs nothing: what it is worth is Django's business."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ada(db: None) -> User:
    return make_account("ada")


def make_account(username: str, **fields: Any) -> User:
    account = make_learner(username=username, **fields)
    account.set_password(PASSWORD)
    account.save()
    return account


def sign_in(username: Any = "ada", password: Any = PASSWORD, address: str = HERE) -> Any:
    return APIClient(REMOTE_ADDR=address).post(
        "/api/auth/token/", {"username": username, "password": password}, format="json"
    )


def fail(times: int, username: str = "ada", address: str = HERE) -> list[int]:
    return [sign_in(username, "wrong", address).status_code for _ in range(times)]


def at_the_admin(password: str) -> Any:
    return Client(REMOTE_ADDR=HERE).post("/admin/login/", {"username": "ada", "password": password})


@pytest.mark.django_db
class TestFailures:
    def test_the_eleventh_try_has_to_wait(self, ada: User) -> None:
        assert fail(10) == [401] * 10

        response = sign_in(password="wrong")

        assert type_of(response) is ProblemType.RATE_LIMITED
        assert problem_of(response)["detail"] == DETAIL
        assert WINDOW_SECONDS - 60 < int(response["Retry-After"]) <= WINDOW_SECONDS
        assert "WWW-Authenticate" not in response

    def test_so_has_the_right_password(self, ada: User) -> None:
        fail(10)

        assert sign_in().status_code == 429

    def test_an_account_that_does_not_exist_looks_the_same(self) -> None:
        assert fail(12, "nobody") == [401] * 10 + [429] * 2

    def test_an_inactive_account_looks_the_same(self) -> None:
        make_account("ada", is_active=False)

        assert [sign_in().status_code for _ in range(12)] == [401] * 10 + [429] * 2

    def test_others_at_the_same_address_go_on(self, ada: User) -> None:
        make_account("bea")
        fail(10)

        assert sign_in("bea").status_code == 200

    def test_a_stranger_does_not_keep_the_owner_out(self, ada: User) -> None:
        fail(30, address=THERE)

        assert sign_in(address=HERE).status_code == 200

    def test_a_name_is_taken_to_the_letter_as_it_is_for_signing_in(self, ada: User) -> None:
        fail(10)

        assert fail(1, "ADA") == [401]
        assert fail(1, " ada ") == [429]

    def test_a_name_from_many_addresses_has_to_wait(self, ada: User, settings: Any) -> None:
        settings.SIGN_IN_LIMIT_PER_NAME = 3
        statuses = [fail(1, address=f"192.0.2.{number}") for number in range(3)]

        assert statuses == [[401]] * 3
        assert sign_in(address="192.0.2.9").status_code == 429
        assert fail(1, "bea", address="192.0.2.9") == [401]

    def test_an_address_with_many_names_has_to_wait(self, ada: User, settings: Any) -> None:
        settings.SIGN_IN_LIMIT_PER_ADDRESS = 3
        statuses = [fail(1, f"name-{number}") for number in range(3)]

        assert statuses == [[401]] * 3
        assert sign_in().status_code == 429
        assert sign_in(address=THERE).status_code == 200

    def test_tries_that_have_to_wait_count_nowhere(
        self, ada: User, settings: Any, redis: Redis
    ) -> None:
        settings.SIGN_IN_LIMIT = 2
        settings.SIGN_IN_LIMIT_PER_NAME = 3
        settings.SIGN_IN_LIMIT_PER_ADDRESS = 4

        assert fail(6) == [401] * 2 + [429] * 4
        assert fail(2, address=THERE) == [401, 429]
        assert fail(3, "bea") == [401] * 2 + [429]

    def test_an_address_that_has_to_wait_leaves_no_more_keys(
        self, settings: Any, redis: Redis
    ) -> None:
        settings.SIGN_IN_LIMIT_PER_ADDRESS = 1
        fail(1, "name-0")
        before = set(redis.scan_iter(f"{KEY_PREFIX}:*"))

        assert [fail(1, f"name-{number}") for number in range(1, 4)] == [[429]] * 3

        assert len(before) == 3
        assert set(redis.scan_iter(f"{KEY_PREFIX}:*")) == before

    @pytest.mark.parametrize(
        ("username", "password"),
        [(1, "x"), ("ada", None), ("ada", ""), ("", "x"), ("ada", ["x"]), ("a" * 151, "x")],
    )
    def test_a_body_that_is_wrong_is_told_so_and_does_not_count(
        self, ada: User, settings: Any, redis: Redis, username: Any, password: Any
    ) -> None:
        settings.SIGN_IN_LIMIT_PER_ADDRESS = 1

        statuses = [sign_in(username, password).status_code for _ in range(3)]

        assert statuses == [400] * 3
        assert not list(redis.scan_iter(f"{KEY_PREFIX}:*"))

    def test_refreshing_and_signing_out_do_not_count_and_are_not_limited(self, ada: User) -> None:
        pair = sign_in().json()
        fail(10)
        client = APIClient(REMOTE_ADDR=HERE)

        statuses = [
            client.post(f"/api/auth/{what}/", {"refresh": token}, format="json").status_code
            for token in ("wrong", pair["refresh"])
            for what in ("token/refresh", "logout")
        ]

        assert statuses == [401, 204, 200, 204]

    def test_what_is_kept_names_nobody_and_does_not_stay(self, ada: User, redis: Redis) -> None:
        fail(2)
        fail(1, "x" * 150)

        keys = [key.decode() for key in redis.scan_iter(f"{KEY_PREFIX}:*")]

        assert len(keys) == 5
        assert not [key for key in keys if "ada" in key.split("/") or HERE in key or "xxx" in key]
        assert max(map(len, keys)) < 200
        assert all(0 < redis.pttl(key) <= 2 * WINDOW_SECONDS * 1000 for key in keys)


@pytest.mark.django_db
class TestSuccesses:
    def test_a_success_ends_the_count_of_this_name_here(self, ada: User) -> None:
        fail(9)

        assert sign_in().status_code == 200
        assert fail(11) == [401] * 10 + [429]

    def test_an_account_of_ones_own_does_not_free_an_address(
        self, ada: User, settings: Any
    ) -> None:
        settings.SIGN_IN_LIMIT_PER_ADDRESS = 3
        make_account("eve")

        statuses = [[*fail(1), sign_in("eve").status_code] for _ in range(4)]

        assert statuses == [[401, 200], [401, 200], [401, 429], [429, 429]]

    def test_the_owner_does_not_free_those_who_guess_elsewhere(
        self, ada: User, settings: Any
    ) -> None:
        settings.SIGN_IN_LIMIT_PER_NAME = 3
        fail(2, address=THERE)

        assert sign_in(address=HERE).status_code == 200
        assert fail(2, address=THERE) == [401, 429]

    def test_successes_are_never_too_many(self, settings: Any) -> None:
        settings.SIGN_IN_LIMIT = 1
        settings.SIGN_IN_LIMIT_PER_NAME = 1
        settings.SIGN_IN_LIMIT_PER_ADDRESS = 1
        for number in range(5):
            make_account(f"sim-{number}")

        statuses = [sign_in(f"sim-{number % 5}").status_code for number in range(20)]

        assert statuses == [200] * 20


@pytest.mark.usefixtures("committed")
class TestAtOnce:
    def test_of_forty_guesses_ten_are_heard(self, ada: User) -> None:
        together = threading.Barrier(40)

        def guess(number: int) -> int:
            together.wait(30)
            return int(sign_in(password=f"guess-{number}").status_code)

        with ThreadPoolExecutor(40) as pool:
            statuses = list(pool.map(closing(guess), range(40)))

        assert sorted(statuses) == [401] * 10 + [429] * 30

    def test_without_the_database_nothing_was_guessed(self, ada: User, settings: Any) -> None:
        settings.SIGN_IN_LIMIT = 1
        with database_down():
            statuses = [sign_in().status_code for _ in range(3)]

        assert statuses == [503] * 3
        assert fail(2) == [401, 429]


class TestAdminSite:
    @pytest.fixture(autouse=True)
    def boss(self, db: None) -> User:
        return make_account("ada", is_staff=True, is_superuser=True)

    def test_it_counts_with_the_api_and_says_so_in_the_form(self) -> None:
        fail(5)
        pages = [at_the_admin("wrong") for _ in range(6)]

        refused = at_the_admin(PASSWORD)

        assert [page.status_code for page in pages] == [200] * 6
        assert [DETAIL in page.content.decode() for page in pages] == [False] * 5 + [True]
        assert refused.status_code == 200
        assert refused.context["form"].non_field_errors() == [DETAIL]
        assert sign_in().status_code == 429

    def test_a_success_signs_in_and_ends_the_count(self) -> None:
        fail(9)

        assert at_the_admin(PASSWORD).status_code == 302
        assert fail(10) == [401] * 10


ADDRESSES = [
    (0, HERE, None, HERE),
    (0, HERE, "203.0.113.1", HERE),
    (1, HERE, None, HERE),
    (1, HERE, "", HERE),
    (1, HERE, "203.0.113.1", "203.0.113.1"),
    (1, HERE, "10.9.9.9, 203.0.113.1", "203.0.113.1"),
    (2, HERE, "10.9.9.9,203.0.113.1 , 203.0.113.2", "203.0.113.1"),
    (2, HERE, "203.0.113.1", "203.0.113.1"),
    (9, HERE, "203.0.113.1, 203.0.113.2", "203.0.113.1"),
    (1, HERE, "203.0.113.1:50000", "203.0.113.1"),
    (1, HERE, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    (1, HERE, "[2001:db8:1:2::9]:50000", "2001:db8:1:2::/64"),
    (1, HERE, "[2001:db8:1:2::9]", "2001:db8:1:2::/64"),
    (1, HERE, "::ffff:203.0.113.1", "203.0.113.1"),
    (1, HERE, "unknown", "unknown"),
    (1, HERE, "203.0.113.1,", ""),
    (0, "", None, ""),
    (0, "fe80::1%eth0", None, "fe80::/64"),
]


@pytest.mark.parametrize(("proxies", "peer", "forwarded", "expected"), ADDRESSES)
def test_the_address_is_what_the_outermost_trusted_proxy_saw(
    settings: Any, proxies: int, peer: str, forwarded: str | None, expected: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}

    request = RequestFactory(REMOTE_ADDR=peer).get("/", headers=headers)

    assert client_address(request) == expected


# --- Redis in trouble ------------------------------------------------------------------------


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A server that a test may do to what it likes."""
    valkey = Valkey(tmp_path)
    valkey.start()
    yield valkey
    valkey.stop()
    socket_directory(tmp_path).rmdir()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Accepts whoever comes and never says anything."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        server.settimeout(0)
        yield server


class FixedClock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def address_of(server: socket.socket, scheme: str = "redis") -> str:
    return f"{scheme}://127.0.0.1:{server.getsockname()[1]}/0"


def nobody_listens() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return address_of(server)


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage()
        for record in caplog.records
        if (record.name, record.levelno) == (sign_in_limit.__name__, logging.WARNING)
    ]


def tries(limit: SignInLimit, times: int) -> list[str]:
    """What becomes of each, from the same name and address."""
    outcomes = []
    for _ in range(times):
        try:
            outcomes.append("counted" if limit.begin("ada", HERE) else "not counted")
        except ProblemError:
            outcomes.append("refused")
    return outcomes


@pytest.mark.django_db
class TestSignInWithoutRedis:
    def test_everybody_signs_in_and_one_line_says_why(
        self, ada: User, settings: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        settings.REDIS_URL = nobody_listens()

        assert fail(15) == [401] * 15
        assert sign_in().status_code == 200

        (line,) = warnings_of(caplog)
        assert line.startswith("sign-ins are not limited for 10 seconds, as Redis cannot be asked")
        assert "Connection refused" in line

    def test_one_that_says_nothing_keeps_nobody_waiting(
        self,
        ada: User,
        settings: Any,
        caplog: pytest.LogCaptureFixture,
        listener: socket.socket,
    ) -> None:
        settings.REDIS_URL = address_of(listener)
        started = time.monotonic()

        assert fail(15) == [401] * 15
        assert sign_in().status_code == 200

        assert time.monotonic() - started < SOON_SECONDS
        assert len(warnings_of(caplog)) == 1

    def test_one_that_refuses_the_question_limits_nobody(
        self, ada: User, settings: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        settings.REDIS_URL = f"{settings.REDIS_URL}?db=999999"

        assert fail(12) == [401] * 12
        assert len(warnings_of(caplog)) == 1

    def test_tracking_refreshing_and_signing_out_do_not_ask_it(
        self, ada: User, settings: Any, listener: socket.socket
    ) -> None:
        refresh = sign_in().json()["refresh"]
        module = make_module()
        resource = module.resources.get()
        settings.REDIS_URL = address_of(listener)
        client = client_of(ada)
        pulse = {"duration_delta": 15}
        bodies = {
            f"/api/modules/{module.pk}/resources/{resource.pk}/complete/": pulse,
            "/api/tracking/pulses/": {
                "pulses": [pulse | {"module": module.pk, "resource": resource.pk}]
            },
            "/api/auth/token/refresh/": {"refresh": refresh},
            "/api/auth/logout/": {"refresh": refresh},
        }

        statuses = [
            client.post(path, body, format="json").status_code for path, body in bodies.items()
        ]

        assert statuses == [200, 200, 200, 204]
        assert Pulse.objects.count() == 2
        with pytest.raises(BlockingIOError):
            listener.accept()


class TestRedisAndBack:
    def test_the_limit_holds_again_when_it_is_back(
        self, own_valkey: Valkey, caplog: pytest.LogCaptureFixture
    ) -> None:
        clock = FixedClock()
        limit = SignInLimit(redis_url(own_valkey.home), clock=clock)
        assert tries(limit, 1) == ["counted"]

        own_valkey.stop()
        assert tries(limit, 3) == ["not counted"] * 3
        own_valkey.start()
        clock.seconds += PAUSE_SECONDS - 0.01
        assert tries(limit, 2) == ["not counted"] * 2
        clock.seconds += 0.01

        assert tries(limit, 12) == ["counted"] * 10 + ["refused"] * 2
        assert len(warnings_of(caplog)) == 1

    def test_while_it_is_away_a_line_comes_with_each_pause(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        clock = FixedClock()
        limit = SignInLimit(nobody_listens(), clock=clock)

        for _ in range(3):
            assert tries(limit, 5) == ["not counted"] * 5
            clock.seconds += PAUSE_SECONDS

        assert len(warnings_of(caplog)) == 3

    def test_a_stopped_process_is_left_alone_after_the_first_question(
        self, own_valkey: Valkey, caplog: pytest.LogCaptureFixture
    ) -> None:
        clock = FixedClock()
        limit = SignInLimit(redis_url(own_valkey.home), clock=clock)
        assert tries(limit, 1) == ["counted"]
        pid = own_valkey.pid()
        assert pid is not None

        os.kill(pid, signal.SIGSTOP)
        try:
            started = time.monotonic()
            assert tries(limit, 20) == ["not counted"] * 20
            assert time.monotonic() - started < SOON_SECONDS
        finally:
            os.kill(pid, signal.SIGCONT)
        clock.seconds += PAUSE_SECONDS

        assert tries(limit, 1) == ["counted"]
        assert len(warnings_of(caplog)) == 1

    def test_threads_that_wait_for_it_together_write_one_line(
        self, listener: socket.socket, caplog: pytest.LogCaptureFixture
    ) -> None:
        limit = SignInLimit(address_of(listener), clock=FixedClock())

        with ThreadPoolExecutor(8) as pool:
            outcomes = list(pool.map(lambda _: tries(limit, 1), range(8)))

        assert outcomes == [["not counted"]] * 8
        assert len(warnings_of(caplog)) == 1

    def test_a_restart_between_two_tries_is_not_noticed(
        self, own_valkey: Valkey, caplog: pytest.LogCaptureFixture
    ) -> None:
        limit = SignInLimit(redis_url(own_valkey.home))
        assert tries(limit, 1) == ["counted"]

        own_valkey.stop()
        own_valkey.start()

        assert tries(limit, 1) == ["counted"]
        assert warnings_of(caplog) == []

    @pytest.mark.parametrize("end", ["succeed", "take_back"])
    def test_what_ends_after_it_went_away_ends_all_the_same(
        self, own_valkey: Valkey, caplog: pytest.LogCaptureFixture, end: str
    ) -> None:
        limit = SignInLimit(redis_url(own_valkey.home))
        counters = limit.begin("ada", HERE)
        assert len(counters) == 3

        own_valkey.stop()
        getattr(limit, end)(counters)

        assert len(warnings_of(caplog)) == 1

    @pytest.mark.parametrize("end", ["succeed", "take_back"])
    def test_what_began_before_it_was_back_takes_nothing_back(
        self, own_valkey: Valkey, end: str
    ) -> None:
        clock = FixedClock()
        limit = SignInLimit(redis_url(own_valkey.home), clock=clock)
        own_valkey.stop()
        counters = limit.begin("ada", HERE)
        own_valkey.start()
        clock.seconds += PAUSE_SECONDS

        getattr(limit, end)(counters)

        with Redis.from_url(redis_url(own_valkey.home)) as client:
            assert client.keys() == []


class TestAddressesOfRedis:
    def test_a_socket(self) -> None:
        assert django_settings.REDIS_URL.startswith(("unix://", "redis://", "rediss://"))
        assert tries(limit_at(django_settings.REDIS_URL), 1) == ["counted"]

    def test_a_port(self, own_valkey: Valkey) -> None:
        with Redis.from_url(redis_url(own_valkey.home)) as client:
            url = nobody_listens()
            client.config_set("bind", "127.0.0.1")
            client.config_set("port", url.partition("127.0.0.1:")[2].removesuffix("/0"))

            assert tries(SignInLimit(url), 11) == ["counted"] * 10 + ["refused"]

            # Its title names the port while it has one, and by its title it is found to be stopped.
            client.config_set("port", "0")

    def test_tls_is_spoken_where_the_address_says_so(
        self, listener: socket.socket, caplog: pytest.LogCaptureFixture
    ) -> None:
        limit = SignInLimit(address_of(listener, "rediss"), clock=FixedClock())

        assert tries(limit, 1) == ["not counted"]

        connection, _ = listener.accept()
        with connection:
            handshake_of_tls = b"\x16\x03"
            assert connection.recv(2) == handshake_of_tls
        assert len(warnings_of(caplog)) == 1
