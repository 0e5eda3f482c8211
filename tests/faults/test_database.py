"""The database hangs, is full of others, or is changed while it serves."""

import contextlib
import datetime as dt
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import psutil
import psycopg
import pytest

from config.embedded.cluster import existing_cluster
from config.embedded.processes import read_pid
from tests.faults.connection import local_client
from tests.faults.history import Answer, SentPulse
from tests.faults.people import Learner
from tests.faults.pulses import new_pulse, pulse_at
from tests.faults.site import Site

# As long as a statement may take, and some seconds before and after.
BOUND_SECONDS = 30
HANGS_SECONDS = 60


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
        answers: list[tuple[Answer, float]] = []
        with stopped_postgres(site), ThreadPoolExecutor(len(learners)) as pool:
            started = time.monotonic()
            # Whoever has got an answer tries again: they must not wait longer from time to time.
            while time.monotonic() < started + HANGS_SECONDS:
                answers += pool.map(partial(timed_try, site), learners, pulses)
            with local_client(timeout=20) as http:
                alive = http.get(f"{site.server.base_url}/healthz")
        assert alive.status_code == 200
        assert {answer for answer, _ in answers} == {Answer.UNKNOWN}
        assert max(seconds for _, seconds in answers) < BOUND_SECONDS, answers
        site.server.until_serving(30)
        for learner, pulse in zip(learners, pulses, strict=True):
            with site.client(learner) as client:
                client.deliver(pulse)


class TestAFullDisk:
    """A file that takes nothing more: /dev/full stands in its place, for whoever runs the tests."""

    def test_a_pulse_gets_503_and_is_recorded_when_there_is_room(self, site: Site) -> None:
        learner, place = site.learner(), site.people.course.places[0]
        (partition, day), *_ = empty_days(site)
        pulse = pulse_at(place, day, played=((0, 15_000),))
        with site.client(learner) as client:
            with full(site, partition):
                refused = client.send(pulse)
                left = site.rows_of(learner)
                elsewhere = client.try_once(new_pulse(place))
            recorded = client.deliver(pulse)

        assert refused.status_code == 503
        assert refused.headers["Retry-After"] == "5"
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert left == 0
        assert elsewhere is Answer.RECORDED
        assert recorded == [Answer.RECORDED]
        assert DISK_FULL in site.server.postgres_log

    def test_a_refresh_fails_on_record_and_what_was_shown_stays(self, site: Site) -> None:
        """Right after the base the delta of learners is a file of no length."""
        learner = site.learner()
        with site.server.connect() as connection:
            connection.execute("refresh materialized view learner_totals_delta with no data")
        site.server.manage("refresh", "--base")
        (before,) = site.server.rows("select refresh_id, computed_at from analytics_stamp")
        shown = learners_shown(site)
        with site.client(learner) as client:
            client.deliver(new_pulse(site.people.course.places[0]))
        with (
            full(site, "learner_totals_delta"),
            pytest.raises(AssertionError, match="No space left on device"),
        ):
            site.server.manage("refresh")
        (after,) = site.server.rows("select refresh_id, computed_at from analytics_stamp")
        (run,) = site.server.rows(
            "select status, error from analytics_refreshrun order by id desc limit 1"
        )

        assert after == before
        assert learners_shown(site) == shown
        assert run["status"] == "failed"
        assert "No space left on device" in run["error"]
        site.server.manage("refresh")


DISK_FULL = "No space left on device"


def empty_days(site: Site) -> list[tuple[str, dt.datetime]]:
    """Partitions of the ledger that hold nothing yet, and a time that each of them is for."""
    noon = dt.datetime.now(dt.UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    days = [noon - dt.timedelta(days=ago) for ago in range(1, 7)]
    named = {f"tracking_pulse_{day:%Y_%m_%d}": day for day in days}
    found = site.server.rows(
        "select relname from pg_class where relname = any(%s)"
        " and pg_relation_size(oid) = 0 order by relname",
        [list(named)],
    )
    return [(row["relname"], named[row["relname"]]) for row in found]


@contextlib.contextmanager
def full(site: Site, relation: str) -> Iterator[None]:
    """Put what is always full in the place of a relation's file, which has to be empty."""
    (row,) = site.server.rows(
        "select pg_relation_filepath(%(name)s) as path, pg_relation_size(%(name)s) as size",
        {"name": relation},
    )
    assert row["size"] == 0, f"{relation} is not empty"
    file = existing_cluster(site.server.home) / row["path"]
    aside = file.with_name(f"{file.name}.aside")
    file.rename(aside)
    file.symlink_to("/dev/full")
    try:
        forget_open_files(site)
        yield
    finally:
        file.unlink()
        aside.rename(file)
        forget_open_files(site)


def forget_open_files(site: Site) -> None:
    """End the sessions of others; whoever comes next opens files anew."""
    site.server.rows(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
        " where backend_type = 'client backend' and pid <> pg_backend_pid()"
    )


def learners_shown(site: Site) -> list[dict[str, Any]]:
    return site.server.rows(
        "select learner_id, engagement_score, session_count, computed_at"
        " from analytics.learner_snapshot order by learner_id"
    )


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
