"""The run of a stack: services, database, programs, until it is asked to end."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
from django.conf import settings

from config.embedded.addresses import CHECKOUT
from config.embedded.processes import tail
from config.stack.errors import StackError
from config.stack.options import Options
from config.stack.preflight import check_database, check_port, check_redis, public_address
from config.stack.processes import MARKER, end_child, end_marked_processes
from config.stack.signals import StopRequest
from config.stack.supervisor import Supervisor
from config.stack.terminal import banner, say
from config.stack.watch import Watch

READY_TIMEOUT_SECONDS = 120


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
        watch = Watch(environment["DATABASE_URL"], refresh_interval_seconds())
        while True:
            supervisor.check()
            if watch.is_overdue:
                restart_whatever_hangs(supervisor, watch, environment["REDIS_URL"])
                watch.count_anew()
            if supervisor.is_restarting:
                watch.count_anew()
            stop.sleep(1)
    finally:
        shut_down(options, supervisor)


def start_services(options: Options, stop: StopRequest) -> dict[str, str]:
    """Reach the given services, start the others; return the environment of the programs.

    Raises StackError, EmbeddedServiceError or Interrupted.
    """
    database_url, redis_url = options.database_url, options.redis_url
    if database_url:
        say(f"Checking the database {public_address(database_url)} ...")
        check_database(database_url)
    else:
        say(f"Starting the embedded PostgreSQL (data in {options.home / 'postgres'}) ...")
        database_url = options.services.start_postgres()
    stop.check()
    if redis_url:
        say(f"Checking the broker {public_address(redis_url)} ...")
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
            end_child(process, timeout=10)
    if process.returncode != 0:
        raise StackError(
            f"manage.py {command} failed with exit code {process.returncode}; "
            f"the end of its output, {log}:\n{tail(log)}"
        )


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


def refresh_interval_seconds() -> int:
    """The same that beat takes; `manage.py deploy` has read the settings without an error."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    seconds: int = settings.REFRESH_INTERVAL_SECONDS
    return seconds


def restart_whatever_hangs(supervisor: Supervisor, watch: Watch, redis_url: str) -> None:
    """Start worker and beat anew, as nobody has tried to refresh; not for want of a broker."""
    waited = f"Nobody has tried to refresh for {watch.limit_seconds:.0f} s"
    try:
        check_redis(redis_url)
    except StackError:
        say(f"{waited}, and the broker, {public_address(redis_url)}, does not answer.")
        return
    say(f"{waited}: worker and beat are started anew; their logs may say why.")
    supervisor.restart("worker")
    supervisor.restart("beat")


def shut_down(options: Options, supervisor: Supervisor | None) -> None:
    """Stop the programs, then whatever is left of them, then the services under them."""
    say("Stopping ...")
    try:
        if supervisor is not None:
            supervisor.stop()
        end_marked_processes(options.home)
    finally:
        options.services.stop()
