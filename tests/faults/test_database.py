"""The database hangs, is full of others, or is changed while it serves."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psutil
import psycopg
import pytest

from config.embedded.cluster import existing_cluster
from config.embedded.processes import read_pid
from tests.faults.connection import local_client
from tests.faults.history import Answer, SentPulse
from tests.faults.people import Learner
from tests.faults.pulses import new_pulse
from tests.faults.site import Site

# As long as a statement may take, and some seconds before and after.
BOUND_SECONDS = 30


class TestConnectionsUsedUp:
    def test_a_pulse_gets_503_and_health_still_answers(self, site: Site) -> None:
        learner, place = site.learner(), site.people.course.places[0]
        with site.client(learner) as client:
            assert client.try_once(new_pulse(place)) is Answer.RECORDED
            pulse = new_pulse(place)

            with all_connections_taken(site), local_client(timeout=10) as http:
                started = time.monotonic()
                response = client.send(pulse)
                took = time.monotonic() - started
                alive = http.get(f"{site.server.base_url}/healthz")
                ready = http.get(f"{site.server.base_url}/readyz")
                figures = http.get(f"{site.server.base_url}/healthz/data")

            assert response.status_code == 503
            assert response.headers["Retry-After"] == "5"
            assert response.headers["Content-Type"] == "application/problem+json"
            assert took < 15
            assert alive.status_code == 200
            assert (ready.status_code, figures.status_code) == (503, 503)
            site.server.until_serving()
            assert client.deliver(pulse) == [Answer.RECORDED]


@contextlib.contextmanager
def all_connections_taken(site: Site) -> Iterator[None]:
    """Others hold all there are; those that web has had are ended and taken as well."""
    held = []
    try:
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                held.append(site.server.connect())
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            pids = [session.info.backend_pid for session in held]
            others = (
                held[0]
                .execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where backend_type = 'client backend' and pid <> all(%s)",
                    [pids],
                )
                .fetchall()
            )
            held[0].rollback()
            if not others:
                break
            with contextlib.suppress(psycopg.OperationalError):
                while True:
                    held.append(site.server.connect())
        else:
            raise AssertionError("web gets connections again and again")
        yield
    finally:
        for session in held:
            session.close()


class TestADatabaseThatHangs:
    @pytest.mark.long
    @pytest.mark.timeout(240)
    def test_answers_stay_bounded_and_it_recovers(self, site: Site) -> None:
        """Stopped for a minute by a signal: sockets stay open and nothing comes."""
        learners, place = [site.learner() for _ in range(8)], site.people.course.places[0]
        pulses = [new_pulse(place) for _ in learners]
        with stopped_postgres(site), ThreadPoolExecutor(len(learners)) as pool:
            answers = list(pool.map(partial(timed_try, site), learners, pulses))
            with local_client(timeout=20) as http:
                alive = http.get(f"{site.server.base_url}/healthz")
        assert alive.status_code == 200
        assert max(seconds for _, seconds in answers) < BOUND_SECONDS, answers
        site.server.until_serving(30)
        for learner, pulse in zip(learners, pulses, strict=True):
            with site.client(learner) as client:
                client.deliver(pulse)


def timed_try(site: Site, learner: Learner, pulse: SentPulse) -> tuple[Answer, float]:
    started = time.monotonic()
    with site.client(learner, timeout=2 * BOUND_SECONDS) as client:
        answer = client.try_once(pulse)
    return answer, time.monotonic() - started


@contextlib.contextmanager
def stopped_postgres(site: Site) -> Iterator[None]:
    """Every process of it is stopped in the middle of whatever it does."""
    pid = read_pid(existing_cluster(site.server.home) / "postmaster.pid")
    postmaster = psutil.Process(pid)
    stopped = [postmaster, *postmaster.children(recursive=True)]
    for process in stopped:
        os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in reversed(stopped):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)
