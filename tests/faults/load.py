"""Learners at work while something breaks."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from tests.faults.client import Client
from tests.faults.pulses import new_pulse
from tests.faults.site import Site

BATCH_OF = 10
EVERY_BATCH = 4


class Load:
    """Connections that deliver pulse after pulse until the block ends.

    Two connections share a learner, so that they meet in the same rows. Leaving the block waits
    until each has delivered what it has begun, and raises what any of them raised.
    """

    def __init__(self, site: Site, *, connections: int = 8) -> None:
        self._site = site
        self._connections = connections
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._delivered = 0
        self._pool = ThreadPoolExecutor(connections)
        self._futures: list[Future[None]] = []

    def __enter__(self) -> Self:
        for number in range(self._connections):
            if number % 2 == 0:
                learner = self._site.learner()
            client = self._site.client(learner)
            self._futures.append(self._pool.submit(self._work, client))
        self.until_delivered(self._connections * 3)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._pool.shutdown(wait=True)
        if error is None:
            for future in self._futures:
                future.result()

    def until_delivered(self, count: int, *, seconds: float = 30) -> float:
        """Wait until so many more pulses are acknowledged; return how many seconds that took."""
        started = time.monotonic()
        goal = self._delivered + count
        while self._delivered < goal:
            assert time.monotonic() - started < seconds, f"not {count} pulses in {seconds} s"
            time.sleep(0.02)
        return time.monotonic() - started

    def _work(self, client: Client) -> None:
        places = (*self._site.people.course.places, *self._site.people.other_course.places)
        turn = 0
        with client:
            while not self._stopping.is_set():
                turn += 1
                size = BATCH_OF if turn % EVERY_BATCH == 0 else 1
                pulses = [new_pulse(places[(turn + i) % len(places)]) for i in range(size)]
                client.deliver(*pulses)
                with self._lock:
                    self._delivered += size
