"""What refreshes dies, hangs, is there twice, or has no broker: learners notice nothing of it.

Of the running product, with an interval of two seconds: figures are stale after two of them and
outdated after four.
"""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.embedded.addresses import CHECKOUT
from tests.faults.whole import INTERVAL_SECONDS, SUMMARY, Whole, running, until

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

REFRESH = "/api/analytics/manager/refresh/"
OUT_OF_MEMORY = "command not allowed when used memory > 'maxmemory'"
NOTICED = "Nobody has tried to refresh"
# Two intervals, the time to end in order, and a new start.
RESTARTED_SECONDS = 60
# How long PostgreSQL lets a refresh do nothing between two statements.
IDLE_SECONDS = 60
# For connections that the broker lost to come back: Celery waits longer from try to try.
RECONNECTED_SECONDS = 90


@pytest.fixture(scope="module")
def one_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    """One for all tests, as its start takes many seconds."""
    with running(tmp_path_factory.mktemp("whole")) as whole:
        yield whole


@pytest.fixture
def whole(one_stack: Whole) -> Whole:
    """The same, refreshing."""
    one_stack.repair()
    return one_stack


class TestBeat:
    def test_killed_is_started_again(self, whole: Whole) -> None:
        killed = whole.processes_of("beat")

        whole.kill(killed)

        until(lambda: whole.processes_of("beat") != [])
        assert whole.is_pulse_recorded()
        whole.until_refreshed(times=2)
        assert whole.data_status() == "fresh"

    def test_stopped_is_noticed_and_started_again(self, whole: Whole) -> None:
        assert_noticed_and_restarted(whole, "beat")

    def test_there_twice_serves_each_tick_once(self, whole: Whole, tmp_path: Path) -> None:
        before = whole.latest_run()
        with second_beat(whole, tmp_path):
            until(lambda: whole.runs_since(before).count("skipped") >= 4)

        (row,) = whole.rows(
            "select min(gap) as shortest from (select started_at - lag(started_at)"
            " over (order by started_at) as gap from analytics_refreshrun"
            f" where id > {before:d} and status = 'done') as done"
        )
        assert row["shortest"].total_seconds() >= INTERVAL_SECONDS * 2 / 3 - 0.1
        assert whole.data_status() == "fresh"


class TestTheWorker:
    def test_whose_children_are_killed_has_others_by_the_next_tick(self, whole: Whole) -> None:
        parent, *children = whole.processes_of("worker")

        whole.kill(children)

        whole.until_refreshed(times=2, seconds=20)
        assert parent in whole.processes_of("worker")
        assert len(whole.processes_of("worker")) == 1 + len(children)

    def test_killed_is_started_again_and_leaves_no_child(self, whole: Whole) -> None:
        parent, *children = whole.processes_of("worker")

        whole.kill([parent])

        assert whole.is_pulse_recorded()
        whole.until_refreshed(times=2)
        until(lambda: not set(children) & set(whole.processes_of("worker")))
        assert whole.data_status() == "fresh"

    def test_stopped_is_noticed_and_started_again(self, whole: Whole) -> None:
        assert_noticed_and_restarted(whole, "worker")

    def test_stopped_inside_a_refresh_loses_the_lock_that_it_holds(self, whole: Whole) -> None:
        before, told = whole.latest_run(), whole.stack.output.count(NOTICED)
        with policy_locked(whole):
            until(lambda: "running" in whole.runs_since(before))
            whole.signal(whole.processes_of("worker"), signal.SIGSTOP)

        until(lambda: whole.data_status() == "outdated")
        assert whole.stack.output.count(NOTICED) == told
        until(lambda: whole.stack.output.count(NOTICED) > told, seconds=IDLE_SECONDS + 60)
        whole.until_refreshed(times=2)
        assert whole.data_status() == "fresh"


