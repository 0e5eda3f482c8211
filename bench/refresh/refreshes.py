"""One refresh: how long it took, what it wrote, how much memory it held."""

import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import psutil
import psycopg

from bench.errors import BenchmarkError
from bench.processes import Running
from bench.refresh.memory import PeakMemory, postgres_memory, program_memory
from bench.servers import connect, log_of
from config.embedded.addresses import CHECKOUT
from config.embedded.services import EmbeddedServices

POLL_SECONDS = 0.02
# Longer than a refresh may take: the product ends one before.
LONGEST_SECONDS = 3700


class Step(StrEnum):
    """A refresh, by what happened before it."""

    FULL = "full"
    IDLE = "idle"
    # The one before was idle, too, and no checkpoint came between.
    IDLE_AGAIN = "idle again"
    TOUCHED_2 = "touched 2 %"
    # With those 2 % in the delta.
    IDLE_AFTER_2 = "idle after 2 %"
    TOUCHED_10 = "touched 10 %"

    @property
    def touched_percent(self) -> int:
        """Return the share of the learners that have written since the refresh before."""
        return {Step.TOUCHED_2: 2, Step.TOUCHED_10: 10}.get(self, 0)


# The order in which a round takes them: each full one empties the delta.
ROUND = (
    Step.FULL,
    Step.IDLE,
    Step.IDLE_AGAIN,
    Step.TOUCHED_2,
    Step.IDLE_AFTER_2,
    Step.FULL,
    Step.TOUCHED_10,
)


@dataclass(frozen=True)
class Refresh:
    """What was measured. `history` is how many times over the learners' past is there.

    `process_memory` is that of the Python processes, `postgres_memory` that of the backends without
    what they share, both in bytes at their highest.
    """

    step: Step
    history: int
    touched: int
    seconds: float
    wal_bytes: int
    view_ms: dict[str, float]
    view_rows: dict[str, int]
    process_memory: int
    postgres_memory: int


@dataclass(frozen=True)
class Refresher:
    """Has the product refresh and looks on: in full by command, else by the worker's task."""

    services: EmbeddedServices
    environment: Mapping[str, str]
    worker: Running

    def measure(self, step: Step, *, history: int, touched: int) -> Refresh:
        """Refresh once. Raises BenchmarkError when it fails.

        It comes right after a checkpoint, when the first change of a page writes the whole page to
        the log: the most that a refresh can write.
        """
        is_full = step is Step.FULL
        arguments = (
            ["manage.py", "refresh", "--base"]
            if is_full
            else ["-m", "celery", "-A", "workers.celery", "call", "analytics.refresh_views"]
        )
        postmaster = psutil.Process(self.services.status().postgres)
        with connect(self.services) as connection:
            if step is not Step.IDLE_AGAIN:
                connection.execute("checkpoint")
            latest = _one(connection, "select coalesce(max(id), 0) from analytics_refreshrun")
            wal = _one(connection, "select pg_current_wal_insert_lsn()")
            with self._started(arguments) as command:
                process = Running(command.pid) if is_full else self.worker
                watched = {
                    "process": program_memory(process),
                    "postgres": postgres_memory(postmaster),
                }
                with PeakMemory(watched) as memory:
                    seconds, tier, reason, views = self._run_after(connection, latest, command)
                    wal_bytes = _one(
                        connection, "select pg_current_wal_insert_lsn() - %s::pg_lsn", wal
                    )
        if (tier == "base") is not is_full:
            raise BenchmarkError(
                f"the refresh {step!r} was of the tier {tier}{reason and f', as {reason}'}; a run "
                "has to end before the next UTC day begins"
            )
        return Refresh(
            step=step,
            history=history,
            touched=touched,
            seconds=round(seconds, 3),
            wal_bytes=int(wal_bytes),
            view_ms={view["view"]: view["milliseconds"] for view in views},
            view_rows={view["view"]: view["rows"] for view in views},
            process_memory=memory.peaks["process"],
            postgres_memory=memory.peaks["postgres"],
        )

    def _started(self, arguments: list[str]) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=CHECKOUT,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _run_after(
        self, connection: psycopg.Connection, latest: int, command: "subprocess.Popen[str]"
    ) -> tuple[float, str, str, list[dict[str, Any]]]:
        """Wait for the run that follows; its seconds, tier, reason for a base, and views.

        Raises BenchmarkError.
        """
        deadline = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < deadline:
            found = connection.execute(
                "select status, error, extract(epoch from finished_at - started_at), tier,"
                " base_reason, views"
                " from analytics_refreshrun where id > %s and status <> 'running'",
                [latest],
            ).fetchone()
            if found:
                status, error, seconds, tier, reason, views = found
                if status != "done":
                    raise BenchmarkError(f"a refresh was {status}: {error}")
                return float(seconds), tier, reason, views
            if command.poll():
                assert command.stderr is not None
                raise BenchmarkError(f"a refresh could not be started: {command.stderr.read()}")
            time.sleep(POLL_SECONDS)
        raise BenchmarkError(
            f"no refresh was done in {LONGEST_SECONDS} s; the end of the worker's log:\n"
            f"{log_of(self.services, 'worker')}"
        )


def _one(connection: psycopg.Connection, query: str, *values: object) -> Any:
    row = connection.execute(query, values).fetchone()
    assert row is not None
    return row[0]
