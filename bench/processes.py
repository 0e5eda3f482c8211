"""What processes have used of the machine."""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Running:
    """A program with its children; `port` is 0 for one that listens to none."""

    pid: int
    port: int = 0

    def processes(self) -> list[psutil.Process]:
        """Return the main process and its children."""
        main = psutil.Process(self.pid)
        return [main, *main.children(recursive=True)]

    def memory(self) -> int:
        """Return the bytes of all its processes, what they share counted once."""
        return sum(memory_of(process) for process in self.processes())


def memory_of(process: psutil.Process) -> int:
    """Return its proportional share of what it has in common with others, where the system tells.

    A process that ends meanwhile has nothing.
    """
    with contextlib.suppress(psutil.NoSuchProcess):
        information = process.memory_full_info()
        return int(getattr(information, "pss", information.rss))
    return 0


def cpu_seconds_of(processes: Iterable[psutil.Process]) -> float:
    """Return the CPU time that living processes have used so far."""
    return sum(
        times.user + times.system for process in processes for times in [process.cpu_times()]
    )


def cpu_seconds_of_postgres(postmaster: psutil.Process) -> float:
    """Return what a PostgreSQL server has used so far, with backends that have ended."""
    while True:
        ended = _cpu_seconds_of_ended(postmaster)
        try:
            living = cpu_seconds_of([postmaster, *backends_of(postmaster)])
        except psutil.NoSuchProcess:
            # One ended meanwhile, an autovacuum worker mostly: it belongs to the ended ones.
            continue
        if ended == _cpu_seconds_of_ended(postmaster):
            return ended + living


def _cpu_seconds_of_ended(postmaster: psutil.Process) -> float:
    times = postmaster.cpu_times()
    return times.children_user + times.children_system


def backends_of(postmaster: psutil.Process) -> list[psutil.Process]:
    """Return the server's processes besides the postmaster."""
    return [child for child in postmaster.children() if child.is_running()]