class TestTheBroker:
    def test_down_and_back_empty_is_no_matter_for_learners_and_no_burst_follows(
        self, whole: Whole
    ) -> None:
        restarts = whole.stack.output.count("are started anew")
        whole.kill([whole.broker])
        until(lambda: whole.data_status() == "outdated")
        assert whole.is_pulse_recorded()
        assert whole.is_alarm_on()
        time.sleep(5 * INTERVAL_SECONDS)

        whole.services.start_valkey()
        whole.until_refreshed(seconds=RECONNECTED_SECONDS)
        before = whole.latest_run()
        time.sleep(5 * INTERVAL_SECONDS)

        assert len(whole.runs_since(before)) <= 6
        assert whole.data_status() == "fresh"
        assert not whole.is_alarm_on()
        assert "the broker" in whole.stack.output
        assert whole.stack.output.count("are started anew") == restarts

    def test_stopped_keeps_nobody_waiting(self, whole: Whole) -> None:
        """Its connections stand, and nothing comes."""
        whole.signal([whole.broker], signal.SIGSTOP)
        time.sleep(3 * INTERVAL_SECONDS)

        started = time.monotonic()
        asked = whole.post(REFRESH, {}, who=whole.manager)
        took = time.monotonic() - started
        assert (asked.status_code, asked.headers["Retry-After"]) == (503, "5")
        assert took < 5
        assert whole.is_pulse_recorded()
        assert whole.data_status() in {"stale", "outdated"}

        whole.signal([whole.broker], signal.SIGCONT)
        whole.until_refreshed(seconds=RECONNECTED_SECONDS)
        until(lambda: whole.data_status() == "fresh")

    def test_out_of_memory_is_seen_and_alarmed(self, whole: Whole) -> None:
        log = whole.stack.home / "log" / "beat.log"
        seen = log.read_text().count(OUT_OF_MEMORY)
        whole.ask_broker("CONFIG", "SET", "maxmemory", "1")

        until(whole.is_alarm_on)
        asked = whole.post(REFRESH, {}, who=whole.manager)
        assert (asked.status_code, asked.headers["Retry-After"]) == (503, "5")
        assert log.read_text().count(OUT_OF_MEMORY) > seen
        assert whole.is_pulse_recorded()
        assert whole.data_status() == "outdated"

        whole.ask_broker("CONFIG", "SET", "maxmemory", "0")
        whole.until_refreshed(seconds=RECONNECTED_SECONDS)
        until(lambda: not whole.is_alarm_on())


class TestARefresh:
    def test_longer_than_its_interval_has_ticks_skipped_and_keeps_nobody_waiting(
        self, whole: Whole
    ) -> None:
        """It waits in its first statements, for a lock that no reader and no writer needs."""
        before, shown = whole.latest_run(), whole.get(SUMMARY).headers["X-Refresh-Id"]
        waited = []
        with policy_locked(whole):
            until(lambda: "running" in whole.runs_since(before))
            while whole.runs_since(before).count("skipped") < 4:
                started = time.monotonic()
                assert whole.is_pulse_recorded()
                reply = whole.get(SUMMARY)
                waited.append(time.monotonic() - started)
                assert reply.status_code == 200
                assert int(reply.headers["X-Refresh-Id"]) in {int(shown), before}
                whole.data_status()
                time.sleep(0.2)
        whole.until_refreshed(times=2)

        assert max(waited) < 2
        assert "failed" not in whole.runs_since(before)
        assert_views_agree(whole)


# --- Helpers ---------------------------------------------------------------------------------


def assert_noticed_and_restarted(whole: Whole, program: str) -> None:
    """Stop it by a signal: learners go on, figures call themselves old, and it is replaced."""
    stopped = whole.processes_of(program)
    told = whole.stack.output.count(NOTICED)
    whole.signal(stopped, signal.SIGSTOP)

    until(lambda: whole.data_status() == "stale")
    assert whole.is_pulse_recorded()
    until(whole.is_alarm_on)
    until(lambda: whole.stack.output.count(NOTICED) > told)
    until(
        lambda: (
            len(whole.processes_of(program)) >= len(stopped)
            and not set(stopped) & set(whole.processes_of(program))
        ),
        seconds=RESTARTED_SECONDS,
    )
    whole.until_refreshed(times=2)
    assert whole.data_status() == "fresh"
    assert not whole.is_alarm_on()


@contextlib.contextmanager
def policy_locked(whole: Whole) -> Iterator[None]:
    """A refresh waits for it, in its transaction; no reader and no writer needs it."""
    with psycopg.connect(whole.services.database_url) as session:
        session.execute("lock table analytics_policy in access exclusive mode")
        yield


@contextlib.contextmanager
def second_beat(whole: Whole, directory: Path) -> Iterator[None]:
    schedule = str(directory / "schedule")
    with (directory / "beat.log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "celery", "-A", "workers.celery", "beat"),
                *("--pidfile=", "--schedule", schedule),
            ],
            cwd=CHECKOUT,
            env=whole.stack.environment | {"PULSEBOARD_HOME": str(directory)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def assert_views_agree(whole: Whole) -> None:
    """With one another, and with what was recorded."""
    assert whole.stack.manage("reconcile", "--all").endswith("\n0 figures differ.\n")
