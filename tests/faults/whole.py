"""The product as `make run` runs it, on servers of its own that can be stopped and lamed."""

import contextlib
import os
import secrets
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import httpx
import psutil
import psycopg
from psycopg.rows import dict_row
from redis import Redis

from config.embedded.processes import still_alive
from config.embedded.services import EmbeddedServices
from tests.factories import make_learner, make_module, make_user
from tests.faults.connection import local_client
from tests.flows.running_stack import Stack, stack_in
from tracking.models import User
from tracking.tokens import access_token_for

# So that what happens within two intervals can be waited for.
INTERVAL_SECONDS = 2
STALE_SECONDS = 4
OUTDATED_SECONDS = 8
WAIT_SECONDS = 60
SUMMARY = "/api/analytics/manager/team-summary/"
COMMAND = "from tests.faults.whole import populate; print(populate())"


@dataclass
class Whole:
    """A running stack, its servers, and somebody to learn and to manage."""

    stack: Stack
    services: EmbeddedServices
    learner: dict[str, str]
    manager: dict[str, str]
    pulse_path: str

    # --- What people see ---------------------------------------------------------------------

    def get(self, path: str, *, timeout: float = 10) -> httpx.Response:
        """As the manager."""
        with local_client(base_url=self.stack.base_url, timeout=timeout) as http:
            return http.get(path, headers=self.manager)

    def post(self, path: str, body: Any, *, who: dict[str, str]) -> httpx.Response:
        with local_client(base_url=self.stack.base_url, timeout=10) as http:
            return http.post(path, json=body, headers=who)

    def is_pulse_recorded(self) -> bool:
        """Send one as the learner."""
        reply = self.post(self.pulse_path, {"duration_delta": 15}, who=self.learner)
        return reply.status_code == 200 and reply.json()["status"] == "recorded"

    def data_status(self) -> str:
        """How old the figures call themselves; never less than they are."""
        before = time.monotonic()
        reply = self.get(SUMMARY)
        assert reply.status_code == 200, reply.text
        (stamp,) = self.rows(
            "select extract(epoch from clock_timestamp() - computed_at) as age from analytics_stamp"
        )
        # At least so old were they when the answer was made, had nothing been refreshed since.
        age = float(stamp["age"]) - (time.monotonic() - before) - 0.5
        status: str = reply.headers["X-Data-Status"]
        if age > OUTDATED_SECONDS:
            assert status == "outdated"
        elif age > STALE_SECONDS:
            assert status in {"stale", "outdated"}
        return status

    def is_alarm_on(self) -> bool:
        return self.get("/healthz/data").status_code == 503

    # --- What is on record -------------------------------------------------------------------

    def rows(self, statement: LiteralString) -> list[dict[str, Any]]:
        with psycopg.connect(self.services.database_url, row_factory=dict_row) as session:
            return session.execute(statement).fetchall()

    def latest_run(self) -> int:
        (row,) = self.rows("select coalesce(max(id), 0) as id from analytics_refreshrun")
        return int(row["id"])

    def runs_since(self, run: int) -> list[str]:
        """How each later run ended, the first one first."""
        rows = self.rows("select id, status from analytics_refreshrun order by id")
        return [row["status"] for row in rows if row["id"] > run]

    def until_refreshed(self, times: int = 1, *, seconds: float = WAIT_SECONDS) -> float:
        """Wait for so many refreshes from now on; how many seconds that took."""
        started, run = time.monotonic(), self.latest_run()
        until(lambda: self.runs_since(run).count("done") >= times, seconds=seconds)
        return time.monotonic() - started

    # --- What can be lamed -------------------------------------------------------------------

    def processes_of(self, program: str) -> list[psutil.Process]:
        """The process of worker or beat, and below it, in the order of their birth."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                command = process.cmdline()
                is_celery = {"celery", program, "workers.celery"} <= set(command)
                if is_celery and process.environ()["PULSEBOARD_HOME"] == str(self.stack.home):
                    found.append(process)
        return sorted(found, key=lambda process: process.create_time())

    def signal(self, processes: list[psutil.Process], number: signal.Signals) -> None:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, number)

    def kill(self, processes: list[psutil.Process]) -> None:
        """Kill -9; return when they are dead."""
        self.signal(processes, signal.SIGKILL)
        assert still_alive(processes, timeout=WAIT_SECONDS) == []

    @property
    def broker(self) -> psutil.Process:
        pid = self.services.status().valkey
        assert pid is not None
        return psutil.Process(pid)

    def ask_broker(self, *command: str) -> Any:
        with Redis.from_url(self.services.redis_url, socket_timeout=5) as client:
            return client.execute_command(*command)

    def repair(self) -> None:
        """Have everything run again, whatever a failed test has left."""
        if self.services.status().valkey is not None:
            self.signal([self.broker], signal.SIGCONT)
        self.services.start_valkey()
        self.ask_broker("CONFIG", "SET", "maxmemory", "0")
        for program in ("worker", "beat"):
            self.signal(self.processes_of(program), signal.SIGCONT)
        self.until_refreshed(seconds=90)


@contextlib.contextmanager
def running(home: Path) -> Iterator[Whole]:
    """All of it, refreshed once by its own beat."""
    services = EmbeddedServices(home / "servers")
    given = {
        "DATABASE_URL": services.database_url,
        "REDIS_URL": services.redis_url,
        "SECRET_KEY": secrets.token_urlsafe(64),
        "REFRESH_INTERVAL_SECONDS": str(INTERVAL_SECONDS),
        "REFRESH_LOCK_TIMEOUT_MS": "60000",
        "ACCESS_TOKEN_MINUTES": "60",
        "DATA_STALE_SECONDS": str(STALE_SECONDS),
        "DATA_OUTDATED_SECONDS": str(OUTDATED_SECONDS),
    }
    services.start(durable=False)
    (home / "stack").mkdir()
    try:
        with stack_in(home / "stack", given) as stack:
            stack.start()
            made = stack.manage("shell", "--verbosity=0", "--command", COMMAND).split()
            learner, manager, module, resource = made
            whole = Whole(
                stack,
                services,
                {"Authorization": f"Bearer {learner}"},
                {"Authorization": f"Bearer {manager}"},
                f"/api/modules/{module}/resources/{resource}/complete/",
            )
            whole.until_refreshed()
            yield whole
    finally:
        services.remove()


def populate() -> str:
    """In the stack's database: tokens of a learner and of a manager, a module and a resource."""
    learner, manager = make_learner(), make_user("manager")
    resource = make_module().resources.get()
    tokens = [access_token_for(User.objects.get(pk=user.pk)) for user in (learner, manager)]
    return " ".join([*tokens, str(resource.module_id), str(resource.pk)])


def until(condition: Callable[[], bool], *, seconds: float = WAIT_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not in {seconds} s"
        time.sleep(0.1)
