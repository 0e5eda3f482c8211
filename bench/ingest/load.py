"""The learners' side: pulses over HTTP, as fast as they are answered or at a given rate.

Server and learners share the cores of one machine, and every HTTP library for Python costs more
for a request than the server is to be allowed for answering it. So this is an HTTP/1.1 client with
nothing in it: all of a request but its numbers is put together beforehand, one `write` sends it,
and a reply is looked at for its status, its length and the word that every pulse was recorded.

A process of its own: reads an `Order` as JSON from stdin, prints a `Delivery` as JSON.
"""

import asyncio
import gc
import json
import math
import random
import re
import sys
import time
from array import array
from collections import deque
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import cast

from bench.ingest import classroom
from bench.ingest.percentiles import percentiles

DRAIN_SECONDS = 30.0
CONTENT_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
RECORDED = b'"status":"recorded"'


@dataclass(frozen=True)
class Order:
    """What to send. A `rate` of 0 means: each connection sends when it has its answer."""

    port: int
    players: str
    connections: int
    batch: int
    warmup_seconds: float
    seconds: float
    first_step: int
    rate: float = 0.0


@dataclass(frozen=True)
class Delivery:
    """What came of it; all but `pulses_in_all` and the CPU's part is about the measured seconds.

    Latency counts from the moment a request was due. `by_second` has the pulses of each second.
    """

    pulses: int
    pulses_in_all: int
    seconds: float
    latency_ms: dict[str, float]
    by_second: list[int]
    cpu_seconds_in_all: float


class Refused(Exception):
    """A reply that is none: a benchmark with errors in it measures something else."""


class Player:
    """One learner: where they are, and the part of their requests that never changes."""

    def __init__(self, learner: int, token: str, port: int, first_step: int) -> None:
        self.step = first_step + classroom.starting_place(learner)
        self.headers = (
            f" HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        ).encode()


class Writer:
    """Puts requests together. Ids are UUIDs of version 7 that no other run has made."""

    def __init__(self) -> None:
        self._count = 0
        self._run = (random.getrandbits(12), random.getrandbits(12))

    def single(self, player: Player) -> bytes:
        """One pulse of a player, in the shape of the contract's example."""
        now = time.time()
        step = player.step
        player.step += 1
        resource = classroom.resource_at(step)
        second = classroom.second_at(step)
        moment = _moment(now)
        body = (
            b'{"pulse_id":"%b","duration_delta":15,"watch_time":%d,"completed":%b,'
            b'"played":[[%d,%d]],"occurred_at":"%b","sent_at":"%b","_trace":"t%d"}'
        ) % (
            self._pulse_id(now),
            second + 15,
            b"true" if classroom.ends_resource(step) else b"false",
            second,
            second + 15,
            moment,
            moment,
            step,
        )
        return b"POST /api/modules/%d/resources/%d/complete/%b%d\r\n\r\n%b" % (
            classroom.module_of(resource),
            resource,
            player.headers,
            len(body),
            body,
        )

    def batch(self, player: Player, size: int) -> bytes:
        """The pulses of a player who was offline until now."""
        now = time.time()
        pulses = []
        for index in range(size):
            step = player.step + index
            resource = classroom.resource_at(step)
            second = classroom.second_at(step)
            pulses.append(
                b'{"module":%d,"resource":%d,"pulse_id":"%b","duration_delta":15,"watch_time":%d,'
                b'"completed":%b,"played":[[%d,%d]],"occurred_at":"%b","_trace":"t%d"}'
                % (
                    classroom.module_of(resource),
                    resource,
                    self._pulse_id(now),
                    second + 15,
                    b"true" if classroom.ends_resource(step) else b"false",
                    second,
                    second + 15,
                    _moment(now - classroom.PULSE_SECONDS * (size - 1 - index)),
                    step,
                )
            )
        player.step += size
        body = b'{"sent_at":"%b","pulses":[%b]}' % (_moment(now), b",".join(pulses))
        return b"POST /api/tracking/pulses/%b%d\r\n\r\n%b" % (player.headers, len(body), body)

    def _pulse_id(self, now: float) -> bytes:
        self._count += 1
        time_text = b"%012x" % int(now * 1000)
        return b"%b-%b-7%03x-8%03x-%012x" % (
            time_text[:8],
            time_text[8:],
            *self._run,
            self._count,
        )


@lru_cache(maxsize=4096)
def _second(second: int) -> bytes:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)).encode()


def _moment(at: float) -> bytes:
    second = int(at)
    return b"%b.%03dZ" % (_second(second), int((at - second) * 1000))


class Connection(asyncio.Protocol):
    """One connection with at most one request under way."""

    transport: asyncio.Transport

    def __init__(self, traffic: "Traffic") -> None:
        self._traffic = traffic
        self._received = b""
        # When the request under way was to be sent.
        self.due = 0.0
        # Whose turn it is, where a connection has learners of its own.
        self.players: deque[Player] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._received:
            data = self._received + data
        head = data.find(b"\r\n\r\n")
        if head >= 0:
            length = CONTENT_LENGTH.search(data, 0, head)
            if length is None:
                self._traffic.fail(Refused(f"a reply without its length: {data[:500]!r}"))
                return
            if len(data) >= head + 4 + int(length[1]):
                self._received = b""
                self._traffic.answered(self, data)
                return
        self._received = data

    def connection_lost(self, error: Exception | None) -> None:
        self._traffic.fail(Refused(f"the server closed a connection: {error}"))


