"""Signals that ask the stack to end, heeded where it can end cleanly."""

import os
import signal
import time
from types import FrameType


class Interrupted(Exception):
    """SIGINT, SIGTERM or SIGHUP asked the stack to end."""


class StopRequest:
    """Remembers that a signal came; the work looks at it where it can end cleanly."""

    def __init__(self) -> None:
        self.received = False

    def listen(self) -> None:
        """Take over SIGINT, SIGTERM and SIGHUP."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._receive)

    def _receive(self, _number: int, _frame: FrameType | None) -> None:
        # Nothing is cut short by a second Ctrl-C: cutting the stop short is what leaves orphans.
        if self.received:
            os.write(2, b"Still stopping, one moment ...\n")
        self.received = True

    def check(self) -> None:
        """Raise Interrupted once a signal has come."""
        if self.received:
            raise Interrupted

    def sleep(self, seconds: float) -> None:
        """Wait, but no longer than until a signal comes; then raise Interrupted."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.check()
            time.sleep(0.1)
        self.check()
