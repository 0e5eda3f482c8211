"""The same request over and over: what many managers at once look like to a server.

A process of its own: reads an `Order` as JSON from stdin, prints the `Answers` as JSON.
"""

import asyncio
import json
import sys
from dataclasses import asdict, dataclass

from bench.traffic import Answers, Connection, Refused, Traffic


@dataclass(frozen=True)
class Order:
    """What to ask for, over how many connections, and the status that is expected."""

    port: int
    path: str
    headers: dict[str, str]
    status: int
    connections: int
    warmup_seconds: float
    seconds: float

    def request(self) -> bytes:
        """Return the text of the request."""
        headers = {"Host": f"127.0.0.1:{self.port}", "Accept": "application/json"} | self.headers
        lines = [f"GET {self.path} HTTP/1.1", *(f"{name}: {headers[name]}" for name in headers)]
        return "\r\n".join([*lines, "", ""]).encode()


class Reading(Traffic):
    """Each connection sends the request again when it has its answer."""

    def __init__(self, order: Order) -> None:
        super().__init__(
            port=order.port,
            connections=order.connections,
            warmup_seconds=order.warmup_seconds,
            seconds=order.seconds,
        )
        self._request = order.request()
        self._expected = f"HTTP/1.1 {order.status} ".encode()

    def request(self, connection: Connection) -> bytes:
        return self._request

    def check(self, reply: bytes) -> None:
        if not reply.startswith(self._expected):
            raise Refused(f"{self._expected.decode()}was expected: {reply[:2000]!r}")


async def read(order: Order) -> Answers:
    """Carry out an order. Raises Refused, and TimeoutError when the last answers do not come."""
    return await Reading(order).run()


def main() -> int:
    """Read an order, carry it out, print what came of it; 1 with the reason when it failed."""
    order = Order(**json.load(sys.stdin))
    try:
        answers = asyncio.run(read(order))
    except (Refused, TimeoutError, OSError) as error:
        print(str(error) or "the last answers did not come", file=sys.stderr)
        return 1
    json.dump(asdict(answers), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
