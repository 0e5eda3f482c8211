"""The most memory that programs have held while something was going on."""

import threading
from collections.abc import Callable, Mapping
from types import TracebackType

import psutil

from bench.processes import Running, backends_of

SAMPLE_SECONDS = 0.1


class PeakMemory(threading.Thread):
    """Looks on while its `with` block runs; `peaks` are bytes by name."""

    def __init__(self, watched: Mapping[str, Callable[[], int]]) -> None:
        super().__init__(name="memory", daemon=True)
        self._watched = watched
        self._over = threading.Event()
        self.peaks = dict.fromkeys(watched, 0)

    def __enter__(self) -> "PeakMemory":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            for name, measure in self._watched.items():
                self.peaks[name] = max(self.peaks[name], measure())


def postgres_memory(postmaster: psutil.Process) -> Callable[[], int]:
    """Return what measures the private memory of all backends: shared buffers are not in it."""

    def measure() -> int:
        total = 0
        for backend in backends_of(postmaster):
            try:
                total += backend.memory_full_info().uss
            except psutil.NoSuchProcess:
                continue
        return total

    return measure


def program_memory(program: Running) -> Callable[[], int]:
    """Return what measures a program with its children; one that has ended has nothing."""

    def measure() -> int:
        try:
            return program.memory()
        except psutil.NoSuchProcess:
            return 0

    return measure
