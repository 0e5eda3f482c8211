"""The whole product in one terminal: what `make run` executes.

    StackError     the stack cannot start or go on; one clear message, exit code 1
    Interrupted    a signal asked for an orderly end; exit code 0

`python -m config.stack` checks the machine, starts the embedded services that no address is given
for, prepares the database and runs web, worker and beat under supervisord until a signal comes.
`python -m config.stack stop` ends a stack from another terminal, and the remains of a killed one.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import fcntl
import importlib
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import xmlrpc.client
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, Any

import httpx
import psutil
import psycopg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.embedded import (
    CHECKOUT,
    EmbeddedServiceError,
    EmbeddedServices,
    default_home,
    still_alive,
)

OLDEST_PYTHON, FIRST_UNSUPPORTED_PYTHON = (3, 11), (3, 15)
# Every process of a stack carries this variable with the stack's home as its value.
MARKER = "PULSEBOARD_STACK"
CONNECT_TIMEOUT_SECONDS = 5
READY_TIMEOUT_SECONDS = 120
STOP_TIMEOUT_SECONDS = 75
POSTGRES_SCHEMES = frozenset({"postgres", "postgresql", "pgsql", "psql"})
# States of supervisord that mean: not running, and not going to be.
GIVEN_UP = frozenset({"FATAL", "EXITED", "UNKNOWN"})


class StackError(Exception):
    """The stack cannot start, or cannot go on; the message says why and what to do."""


class Interrupted(Exception):
    """SIGINT, SIGTERM or SIGHUP asked the stack to end."""


@dataclass(frozen=True)
class Options:
    """What the environment says about this stack; an address of None means: embedded."""

    services: EmbeddedServices
    host: str
    port: int
    database_url: str | None
    redis_url: str | None

    @property
    def home(self) -> Path:
        return self.services.home

    @property
    def logs(self) -> Path:
        return self.home / "log"

    @property
    def base_url(self) -> str:
        """The address under which this machine reaches the web process."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


@dataclass(frozen=True)
class Program:
    """One process that supervisord keeps; the command is the shell's, run in the checkout."""

    name: str
    command: str
    priority: int
    stop_seconds: int = 10
    # Whether SIGTERM goes to its children as well, or is for it alone to pass on.
    stop_as_group: bool = True
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)
    # An essential program is restarted whenever it ends, and the stack ends when that fails.
    essential: bool = True


class StopRequest:
    """Remembers that a signal came; the work looks at it where it can end cleanly."""

    def __init__(self) -> None:
        self.received = False

    def listen(self) -> None:
        """Take over SIGINT, SIGTERM and SIGHUP."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._receive)

    def _receive(self, _number: int, _frame: FrameType | None) -> None:
        # Nothing is cut short by a second Ctrl-C: cutting the stop short is what leaves orphans.
        if self.received:
            os.write(2, b"Still stopping, one moment ...\n")
        self.received = True

    def check(self) -> None:
        """Raise Interrupted once a signal has come."""
        if self.received:
            raise Interrupted

    def sleep(self, seconds: float) -> None:
        """Wait, but no longer than until a signal comes; then raise Interrupted."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.check()
            time.sleep(0.1)
        self.check()


