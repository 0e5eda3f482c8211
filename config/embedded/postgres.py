"""The embedded PostgreSQL server: started, found and stopped."""

import contextlib
import shlex
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from config.embedded.account import (
    Account,
    ensure_private_directory,
    run_as,
    service_account,
)
from config.embedded.addresses import DATABASE, DATABASE_ROLE, socket_directory
from config.embedded.binaries import postgres_binaries
from config.embedded.cluster import cluster_to_use, ensure_cluster, existing_cluster
from config.embedded.errors import EmbeddedServiceError
from config.embedded.processes import command_line, end, last_line, open_log, read_pid, tail

START_TIMEOUT_SECONDS = 120
STOP_TIMEOUT_SECONDS = 30

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "cluster_name": "pulseboard",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
THROWAWAY_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgres:
    """The server of one home. Whoever starts or stops it holds the lock of that home."""

    home: Path

    def start(self, *, durable: bool) -> None:
        """Have it run with the database created; one that runs stays as it is.

        Raises EmbeddedServiceError.
        """
        account = service_account()
        ensure_private_directory(self._sockets, account)
        data = cluster_to_use(self.home, account)
        binaries = postgres_binaries(account)
        if not (_postmaster_pid(data) and self._answers()):
            self._stop(data)
            ensure_cluster(data, binaries, account, durable=durable)
            self._clear_remains(data)
            self._launch(data, binaries, account, durable=durable)
        self._ensure_database()

    def stop(self) -> None:
        """Stop it; one that does not run is fine. Raises EmbeddedServiceError."""
        self._stop(existing_cluster(self.home))

    def pid(self) -> int | None:
        """Return the process id of the running server."""
        return _postmaster_pid(existing_cluster(self.home))

    @property
    def _sockets(self) -> Path:
        return socket_directory(self.home)

    @property
    def _log(self) -> Path:
        return self.home / "postgres.log"

    @property
    def _conninfo(self) -> str:
        """Address the database that is always there."""
        return make_conninfo(
            host=str(self._sockets), user=DATABASE_ROLE, dbname="postgres", connect_timeout=5
        )

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._conninfo).close()
        except psycopg.Error:
            return False
        return True

    def _clear_remains(self, data: Path) -> None:
        """Remove what a killed server left; called only when no postmaster of ours runs.

        PostgreSQL copes with a stale pid file itself, except when another process has since been
        given that pid. The file also guards against orphaned backends, so those go first.
        """
        end(_orphaned_backends(data), timeout=5)
        (data / "postmaster.pid").unlink(missing_ok=True)
        for remains in self._sockets.glob(".s.PGSQL.*"):
            remains.unlink(missing_ok=True)

    def _launch(
        self, data: Path, binaries: Path, account: Account | None, *, durable: bool
    ) -> None:
        settings = SETTINGS | {"unix_socket_directories": str(self._sockets)}
        settings |= {} if durable else THROWAWAY_SETTINGS
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(binaries / "pg_ctl"), "start", "--silent", "--wait"]
        command += [f"--timeout={START_TIMEOUT_SECONDS}", f"--pgdata={data}"]
        command += ["--options", shlex.join(options)]
        # The server inherits the open log: its account may not be able to reach the path.
        with open_log(self._log) as log:
            done = run_as(account, command, output=log)
        if done.returncode != 0:
            raise EmbeddedServiceError(
                f"PostgreSQL did not start on {data}; "
                f"the end of its log, {self._log}:\n{tail(self._log)}"
            )

    def _ensure_database(self) -> None:
        try:
            with psycopg.connect(self._conninfo, autocommit=True) as connection:
                known = connection.execute(
                    "select 1 from pg_database where datname = %s", [DATABASE]
                ).fetchone()
                if known is None:
                    connection.execute(
                        sql.SQL("create database {}").format(sql.Identifier(DATABASE))
                    )
        except psycopg.Error as error:
            raise EmbeddedServiceError(
                f"the embedded PostgreSQL in {self.home} refused to create the database "
                f"{DATABASE}: {last_line(str(error))}; see {self._log}"
            ) from error

    def _stop(self, data: Path) -> None:
        pid = _postmaster_pid(data)
        if pid is None:
            return
        account = service_account()
        pg_ctl = str(postgres_binaries(account) / "pg_ctl")
        command = [pg_ctl, "stop", "--silent", "--wait", f"--timeout={STOP_TIMEOUT_SECONDS}"]
        for mode in ("fast", "immediate"):
            done = run_as(account, [*command, f"--pgdata={data}", f"--mode={mode}"])
            if done.returncode == 0 or _postmaster_pid(data) is None:
                return
        raise EmbeddedServiceError(
            f"PostgreSQL (pid {pid}) on {data} does not stop: {last_line(done.stdout)}; "
            f"see {self._log}"
        )


def _postmaster_pid(data: Path) -> int | None:
    """Return the pid of the server that works on `data`, told by its command line."""
    pid = read_pid(data / "postmaster.pid")
    command = command_line(pid)
    ours = "-D" in command and command[command.index("-D") + 1 :][:1] == [str(data)]
    return pid if ours else None


def _orphaned_backends(data: Path) -> list[psutil.Process]:
    """Return backends that outlived a killed postmaster; they notice it within moments."""
    orphans = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.name().startswith("postgres") and process.cwd() == str(data):
                orphans.append(process)
    return orphans
