"""The learners' side: pulses over HTTP, as fast as they are answered or at a given rate.

All of a request but its numbers is put together beforehand, and a reply is looked at for its
status and the word that every pulse was recorded.

A process of its own: reads an `Order` as JSON from stdin, prints a `Delivery` as JSON.
"""

import asyncio
import json
import random
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from bench.ingest import classroom
from bench.traffic import Connection, Refused, Traffic

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


class PulseTraffic(Traffic):
    """The pulses of all learners; each connection has learners of its own, who take turns."""

    def __init__(self, order: Order, learners: list[tuple[int, str]]) -> None:
        super().__init__(
            port=order.port,
            connections=order.connections,
            warmup_seconds=order.warmup_seconds,
            seconds=order.seconds,
        )
        self._order = order
        self._writer = Writer()
        self._players = [
            Player(learner, token, order.port, order.first_step) for learner, token in learners
        ]
        self._turns = [
            deque(self._players[number :: order.connections]) for number in range(order.connections)
        ]

    def request(self, connection: Connection) -> bytes:
        return self._write(self._turns[connection.number])

    def check(self, reply: bytes) -> None:
        if not reply.startswith(b"HTTP/1.1 200 ") or reply.count(RECORDED) != self._order.batch:
            raise Refused(f"a pulse was not recorded: {reply[:2000]!r}")

    def _write(self, players: deque[Player]) -> bytes:
        player = players[0]
        players.rotate(-1)
        if self._order.batch == 1:
            return self._writer.single(player)
        return self._writer.batch(player, self._order.batch)


class SteadyTraffic(PulseTraffic):
    """Requests at moments that were fixed beforehand, whatever the server makes of them.

    Many learners who know nothing of each other: the gaps are exponentially distributed. A request
    that finds every connection busy waits, and its waiting counts.
    """

    def request(self, connection: Connection) -> bytes:
        return self._write(self._all)

    def _start(self) -> None:
        gaps = random.Random(self._order.first_step)
        moment = self._begin - self._order.warmup_seconds
        self._waiting: deque[float] = deque()
        while moment < self._end:
            self._waiting.append(moment)
            moment += gaps.expovariate(self._order.rate)
        self._free = deque(self._connections)
        self._all = deque(self._players)
        self._dispatch()

    def _dispatch(self) -> None:
        """Send what is due, and come back for what is not."""
        loop = asyncio.get_running_loop()
        while self._free and self._waiting and self._waiting[0] <= loop.time():
            self._send(self._free.popleft(), self._waiting.popleft())
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

    def _rest(self, connection: Connection) -> None:
        self._free.append(connection)
        self._dispatch()
        super()._rest(connection)

    def _finish_when_idle(self) -> None:
        if not self._waiting:
            super()._finish_when_idle()


async def deliver(order: Order) -> Delivery:
    """Carry out an order. Raises Refused, and TimeoutError when the last answers do not come."""
    learners = [(int(number), str(token)) for number, token in json.loads(_text(order.players))]
    kind = SteadyTraffic if order.rate else PulseTraffic
    answers = await kind(order, learners).run()
    return Delivery(
        pulses=answers.count * order.batch,
        pulses_in_all=answers.count_in_all * order.batch,
        seconds=answers.seconds,
        latency_ms=answers.latency_ms,
        by_second=[count * order.batch for count in answers.by_second],
        cpu_seconds_in_all=answers.cpu_seconds_in_all,
    )


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
