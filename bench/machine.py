"""The machine that a run was made on, as far as figures depend on it."""

import importlib.metadata
import os
import platform
import statistics
import time
from pathlib import Path

import psutil
import psycopg

PACKAGES = ("granian", "Django", "djangorestframework", "psycopg")
SYNC_TRIES = 200
PAGE = b"\0" * 8192


def machine_facts(connection: psycopg.Connection, home: Path) -> dict[str, str]:
    """Return name and value of each fact, in the order in which they are to be read.

    `home` is on the disk that PostgreSQL writes to.
    """
    row = connection.execute(
        "select current_setting('server_version'), current_setting('fsync'),"
        " current_setting('synchronous_commit'), current_setting('shared_buffers')"
    ).fetchone()
    assert row is not None
    version, fsync, synchronous_commit, shared_buffers = row
    return {
        "CPU": _cpu_model(),
        "Cores": str(os.cpu_count()),
        "Memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "System": f"{platform.system()} {platform.release()}",
        "Synced write of 8 kB": f"{_sync_milliseconds(home):.2f} ms (median)",
        "PostgreSQL": f"{version}; fsync {fsync}, synchronous_commit {synchronous_commit}, "
        f"shared_buffers {shared_buffers}",
        "Python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in PACKAGES},
    }


def _cpu_model() -> str:
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _sync_milliseconds(directory: Path) -> float:
    """Return how long the disk takes to keep a page: the least that a commit alone can take."""
    path = directory / "synced"
    durations = []
    with path.open("wb", buffering=0) as file:
        for _ in range(SYNC_TRIES):
            file.seek(0)
            file.write(PAGE)
            begun = time.perf_counter()
            os.fsync(file.fileno())
            durations.append(time.perf_counter() - begun)
    path.unlink()
    return statistics.median(durations) * 1000
