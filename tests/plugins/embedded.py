"""Starts a throwaway PostgreSQL and Valkey for a test run that was given none.

Loaded with `-p` from pytest's `addopts`, as pytest-django reads the settings before any conftest.
The servers live apart from those of `make run`, under `.local/test`, so both can go on at once.
"""

from __future__ import annotations

import atexit
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from config.embedded.addresses import default_home
from config.embedded.binaries import PACKAGED_MAJOR, postgres_major
from config.embedded.errors import EmbeddedServiceError
from config.embedded.processes import try_lock
from config.embedded.services import EmbeddedServices

CONCURRENT_RUNS = 8
# The settings ask for a key whenever DATABASE_URL is given; it guards nothing in a test.
SECRET_KEY = "for-tests-only-" + "pulseboard-" * 4

_claims: list[IO[str]] = []
_services: list[EmbeddedServices] = []


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Come before pytest-django: a wrapper goes outside every plain hook."""
    options = early_config.known_args_namespace
    # Whoever only hands tests out to worker processes needs no servers; each worker has its own.
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    hands_out = bool(getattr(options, "numprocesses", None)) and not is_worker
    if not (options.help or options.version or hands_out):
        try:
            start_services()
        except (EmbeddedServiceError, OSError) as error:
            raise pytest.UsageError(f"the tests have no database: {error}") from error
    return (yield)


def pytest_unconfigure() -> None:
    """Stop what was started, after an interrupted run as well."""
    stop_services()


def start_services() -> None:
    """Start what DATABASE_URL and REDIS_URL do not name, and name it there.

    Raises EmbeddedServiceError, and OSError when the directory cannot be written.
    """
    os.environ["SECRET_KEY"] = os.environ.get("SECRET_KEY") or SECRET_KEY
    own_database, own_redis = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    if own_database and own_redis:
        return
    services = EmbeddedServices(_claim_home(default_home()))
    _services.append(services)
    atexit.register(stop_services)
    for number in (signal.SIGTERM, signal.SIGHUP):
        # Like Ctrl-C, so that pytest ends in order and the servers with it.
        signal.signal(number, signal.default_int_handler)
    os.environ["PULSEBOARD_HOME"] = str(services.home)
    if not own_database:
        os.environ["DATABASE_URL"] = services.start_postgres(durable=False)
    if not own_redis:
        os.environ["REDIS_URL"] = services.start_valkey()


def stop_services() -> None:
    """Stop the servers of this run, if any."""
    while _services:
        _services.pop().stop()


def _claim_home(parent: Path) -> Path:
    """Return a directory that no other live test run uses; the lock goes with this process."""
    # The data of one version is of no use to another.
    major = postgres_major()
    name = "test" if major == PACKAGED_MAJOR else f"test-on-{major}"
    for number in range(1, CONCURRENT_RUNS + 1):
        home = parent / (name if number == 1 else f"{name}-{number}")
        home.mkdir(parents=True, exist_ok=True)
        claim = (home / "run.lock").open("a")
        if try_lock(claim):
            _claims.append(claim)
            return home
        claim.close()
    raise EmbeddedServiceError(
        f"{CONCURRENT_RUNS} test runs of this checkout are going on; wait for one to end"
    )
