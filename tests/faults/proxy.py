"""A TCP proxy on loopback that cuts connections where a test wants them cut."""

import contextlib
import queue
import select
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from typing import Self

CHUNK_BYTES = 65_536
# How often it is looked whether a silent line is up again.
SILENCE_SECONDS = 0.05
# Sent on close instead of an orderly end: a reset.
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Side(Enum):
    REQUEST = "request"
    REPLY = "reply"


class Line(Enum):
    """What the proxy does with every connection, old and new."""

    UP = "up"
    # They are closed, and nobody gets another one.
    DOWN = "down"
    # They stay, and nothing comes through.
    SILENT = "silent"


@dataclass(frozen=True)
class Cut:
    """Where to cut a connection: after so many bytes of one side."""

    side: Side
    after: int
    by_reset: bool = False


class Proxy:
    """Passes connections on to a port of this machine; each planned cut is for one connection.

    `line` may be set at any time.

    The reply is cut only when its first byte is here: the server has done its work by then.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self.line = Line.UP
        self._cuts: queue.SimpleQueue[Cut] = queue.SimpleQueue()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._upstreams: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._is_closing = threading.Event()

    def __enter__(self) -> Self:
        self._run(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_closing.set()
        # A listener that is only closed keeps the thread that accepts from it waiting.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in list(self._threads):
            thread.join(timeout=5)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self, side: Side, *, after: int, by_reset: bool = False) -> None:
        """Plan to cut the next connection that has no plan yet."""
        self._cuts.put(Cut(side, after, by_reset))

    def upstream_port(self) -> int:
        """Return the port from which the latest connection reaches the server."""
        return int(self._upstreams[-1].getsockname()[1])

    def _run(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._is_closing.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.line is Line.DOWN:
                client.close()
                continue
            try:
                cut = self._cuts.get_nowait()
            except queue.Empty:
                cut = None
            self._run(self._serve, client, cut)

    def _serve(self, client: socket.socket, cut: Cut | None) -> None:
        with client, socket.create_connection(("127.0.0.1", self._port)) as upstream:
            self._upstreams.append(upstream)
            with contextlib.suppress(OSError):
                self._pass_on(client, upstream, cut)
            if cut is not None and cut.by_reset:
                for end in (client, upstream):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)

    def _pass_on(self, client: socket.socket, upstream: socket.socket, cut: Cut | None) -> None:
        """Return when one end has closed or the planned cut is reached."""
        left = {client: sys.maxsize, upstream: sys.maxsize}
        if cut is not None:
            left[client if cut.side is Side.REQUEST else upstream] = cut.after
        other = {client: upstream, upstream: client}
        while not self._is_closing.is_set() and self.line is not Line.DOWN:
            if self.line is Line.SILENT:
                time.sleep(SILENCE_SECONDS)
                continue
            readable, _, _ = select.select([client, upstream], [], [], 0.1)
            # It may have changed while nothing came.
            for source in readable if self.line is Line.UP else []:
                data = source.recv(CHUNK_BYTES)
                passed = data[: left[source]]
                other[source].sendall(passed)
                left[source] -= len(passed)
                if not data or not left[source]:
                    return
