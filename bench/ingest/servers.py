"""The servers of a run: a durable PostgreSQL of its own, and web processes as `make run` has them.

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
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import psycopg

from bench.ingest.errors import BenchmarkError
from config.embedded.addresses import CHECKOUT
from config.embedded.processes import still_alive, tail, try_lock
from config.embedded.services import EmbeddedServices
from config.stack.options import Options
from config.stack.processes import MARKER, end_child, end_marked_processes
from config.stack.programs import programs

START_SECONDS = 60
STOP_SECONDS = 15
PRODUCT, BASELINE = "product", "baseline"
APPLICATIONS = {PRODUCT: "config.wsgi:application", BASELINE: "bench.baseline.wsgi:application"}

# What a user may have set for a stack of their own is not to change what is measured.
KEPT_VARIABLES = ("HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR")
# Signs tokens that are good for nothing after the run.
SECRET_KEY = "for-benchmarks-only-" + "pulseboard-" * 4


@dataclass(frozen=True)
class Web:
    """A web process with its workers."""

    port: int
    pid: int

    def processes(self) -> list[psutil.Process]:
        """Return the main process and its workers."""
        main = psutil.Process(self.pid)
        return [main, *main.children(recursive=True)]


@dataclass(frozen=True)
class Servers:
    """What a run works with. `players` is a file with each learner's id and token."""

    services: EmbeddedServices
    players: Path
    web: Mapping[str, Web]

    @property
    def postmaster(self) -> psutil.Process:
        return psutil.Process(self.services.status().postgres)

    def connect(self) -> psycopg.Connection:
        """Connect to the database, every statement a transaction."""
        return psycopg.connect(self.services.database_url, autocommit=True)


@contextlib.contextmanager
def running_servers(home: Path, *, learners: int) -> Iterator[Servers]:
    """Have all servers run, on an empty database with a course and so many learners.

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
        environment = _environment(services)
        _run(["manage.py", "deploy"], environment)
        players = home / "players.json"
        players.write_text(_run(["-m", "bench.ingest.enrol", str(learners)], environment))
        web = {
            name: stack.enter_context(_web(name, services, environment)) for name in APPLICATIONS
        }
        for name in APPLICATIONS:
            _wait_for(web[name], _log(services, name))
        servers = Servers(services, players, web)
        with servers.connect() as connection:
            # For what is neither the product's nor the baseline's.
            connection.execute("create schema bench")
            connection.execute("vacuum analyze")
        yield servers


def _environment(services: EmbeddedServices) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    programs_first = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    return kept | {
        "PATH": os.pathsep.join(programs_first),
        "PULSEBOARD_HOME": str(services.home),
        MARKER: str(services.home),
        "DATABASE_URL": services.database_url,
        # Nobody listens there: tracking needs no broker.
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": SECRET_KEY,
        # A run is longer than a token usually lives.
        "ACCESS_TOKEN_MINUTES": "1440",
    }


def _run(arguments: list[str], environment: Mapping[str, str]) -> str:
    """Run a Python program in the checkout; what it printed. Raises BenchmarkError."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=CHECKOUT,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BenchmarkError(f"{shlex.join(arguments)} failed:\n{done.stderr}")
    return done.stdout


@contextlib.contextmanager
def _web(name: str, services: EmbeddedServices, environment: Mapping[str, str]) -> Iterator[Web]:
    options = Options(
        services=services,
        host="127.0.0.1",
        port=_free_port(),
        database_url=environment["DATABASE_URL"],
        redis_url=environment["REDIS_URL"],
        has_secret_key=True,
    )
    web = next(program for program in programs(options) if program.name == "web")
    command = web.command.replace(APPLICATIONS[PRODUCT], APPLICATIONS[name])
    with _log(services, name).open("wb") as output:
        process = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {command}"],
            cwd=CHECKOUT,
            env={**environment, **web.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # A Ctrl-C is for the benchmark, which then ends what it has started.
            start_new_session=True,
        )
    try:
        yield Web(options.port, process.pid)
    finally:
        end_child(process, timeout=STOP_SECONDS)


def _wait_for(web: Web, log: Path) -> None:
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