class Traffic:
    """Requests of all learners; each connection sends its next when it has its answer."""

    def __init__(self, order: Order, learners: list[tuple[int, str]]) -> None:
        self._order = order
        self._writer = Writer()
        self._connections: list[Connection] = []
        self._players = [
            Player(learner, token, order.port, order.first_step) for learner, token in learners
        ]
        self._latencies = array("d")
        self._seconds = order.seconds
        self._by_second = [0] * math.ceil(order.seconds)
        self._pulses = self._pulses_in_all = 0
        self._under_way = 0
        # A server so slow that no answer came in time is measured by the first ones after it.
        self._is_late = False
        self._finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self) -> Delivery:
        """Connect, send for the time that was ordered, and wait for the last answers.

        Raises Refused.
        """
        loop = asyncio.get_running_loop()
        for _ in range(self._order.connections):
            _, connection = await loop.create_connection(
                lambda: Connection(self), "127.0.0.1", self._order.port
            )
            self._connections.append(connection)
        for number, player in enumerate(self._players):
            self._connections[number % len(self._connections)].players.append(player)
        # Nothing here makes cycles, and a pause of the collector would count as the server's.
        gc.collect()
        gc.freeze()
        gc.disable()
        cpu = time.process_time()
        self._begin = loop.time() + self._order.warmup_seconds
        self._end = self._begin + self._order.seconds
        self._start()
        loop.call_at(self._end, self._end_measuring)
        await asyncio.wait_for(
            self._finished, self._order.warmup_seconds + self._order.seconds + DRAIN_SECONDS
        )
        return Delivery(
            pulses=self._pulses,
            pulses_in_all=self._pulses_in_all,
            seconds=self._seconds,
            latency_ms=percentiles(self._latencies),
            by_second=self._by_second,
            cpu_seconds_in_all=time.process_time() - cpu,
        )

    def answered(self, connection: Connection, reply: bytes) -> None:
        """Count an answer and go on."""
        now = time.monotonic()
        if not reply.startswith(b"HTTP/1.1 200 ") or reply.count(RECORDED) != self._order.batch:
            self.fail(Refused(f"a pulse was not recorded: {reply[:2000]!r}"))
            return
        self._under_way -= 1
        self._pulses_in_all += self._order.batch
        moment = self._moment_of(connection.due, now)
        if self._begin <= moment < self._end or (moment >= self._end and self._is_late):
            self._seconds = max(self._seconds, moment - self._begin)
            self._pulses += self._order.batch
            self._latencies.append((now - connection.due) * 1000)
            second = min(int(moment - self._begin), len(self._by_second) - 1)
            self._by_second[second] += self._order.batch
        if now < self._end:
            self._next(connection)
        else:
            self._idle(connection)
            self._finish_when_idle()

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
        player = connection.players[0]
        connection.players.rotate(-1)
        self._send(connection, player, time.monotonic())

    def _idle(self, connection: Connection) -> None:
        """Take note of a connection that has nothing to do."""

    def _send(self, connection: Connection, player: Player, due: float) -> None:
        connection.due = due
        self._under_way += 1
        connection.transport.write(
            self._writer.single(player)
            if self._order.batch == 1
            else self._writer.batch(player, self._order.batch)
        )

    def _end_measuring(self) -> None:
        self._is_late = not self._pulses
        self._finish_when_idle()

    def _finish_when_idle(self) -> None:
        if not self._under_way and not self._finished.done():
            self._finished.set_result(None)


class SteadyTraffic(Traffic):
    """Requests at moments that were fixed beforehand, whatever the server makes of them.

    Many learners who know nothing of each other: the gaps are exponentially distributed. A request
    that finds every connection busy waits, and its waiting counts.
    """

    def _start(self) -> None:
        gaps = random.Random(self._order.first_step)
        moment = self._begin - self._order.warmup_seconds
        self._waiting: deque[float] = deque()
        while moment < self._end:
            self._waiting.append(moment)
            moment += gaps.expovariate(self._order.rate)
        self._free = deque(self._connections)
        self._turns = deque(self._players)
        self._dispatch()

    def _dispatch(self) -> None:
        """Send what is due, and come back for what is not."""
        loop = asyncio.get_running_loop()
        while self._free and self._waiting and self._waiting[0] <= loop.time():
            player = self._turns[0]
            self._turns.rotate(-1)
            self._send(self._free.popleft(), player, self._waiting.popleft())
        if self._free and self._waiting:
            loop.call_at(self._waiting[0], self._dispatch)

    def _moment_of(self, due: float, now: float) -> float:
        """When the request was due: a late answer must not fall out of the measurement."""
        return due

    def _next(self, connection: Connection) -> None:
        was_full = not self._free
        self._free.append(connection)
        if was_full:
            self._dispatch()

    def _idle(self, connection: Connection) -> None:
        self._free.append(connection)
        self._dispatch()

    def _finish_when_idle(self) -> None:
        if not self._waiting:
            super()._finish_when_idle()


async def deliver(order: Order) -> Delivery:
    """Carry out an order. Raises Refused, and TimeoutError when the last answers do not come."""
    learners = [(int(number), str(token)) for number, token in json.loads(_text(order.players))]
    kind = SteadyTraffic if order.rate else Traffic
    return await kind(order, learners).run()


def _text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


def main() -> int:
    """Read an order, carry it out, print what came of it; 1 with the reason when it failed."""
    order = Order(**json.load(sys.stdin))
    try:
        delivery = asyncio.run(deliver(order))
    except (Refused, TimeoutError, OSError) as error:
        print(str(error) or "the last answers did not come", file=sys.stderr)
        return 1
    json.dump(asdict(delivery), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