def say(text: str) -> None:
    """Print a line of progress, even when the terminal has just been closed."""
    try:
        print(text, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# --- what is checked before anything starts


def read_options(environment: Mapping[str, str]) -> Options:
    """Read HOST, PORT, DATABASE_URL, REDIS_URL and PULSEBOARD_HOME; raises StackError."""
    port = environment.get("PORT") or "8000"
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise StackError(f"PORT is {port!r}, not a port number from 1 to 65535: make run PORT=8001")
    return Options(
        services=EmbeddedServices(default_home()),
        host=environment.get("HOST") or "127.0.0.1",
        port=int(port),
        database_url=environment.get("DATABASE_URL") or None,
        redis_url=environment.get("REDIS_URL") or None,
    )


def check_python(version: tuple[int, int, int] = sys.version_info[:3]) -> None:
    """Raise StackError for a Python that the locked requirements are not made for."""
    if not OLDEST_PYTHON <= version[:2] < FIRST_UNSUPPORTED_PYTHON:
        found = ".".join(map(str, version))
        raise StackError(
            f"this is Python {found}, but Pulseboard needs 3.11 to 3.14; "
            "name another one: make run PYTHON=python3.12"
        )


def check_home(options: Options) -> None:
    """Create the directories for data and logs; raises StackError when that is not possible."""
    probe = options.logs / f".writable-{os.getpid()}"
    try:
        options.logs.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StackError(
            f"cannot write to {options.home} ({error.strerror}); make it writable, "
            "or choose another directory with PULSEBOARD_HOME"
        ) from error


def check_port(options: Options) -> None:
    """Raise StackError when the web process could not listen on its address."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((options.host, options.port))
    except OSError as error:
        raise StackError(_port_problem(options, error)) from error


def _port_problem(options: Options, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {options.port} is taken by another program; "
            f"choose another with: make run PORT={options.port % 65535 + 1}"
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"port {options.port} is not allowed to this user; try: make run PORT=8000"
    return f"cannot listen on HOST {options.host!r} ({error.strerror}); the default is 127.0.0.1"


def check_database(url: str) -> None:
    """Connect once to the given PostgreSQL. Raises StackError, without the password in it."""
    try:
        parts = urllib.parse.urlsplit(url)
        well_formed = (
            parts.scheme in POSTGRES_SCHEMES
            and parts.netloc.count("@") <= 1
            and not parts.fragment
            and len(parts.path) > 1
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        well_formed = False
    if not well_formed:
        raise StackError(
            "DATABASE_URL is not of the form postgresql://user:password@host:5432/name "
            "(special characters in the password are percent-encoded); correct it, "
            "or unset it to use the embedded PostgreSQL"
        )
    try:
        conninfo = parts._replace(scheme="postgresql").geturl()
        psycopg.connect(conninfo, connect_timeout=CONNECT_TIMEOUT_SECONDS).close()
    except psycopg.Error as error:
        raise StackError(
            f"cannot connect to the database of DATABASE_URL, {_public_address(url)}: "
            f"{_reason(error, url)}; start it or correct the address, "
            "or unset DATABASE_URL to use the embedded PostgreSQL"
        ) from error


def check_redis(url: str) -> None:
    """Ping the given Redis or Valkey. Raises StackError, without the password in it."""
    try:
        client = redis.Redis.from_url(
            url,
            socket_connect_timeout=CONNECT_TIMEOUT_SECONDS,
            socket_timeout=CONNECT_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError as error:
        raise StackError(
            "REDIS_URL is not of the form redis://:password@host:6379/0, rediss:// or "
            "unix:///path; correct it, or unset it to use the embedded Valkey"
        ) from error
    try:
        with client:
            client.ping()
    except (redis.RedisError, OSError) as error:
        raise StackError(
            f"cannot reach the broker of REDIS_URL, {_public_address(url)}: "
            f"{_reason(error, url)}; start it or correct the address, "
            "or unset REDIS_URL to use the embedded Valkey"
        ) from error


def _public_address(url: str) -> str:
    """Return a URL without its user, password and parameters."""
    parts = urllib.parse.urlsplit(url)
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}"


def _reason(error: Exception, url: str) -> str:
    """Return the telling line of a driver's error, with no part of the credentials in it."""
    lines = [line.strip(" \t-") for line in str(error).splitlines() if line.strip()]
    if len(lines) > 1 and lines[0].startswith("Multiple connection attempts"):
        lines = lines[1:]
    reason = lines[0] if lines else type(error).__name__
    password = urllib.parse.urlsplit(url).password or ""
    for secret in {password, urllib.parse.unquote(password)} - {""}:
        reason = reason.replace(secret, "***")
    return reason.rstrip(". ")


# --- one stack per home, and what a killed one left


@contextlib.contextmanager
def stack_lock(home: Path) -> Iterator[None]:
    """Hold the right to run the stack of `home`; the kernel takes it back from a killed process.

    Raises StackError while a live stack holds it.
    """
    with (home / "stack.lock").open("a+") as handle:
        if not _try_lock(handle):
            raise StackError(
                f"already running (pid {_locked_by(home)}) - stop it first with Ctrl-C or make stop"
            )
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def _try_lock(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _locked_by(home: Path) -> str:
    return (home / "stack.lock").read_text().strip() or "unknown"


def end_marked_processes(home: Path) -> int:
    """End every process of the stack of `home` but this one; return how many there were.

    Only a holder of the stack's lock may call this: then whatever carries the mark is a remnant.
    """
    ended: set[int] = set()
    for timeout in (STOP_TIMEOUT_SECONDS, 5, 5):
        processes = _marked_processes(home)
        ended |= {process.pid for process in processes}
        for process in processes:
            with contextlib.suppress(psutil.Error):
                process.terminate()
        for process in still_alive(processes, timeout=timeout):
            with contextlib.suppress(psutil.Error):
                process.kill()
        still_alive(processes, timeout=5)
        if not processes:
            break
    return len(ended)


def _marked_processes(home: Path) -> list[psutil.Process]:
    here = psutil.Process()
    spared = {here.pid} | {parent.pid for parent in here.parents()}
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            ours = process.uids().real == os.getuid() and process.pid not in spared
            if ours and process.environ().get(MARKER) == str(home):
                found.append(process)
    return found


# --- supervisord


def programs(options: Options) -> list[Program]:
    """Return what runs, in the order of starting; it is stopped in the opposite order."""
    python = shlex.quote(Path(sys.executable).name)
    web = f"{python} -m granian --interface wsgi config.wsgi:application --no-ws"
    web += f" --host {shlex.quote(options.host)} --port {options.port}"
    web += " --workers 2 --blocking-threads 8"
    celery = f"{python} -m celery -A workers.celery"
    beat = f'{celery} beat --loglevel=INFO --pidfile= --schedule "$PULSEBOARD_HOME/beat-schedule"'
    found = [
        # The pool of database connections is for threads; Celery's processes close it each task.
        Program("web", web, 10, environment={"DATABASE_POOL": "8"}),
        # The worker lets its children finish their tasks; a signal of their own would kill them.
        Program(
            "worker",
            f"{celery} worker --loglevel=INFO --concurrency=2",
            20,
            stop_seconds=20,
            stop_as_group=False,
        ),
        Program("beat", beat, 30),
    ]
    if options.database_url is None:
        simulate = f"{python} manage.py simulate --learners 6 --minutes 240"
        simulate += f" --base-url {shlex.quote(options.base_url)}"
        found.append(Program("simulator", simulate, 40, essential=False))
    return found


def supervisor_configuration(options: Options) -> str:
    """Return the text of supervisord's configuration, which runs in the home directory.

    It holds no path but the socket's: supervisord gives a meaning to `%`, `;` and `#` in values,
    so relative paths and variables of the shell stand for the others.
    """
    sections = {
        "unix_http_server": {"file": str(_supervisor_socket(options)), "chmod": "0700"},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
        "supervisord": {
            "logfile": "log/supervisord.log",
            "logfile_maxbytes": "5MB",
            "logfile_backups": "2",
            "pidfile": "supervisord.pid",
            "silent": "true",
            "minfds": "256",
            "minprocs": "64",
            # Without it supervisord warns root that it keeps being root.
            **({"user": "root"} if os.getuid() == 0 else {}),
        },
    }
    in_checkout = 'cd "$PULSEBOARD_CHECKOUT" && exec '
    for program in programs(options):
        sections[f"program:{program.name}"] = {
            "command": f"/bin/sh -c {shlex.quote(in_checkout + program.command)}",
            "priority": str(program.priority),
            "environment": ",".join(f'{k}="{v}"' for k, v in program.environment.items()),
            "autostart": str(program.essential).lower(),
            "autorestart": str(program.essential).lower(),
            "startsecs": "3" if program.essential else "0",
            "startretries": "4" if program.essential else "0",
            "stopwaitsecs": str(program.stop_seconds),
            "stopasgroup": str(program.stop_as_group).lower(),
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": f"log/{program.name}.log",
            "stdout_logfile_maxbytes": "5MB",
            "stdout_logfile_backups": "3",
        }
    return "\n".join(
        f"[{section}]\n" + "".join(f"{key}={value}\n" for key, value in values.items())
        for section, values in sections.items()
    )


def _supervisor_socket(options: Options) -> Path:
    return options.services.socket_directory / "supervisor.sock"


class Supervisor:
    """supervisord as a child in a session of its own, where a terminal's Ctrl-C is not felt."""

    def __init__(self, options: Options, environment: Mapping[str, str]) -> None:
        """Start it. Raises EmbeddedServiceError when there is no safe place for its socket."""
        self._options = options
        self._essential = {program.name for program in programs(options) if program.essential}
        self._pids: dict[str, int] = {}
        options.services.ensure_socket_directory()
        configuration = options.home / "supervisord.conf"
        configuration.write_text(supervisor_configuration(options))
        with (options.logs / "supervisord.out").open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(configuration)],
                cwd=options.home,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start_program(self, name: str) -> None:
        """Start a program that does not start by itself; a failure is told, not raised."""
        try:
            with self._rpc() as rpc:
                rpc.supervisor.startProcess(name)
        except (xmlrpc.client.Error, OSError) as error:
            say(f"The {name} did not start ({error}); see {self._options.logs / name}.log")

    def check(self) -> None:
        """Raise StackError when supervisord, or a program the product needs, is gone for good."""
        if self._process.poll() is not None:
            raise StackError(
                f"supervisord ended with exit code {self._process.returncode}; the end of its "
                f"output:\n{_tail(self._options.logs, 'supervisord.out', 'supervisord.log')}"
            )
        for state in self._states():
            name, pid = str(state["name"]), int(state["pid"])
            if name in self._essential and state["statename"] in GIVEN_UP:
                raise StackError(
                    f"{name} keeps failing and was given up; the end of its log, "
                    f"{self._options.logs / name}.log:\n{_tail(self._options.logs, f'{name}.log')}"
                )
            if pid and self._pids.get(name, pid) != pid:
                say(f"{name} ended and was started again; see {self._options.logs / name}.log")
            if pid:
                self._pids[name] = pid

    def stop(self) -> None:
        """Have supervisord stop its programs in order; kill it when it does not come back."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(timeout=STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _states(self) -> list[dict[str, Any]]:
        try:
            with self._rpc() as rpc:
                states: Any = rpc.supervisor.getAllProcessInfo()
                return list(states)
        except (xmlrpc.client.Error, OSError):
            # It is starting, or it is ending, which the next look at the process tells.
            return []

    def _rpc(self) -> xmlrpc.client.ServerProxy:
        # Imported by name as the package carries no types.
        transport: Any = importlib.import_module("supervisor.xmlrpc").SupervisorTransport(
            serverurl=f"unix://{_supervisor_socket(self._options)}"
        )
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)


# --- the run itself


def run_stack(options: Options, stop: StopRequest) -> None:
    """Run the stack until it is asked to end.

    Raises Interrupted then; StackError or EmbeddedServiceError when it cannot start or go on. In
    every case nothing of it runs any more.
    """
    remains = end_marked_processes(options.home)
    if remains:
        say(f"Ended {remains} processes that a killed stack had left.")
    check_port(options)
    supervisor: Supervisor | None = None
    try:
        environment = start_services(options, stop)
        prepare_database(options, environment, stop)
        say("Starting web, worker and beat ...")
        supervisor = Supervisor(options, environment)
        wait_until_ready(options, supervisor, stop)
        if options.database_url is None:
            supervisor.start_program("simulator")
        say(banner(options))
        while True:
            supervisor.check()
            stop.sleep(1)
    finally:
        shut_down(options, supervisor)


def start_services(options: Options, stop: StopRequest) -> dict[str, str]:
    """Reach the given services, start the others; return the environment of the programs.

    Raises StackError, EmbeddedServiceError or Interrupted.
    """
    database_url, redis_url = options.database_url, options.redis_url
    if database_url:
        say(f"Checking the database {_public_address(database_url)} ...")
        check_database(database_url)
    else:
        say(f"Starting the embedded PostgreSQL (data in {options.home / 'postgres'}) ...")
        database_url = options.services.start_postgres()
    stop.check()
    if redis_url:
        say(f"Checking the broker {_public_address(redis_url)} ...")
        check_redis(redis_url)
    else:
        say("Starting the embedded Valkey ...")
        redis_url = options.services.start_valkey()
    stop.check()
    return {
        **os.environ,
        MARKER: str(options.home),
        "PULSEBOARD_CHECKOUT": str(CHECKOUT),
        "PULSEBOARD_HOME": str(options.home),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        # supervisord looks the interpreter up by name, so that no path stands in its commands.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }


def prepare_database(options: Options, environment: Mapping[str, str], stop: StopRequest) -> None:
    """Bring the schema up to date and, when embedded, load the demo; raises StackError."""
    say("Preparing the database ...")
    _manage("deploy", options, environment, stop)
    if options.database_url is None:
        say("Loading the demo data ...")
        _manage("demo", options, environment, stop)
        _manage("refresh", options, environment, stop)


def _manage(
    command: str, options: Options, environment: Mapping[str, str], stop: StopRequest
) -> None:
    log = options.logs / f"{command}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", command],
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            while process.poll() is None:
                stop.sleep(0.1)
        finally:
            _end(process)
    if process.returncode != 0:
        raise StackError(
            f"manage.py {command} failed with exit code {process.returncode}; "
            f"the end of its output, {log}:\n{_tail(options.logs, log.name)}"
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_ready(options: Options, supervisor: Supervisor, stop: StopRequest) -> None:
    """Wait for /readyz to say 200; raises StackError with the reason when it does not."""
    deadline = time.monotonic() + READY_TIMEOUT_SECONDS
    while (problem := _readiness_problem(options)) is not None:
        supervisor.check()
        if time.monotonic() > deadline:
            raise StackError(
                f"{options.base_url}/readyz is not ready after {READY_TIMEOUT_SECONDS} s: "
                f"{problem}; see the logs in {options.logs}"
            )
        stop.sleep(0.3)


def _readiness_problem(options: Options) -> str | None:
    """Return why the product is not ready, None when it is."""
    try:
        # Not trust_env: a proxy for the internet has no part in reaching this machine.
        with httpx.Client(trust_env=False, timeout=5) as client:
            response = client.get(f"{options.base_url}/readyz")
    except httpx.HTTPError as error:
        return f"no answer ({error})"
    if response.status_code == 200:
        return None
    try:
        detail = response.json()["detail"]
    except (ValueError, KeyError, TypeError):
        detail = "no detail given"
    return f"HTTP {response.status_code}, {detail}"


def banner(options: Options) -> str:
    """Return what a developer wants to know once everything runs."""
    lines = [
        "",
        "Pulseboard is ready.",
        f"  Admin       {options.base_url}/admin/",
        f"  API         {options.base_url}/api/docs/",
    ]
    if options.database_url is None:
        lines.append("  Accounts    admin, manager, learner (password: demo)")
    lines += [f"  Logs        {options.logs}", "Ctrl-C stops everything.", ""]
    return "\n".join(lines)


def shut_down(options: Options, supervisor: Supervisor | None) -> None:
    """Stop the programs, then whatever is left of them, then the services under them."""
    say("Stopping ...")
    try:
        if supervisor is not None:
            supervisor.stop()
        end_marked_processes(options.home)
    finally:
        options.services.stop()


def _tail(directory: Path, *names: str, lines: int = 15) -> str:
    text = "".join(
        (directory / name).read_text(errors="replace")
        for name in names
        if (directory / name).is_file()
    )
    return "\n".join(f"  {line}" for line in text.splitlines()[-lines:]) or "  (empty)"


def stop_stack(options: Options) -> None:
    """End the stack of this home, live or killed, and its services; raises StackError."""
    if not options.home.is_dir():
        return
    with (options.home / "stack.lock").open("a+") as handle:
        if not _try_lock(handle):
            _ask_to_end(options.home, handle)
        end_marked_processes(options.home)
        options.services.stop()


def _ask_to_end(home: Path, handle: IO[str]) -> None:
    pid = _locked_by(home)
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(int(pid)) if pid.isdigit() else None
        if process is None or "config.stack" not in process.cmdline():
            raise StackError(f"the running stack (pid {pid}) is not known; end it with Ctrl-C")
        process.terminate()
    deadline = time.monotonic() + 2 * STOP_TIMEOUT_SECONDS
    while not _try_lock(handle):
        if time.monotonic() > deadline:
            raise StackError(f"the stack (pid {pid}) does not end; end it with kill -9 {pid}")
        time.sleep(0.1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run or stop the stack; return the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments not in ([], ["stop"]):
        print("usage: python -m config.stack [stop]", file=sys.stderr)
        return 2
    stop = StopRequest()
    try:
        check_python()
        options = read_options(os.environ)
        if arguments:
            stop_stack(options)
            return 0
        stop.listen()
        check_home(options)
        with stack_lock(options.home):
            run_stack(options, stop)
    except Interrupted:
        say("Stopped.")
    except (StackError, EmbeddedServiceError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
