"""Requests over HTTP, as fast as they are answered: what the loads of the benchmarks are made of.

Server and clients share the cores of one machine, and every HTTP library for Python costs more for
a request than the server is to be allowed for answering it. So this is an HTTP/1.1 client with
nothing in it: one `write` sends a request that was put together before, and of a reply it finds the
end.
"""

import asyncio
import gc
import math
import re
import time
from abc import ABC, abstractmethod
from array import array
from dataclasses import dataclass
from functools import partial
from typing import cast

from bench.percentiles import percentiles

DRAIN_SECONDS = 30.0
CONTENT_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
NOT_MODIFIED = b"HTTP/1.1 304 "


class Refused(Exception):
    """A reply that is none: a benchmark with errors in it measures something else."""


@dataclass(frozen=True)
class Answers:
    """What was answered; all but `count_in_all` and the CPU's part is about the measured seconds.

    Latency counts from the moment a request was due. `by_second` has the answers of each second.
    """

    count: int
    count_in_all: int
    seconds: float
    latency_ms: dict[str, float]
    by_second: list[int]
    cpu_seconds_in_all: float


class Connection(asyncio.Protocol):
    """One connection with at most one request under way."""

    transport: asyncio.Transport

    def __init__(self, traffic: "Traffic", number: int) -> None:
        self._traffic = traffic
        self._received = b""
        self.number = number
        # When the request under way was to be sent.
        self.due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._received:
            data = self._received + data
        head = data.find(b"\r\n\r\n")
        if head >= 0:
            length = CONTENT_LENGTH.search(data, 0, head)
            # A 304 has no body, and need not say so.
            if length is None and not data.startswith(NOT_MODIFIED):
                self._traffic.fail(Refused(f"a reply without its length: {data[:500]!r}"))
                return
            if len(data) >= head + 4 + (int(length[1]) if length else 0):
                self._received = b""
                self._traffic.answered(self, data)
                return
        self._received = data

    def connection_lost(self, error: Exception | None) -> None:
        self._traffic.fail(Refused(f"the server closed a connection: {error}"))


def _itself(connection: Connection) -> Connection:
    return connection


class Traffic(ABC):
    """Requests over some connections; each sends its next when it has its answer."""

    def __init__(
        self, *, port: int, connections: int, warmup_seconds: float, seconds: float
    ) -> None:
        self._port = port
        self._warmup_seconds = warmup_seconds
        self._seconds = seconds
        self._connections = [Connection(self, number) for number in range(connections)]
        self._latencies = array("d")
        self._by_second = [0] * math.ceil(seconds)
        self._count = self._count_in_all = 0
        self._under_way = 0
        # A server so slow that no answer came in time is measured by the first ones after it.
        self._is_late = False
        self._finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @abstractmethod
    def request(self, connection: Connection) -> bytes:
        """Return the next request of a connection."""

    @abstractmethod
    def check(self, reply: bytes) -> None:
        """Raise Refused for a reply that is not what was asked for."""

    async def run(self) -> Answers:
        """Connect, send for the time that was asked for, and wait for the last answers.

        Raises Refused, and TimeoutError when the last answers do not come.
        """
        loop = asyncio.get_running_loop()
        for connection in self._connections:
            await loop.create_connection(partial(_itself, connection), "127.0.0.1", self._port)
        # Nothing here makes cycles, and a pause of the collector would count as the server's.
        gc.collect()
        gc.freeze()
        gc.disable()
        cpu = time.process_time()
        self._begin = loop.time() + self._warmup_seconds
        self._end = self._begin + self._seconds
        self._start()
        loop.call_at(self._end, self._end_measuring)
        await asyncio.wait_for(self._finished, self._warmup_seconds + self._seconds + DRAIN_SECONDS)
        return Answers(
            count=self._count,
            count_in_all=self._count_in_all,
            seconds=self._seconds,
            latency_ms=percentiles(self._latencies),
            by_second=self._by_second,
            cpu_seconds_in_all=time.process_time() - cpu,
        )

    def answered(self, connection: Connection, reply: bytes) -> None:
        """Count an answer and go on."""
        now = time.monotonic()
        try:
            self.check(reply)
        except Refused as problem:
            self.fail(problem)
            return
        self._under_way -= 1
        self._count_in_all += 1
        moment = self._moment_of(connection.due, now)
        if self._begin <= moment < self._end or (moment >= self._end and self._is_late):
            self._seconds = max(self._seconds, moment - self._begin)
            self._count += 1
            self._latencies.append((now - connection.due) * 1000)
            self._by_second[min(int(moment - self._begin), len(self._by_second) - 1)] += 1
        if now < self._end:
            self._next(connection)
        else:
            self._rest(connection)

    def fail(self, problem: Refused) -> None:
        """Give up, unless all is over."""
        if not self._finished.done():
            self._finished.set_exception(problem)

    def _start(self) -> None:
        for connection in self._connections:
            self._next(connection)

    def _moment_of(self, due: float, now: float) -> float:
        """Return what decides whether an answer is measured: at full rate, when it came."""
        return now

    def _next(self, connection: Connection) -> None:
        self._send(connection, time.monotonic())

    def _rest(self, connection: Connection) -> None:
        """Take note of a connection whose time is up."""
        self._finish_when_idle()

    def _send(self, connection: Connection, due: float) -> None:
        connection.due = due
        self._under_way += 1
        connection.transport.write(self.request(connection))

    def _end_measuring(self) -> None:
        self._is_late = not self._count
        self._finish_when_idle()

    def _finish_when_idle(self) -> None:
        if not self._under_way and not self._finished.done():
            self._finished.set_result(None)
