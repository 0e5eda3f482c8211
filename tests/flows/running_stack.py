"""The product as `make run` runs it, in a home and on a port of its own."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from config.embedded.addresses import CHECKOUT
from config.embedded.services import EmbeddedServices
from config.stack.processes import MARKER

START_SECONDS = 150
STOP_SECONDS = 90


@dataclass
class Stack:
    """`python -m config.stack` in a home and on a port of its own."""

    home: Path
    port: int
    # What its user sets besides: the addresses of services of one's own, and the key.
    given: dict[str, str] = field(default_factory=dict)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def output(self) -> str:
        return (self.home / "output").read_text()

    @property
    def environment(self) -> dict[str, str]:
        ours = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "HOST", "DJANGO_SETTINGS_MODULE")
        environment = {key: value for key, value in os.environ.items() if key not in ours}
        here = {"PULSEBOARD_HOME": str(self.home), "PORT": str(self.port)}
        return environment | self.given | here

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> subprocess.Popen[bytes]:
        """Start it and wait for the banner."""
        with (self.home / "output").open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "config.stack"],
                cwd=CHECKOUT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes.append(process)
        deadline = time.monotonic() + START_SECONDS
        while "Ctrl-C stops everything" not in self.output:
            assert process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.2)
        return process

    def ready(self) -> bool:
        with httpx.Client(trust_env=False, timeout=10) as client:
            return client.get(f"{self.base_url}/readyz").status_code == 200

    def marked(self) -> list[str]:
        """Return the command lines of the living processes of this stack."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get(MARKER) == str(self.home):
                    found.append(" ".join(process.cmdline()))
            except psutil.Error:
                continue
        return found

    def assert_gone(self) -> None:
        status = EmbeddedServices(self.home).status()
        assert self.marked() == []
        assert (status.postgres, status.valkey) == (None, None)

    def manage(self, *arguments: str) -> str:
        """Run a command of manage.py against the stack's database; what it printed."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=CHECKOUT,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout


@contextlib.contextmanager
def stack_in(home: Path, given: Mapping[str, str] | None = None) -> Iterator[Stack]:
    """A stack that is not started yet; afterwards nothing of it runs or is left."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    stack = Stack(home.resolve(), port, dict(given or {}))
    try:
        yield stack
    finally:
        for process in stack.processes:
            if process.poll() is None:
                process.terminate()
                process.wait(timeout=STOP_SECONDS)
        subprocess.run(
            [sys.executable, "-m", "config.stack", "stop"],
            cwd=CHECKOUT,
            env={**os.environ, "PULSEBOARD_HOME": str(stack.home)},
            check=True,
            timeout=STOP_SECONDS,
        )
        EmbeddedServices(stack.home).remove()
