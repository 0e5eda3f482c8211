"""The servers of a run: PostgreSQL and Valkey of its own, and programs as `make run` has them.

Everything is on loopback or a unix socket, and gone at the end.
"""

import contextlib
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import psycopg

from bench.errors import BenchmarkError
from bench.processes import Running
from config.embedded.addresses import CHECKOUT
from config.embedded.processes import still_alive, tail, try_lock
from config.embedded.services import EmbeddedServices
from config.stack.options import Options
from config.stack.processes import MARKER, end_child, end_marked_processes
from config.stack.programs import Program, programs

START_SECONDS = 60
STOP_SECONDS = 25
PRODUCT = "config.wsgi:application"


@dataclass(frozen=True)
class Application:
    """What a web process serves, and what is different in its environment."""

    wsgi: str = PRODUCT
    environment: Mapping[str, str] = field(default_factory=dict)


# What a user may have set for a stack of their own is not to change what is measured.
KEPT_VARIABLES = ("HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR")
# Signs tokens that are good for nothing after the run.
SECRET_KEY = "for-benchmarks-only-" + "pulseboard-" * 4
# Nobody listens there.
NO_BROKER = "redis://127.0.0.1:1/0"


@contextlib.contextmanager
def own_services(home: Path) -> Iterator[EmbeddedServices]:
    """Have an empty, durable PostgreSQL run in `home`, which is removed afterwards.

    Raises BenchmarkError, and EmbeddedServiceError when PostgreSQL does not start.
    """
    home.parent.mkdir(parents=True, exist_ok=True)
    with (home.parent / f"{home.name}.lock").open("a") as lock, contextlib.ExitStack() as stack:
        if not try_lock(lock):
            raise BenchmarkError(f"another benchmark is at work in {home}")
        services = EmbeddedServices(home)
        # What a run that was killed has left.
        end_marked_processes(services.home)
        services.remove()
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        stack.callback(services.remove)
        services.start_postgres(durable=True)
        yield services


def environment_of(services: EmbeddedServices, **more: str) -> dict[str, str]:
    """Return the environment of the product's processes; `more` is for what a run changes."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    programs_first = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    product = {
        "PATH": os.pathsep.join(programs_first),
        "PULSEBOARD_HOME": str(services.home),
        MARKER: str(services.home),
        "DATABASE_URL": services.database_url,
        "REDIS_URL": NO_BROKER,
        "SECRET_KEY": SECRET_KEY,
        # A run is longer than a token usually lives.
        "ACCESS_TOKEN_MINUTES": "1440",
    }
    return kept | product | more


def run_python(
    arguments: list[str], environment: Mapping[str, str], *, stdin: str | None = None
) -> str:
    """Run a Python program in the checkout; what it printed. Raises BenchmarkError."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=CHECKOUT,
        env=dict(environment),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BenchmarkError(f"{shlex.join(arguments)} failed:\n{done.stderr}")
    return done.stdout


def connect(services: EmbeddedServices) -> psycopg.Connection:
    """Connect to the database, every statement a transaction."""
    return psycopg.connect(services.database_url, autocommit=True)


@contextlib.contextmanager
def running_webs(
    applications: Mapping[str, Application],
    services: EmbeddedServices,
    environment: Mapping[str, str],
) -> Iterator[dict[str, Running]]:
    """Have a web process run for each name and application, by the product's command line.

    Raises BenchmarkError when one does not answer in time.
    """
    with contextlib.ExitStack() as stack:
        webs = {}
        for name, application in applications.items():
            port = _free_port()
            program = _program("web", services, environment, port=port)
            command = program.command.replace(PRODUCT, application.wsgi)
            of_web = {**environment, **program.environment, **application.environment}
            webs[name] = stack.enter_context(_running(name, command, services, of_web, port=port))
        for name, web in webs.items():
            _wait_for(web, _log(services, name))
        yield webs


@contextlib.contextmanager
def running_worker(services: EmbeddedServices, environment: Mapping[str, str]) -> Iterator[Running]:
    """Have the product's Celery worker run, without beat: it does what it is told to."""
    worker = _program("worker", services, environment)
    environment = {**environment, **worker.environment}
    with _running("worker", worker.command, services, environment) as running:
        yield running


def log_of(services: EmbeddedServices, name: str) -> str:
    """Return the end of what a program has logged."""
    return tail(_log(services, name))


def _program(
    name: str, services: EmbeddedServices, environment: Mapping[str, str], *, port: int = 0
) -> Program:
    options = Options(
        services=services,
        host="127.0.0.1",
        port=port,
        database_url=environment["DATABASE_URL"],
        redis_url=environment["REDIS_URL"],
        has_secret_key=True,
    )
    return next(program for program in programs(options) if program.name == name)


@contextlib.contextmanager
def _running(
    name: str,
    command: str,
    services: EmbeddedServices,
    environment: Mapping[str, str],
    *,
    port: int = 0,
) -> Iterator[Running]:
    with _log(services, name).open("wb") as output:
        process = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {command}"],
            cwd=CHECKOUT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # A Ctrl-C is for the benchmark, which then ends what it has started.
            start_new_session=True,
        )
    try:
        yield Running(process.pid, port)
    finally:
        end_child(process, timeout=STOP_SECONDS)


def _wait_for(web: Running, log: Path) -> None:
    """Wait until a web process answers. Raises BenchmarkError."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        with contextlib.suppress(httpx.TransportError):
            address = f"http://127.0.0.1:{web.port}/healthz"
            if httpx.get(address, trust_env=False).status_code == 200:
                return
        if not still_alive([psutil.Process(web.pid)], timeout=0) or time.monotonic() > deadline:
            raise BenchmarkError(f"the web process did not start:\n{tail(log)}")
        time.sleep(0.1)


def _log(services: EmbeddedServices, name: str) -> Path:
    return services.home / f"{name}.log"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
