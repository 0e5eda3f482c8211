"""The web process over a durable PostgreSQL, both of their own, with ways to break either."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, LiteralString

import httpx
import psutil
import psycopg
from psycopg.rows import dict_row

from config.embedded.account import run_as, service_account
from config.embedded.addresses import CHECKOUT
from config.embedded.binaries import postgres_binaries
from config.embedded.cluster import existing_cluster
from config.embedded.processes import end, still_alive
from config.embedded.services import EmbeddedServices
from config.stack.options import Options
from config.stack.programs import programs
from tests.faults.connection import local_client

START_SECONDS = 60
WAIT_SECONDS = 20
# granian takes two deaths of a worker within 5.5 seconds for a crash loop and gives up; the
# supervisor that would start it again is no part of this server.
SECONDS_BETWEEN_KILLS = 7.0
# What PostgreSQL logs when it has ended all of its processes and is going to recover.
RECOVERY = "all server processes terminated; reinitializing"

Rows = list[dict[str, Any]]
Parameters = Sequence[Any] | Mapping[str, Any]


@dataclass
class Server:
    """PostgreSQL and web in a home of their own; no Redis, which tracking does not need."""

    home: Path
    secret_key: str
    port: int = 0
    # Bound and never listening: what connects to it is refused for as long as this server lives.
    _closed_port: socket.socket = field(default_factory=socket.socket)
    _web: subprocess.Popen[bytes] | None = None
    _killed_at: float = 0.0

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def postgres_log(self) -> str:
        return (self.home / "postgres.log").read_text(errors="replace")

    @property
    def web_log(self) -> str:
        return (self.home / "web.log").read_text(errors="replace")

    def start(self) -> None:
        """Have PostgreSQL run, deployed to, and web answer."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._closed_port.bind(("127.0.0.1", 0))
        self.start_postgres()
        self.manage("deploy")
        self._start_web()

    def stop(self) -> None:
        """End everything that was started, and delete it."""
        if self._web is not None:
            workers = self.web_workers()
            self._web.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._web.wait(timeout=15)
            end([psutil.Process(self._web.pid)] if self._web.poll() is None else [], timeout=5)
            end(workers, timeout=5)
            self._web.wait(timeout=5)
        self._closed_port.close()
        self._services.remove()

    def manage(self, *arguments: str) -> str:
        """Run a command of manage.py against this server; return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=CHECKOUT,
            env=self._environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def until_serving(self, seconds: float = WAIT_SECONDS) -> float:
        """Wait until web answers from the database; return how many seconds that took."""
        started = time.monotonic()
        problem = ""
        with local_client(timeout=seconds) as client:
            while time.monotonic() - started < seconds and self._is_web_alive():
                try:
                    reply = client.get(f"{self.base_url}/readyz")
                    if reply.status_code == 200:
                        return time.monotonic() - started
                    problem = reply.text
                except httpx.TransportError as error:
                    problem = repr(error)
                time.sleep(0.05)
        raise AssertionError(f"not serving in {seconds} s: {problem}\n{self.web_log[-3000:]}")

    def repair(self) -> None:
        """Have everything run again, whatever a failed test has left."""
        self.start_postgres()
        if not self._is_web_alive():
            self._start_web()
        self.until_serving()

    # --- The database ------------------------------------------------------------------------

    def connect(self) -> psycopg.Connection[dict[str, Any]]:
        url = self._services.database_url
        return psycopg.connect(url, row_factory=dict_row, connect_timeout=5)

    def rows(self, statement: LiteralString, parameters: Parameters = ()) -> Rows:
        with self.connect() as connection:
            return connection.execute(statement, parameters).fetchall()

    @contextlib.contextmanager
    def locked(self, statement: LiteralString, parameters: Parameters = ()) -> Iterator[None]:
        """Hold what a locking statement locks, so that what needs it waits inside PostgreSQL."""
        with self.connect() as connection:
            assert connection.execute(statement, parameters).fetchall(), "there is nothing to lock"
            yield
            connection.rollback()

    def until_waiting(self, count: int) -> None:
        """Return when that many statements wait for a lock."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            (row,) = self.rows(
                "select count(*) as waiting from pg_stat_activity"
                " where wait_event_type = 'Lock' and datname = current_database()"
            )
            if row["waiting"] >= count:
                return
            time.sleep(0.05)
        raise AssertionError(f"{count} statements were to wait for a lock, {row['waiting']} do")

    def start_postgres(self) -> None:
        """Start it the way the product does; one that was killed recovers first."""
        self._services.start_postgres(durable=True)

    def stop_postgres_immediately(self) -> None:
        """As a power cut would: nothing is finished, nothing is flushed."""
        account = service_account()
        pg_ctl = str(postgres_binaries(account) / "pg_ctl")
        data = f"--pgdata={existing_cluster(self.home)}"
        done = run_as(account, [pg_ctl, "stop", "--wait", "--mode=immediate", data])
        assert done.returncode == 0, done.stdout

    def kill_a_backend(self) -> None:
        """Kill -9 a process that serves web; return when PostgreSQL has ended all others for it."""
        deadline = time.monotonic() + WAIT_SECONDS
        recoveries = self.postgres_log.count(RECOVERY)
        is_killed = False
        while not is_killed:
            assert time.monotonic() < deadline, "no backend was at work"
            for row in self.rows(
                "select pid from pg_stat_activity where datname = current_database()"
                " and backend_type = 'client backend' and pid <> pg_backend_pid()"
                " and state <> 'idle' limit 1"
            ):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(row["pid"], signal.SIGKILL)
                    is_killed = True
        while self.postgres_log.count(RECOVERY) == recoveries:
            assert time.monotonic() < deadline, "PostgreSQL does not mind"
            time.sleep(0.02)

    # --- The web process ---------------------------------------------------------------------

    def web_workers(self) -> list[psutil.Process]:
        assert self._web is not None
        try:
            children = psutil.Process(self._web.pid).children()
        except psutil.NoSuchProcess:
            return []
        return [child for child in children if child.status() != psutil.STATUS_ZOMBIE]

    def worker_serving(self, client_port: int) -> psutil.Process:
        """Return the worker that holds the connection from that port."""
        for worker in self.web_workers():
            for connection in worker.net_connections(kind="tcp"):
                if connection.raddr and connection.raddr.port == client_port:
                    return worker
        raise AssertionError(f"no worker serves port {client_port}")

    def kill(self, worker: psutil.Process) -> None:
        """Kill -9 a worker; return when it is dead."""
        time.sleep(max(0.0, self._killed_at + SECONDS_BETWEEN_KILLS - time.monotonic()))
        worker.kill()
        assert still_alive([worker], timeout=WAIT_SECONDS) == []
        self._killed_at = time.monotonic()

    def until_workers(self, count: int) -> None:
        """Return when that many workers live and web answers."""
        deadline = time.monotonic() + WAIT_SECONDS
        while len(self.web_workers()) != count:
            assert time.monotonic() < deadline, self.web_log[-3000:]
            time.sleep(0.05)
        self.until_serving()

    def _is_web_alive(self) -> bool:
        return self._web is not None and self._web.poll() is None

    def _start_web(self) -> None:
        """Start it by the very command and settings that `make run` has."""
        options = Options(
            services=self._services,
            host="127.0.0.1",
            port=self.port,
            database_url=self._services.database_url,
            redis_url=self._environment["REDIS_URL"],
            has_secret_key=True,
        )
        (web,) = (program for program in programs(options) if program.name == "web")
        with (self.home / "web.log").open("ab") as log:
            self._web = subprocess.Popen(
                ["/bin/sh", "-c", f"exec {web.command}"],
                cwd=CHECKOUT,
                env=self._environment | dict(web.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.until_serving(START_SECONDS)

    @property
    def _services(self) -> EmbeddedServices:
        return EmbeddedServices(self.home)

    @property
    def _environment(self) -> dict[str, str]:
        programs_path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {
            "PATH": programs_path,
            "PULSEBOARD_HOME": str(self.home),
            "DATABASE_URL": self._services.database_url,
            "REDIS_URL": f"redis://127.0.0.1:{self._closed_port.getsockname()[1]}/0",
            "SECRET_KEY": self.secret_key,
        }
