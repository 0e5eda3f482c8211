"""Callers that act at the same moment, each on a connection of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from types import TracebackType
from typing import Self, TypeVar

from django.db import connection

Task = TypeVar("Task")
Result = TypeVar("Result")

WAIT_SECONDS = 60


class Callers:
    """Threads that keep their connections from act to act, as making one takes its time."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool = ThreadPoolExecutor(count)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def at_once(self, acts: Sequence[Callable[[], Result]]) -> list[Result]:
        """What each act returned, in order; none begins before all callers are connected."""

        def connected(act: Callable[[], Result], start: Barrier) -> Result:
            connection.ensure_connection()
            start.wait(WAIT_SECONDS)
            return act()

        return self._each(connected, acts)

    def begin(self, act: Callable[[], Result]) -> Future[Result]:
        """Let one caller act, and go on meanwhile."""
        return self._pool.submit(act)

    def close(self) -> None:
        def disconnected(_: None, end: Barrier) -> None:
            connection.close()
            end.wait(WAIT_SECONDS)

        self._each(disconnected, [None] * self.count)
        self._pool.shutdown()

    def _each(self, run: Callable[[Task, Barrier], Result], tasks: Sequence[Task]) -> list[Result]:
        """Each task in a thread of its own: they wait for one another."""
        assert len(tasks) <= self.count
        barrier = Barrier(len(tasks))
        return list(self._pool.map(lambda task: run(task, barrier), tasks))
