"""The life of `make run`: it starts, ends cleanly, survives kill -9 and keeps its data."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from config.embedded import CHECKOUT, EmbeddedServices
from config.stack import MARKER

START_SECONDS = 150
STOP_SECONDS = 90

pytestmark = pytest.mark.timeout(600)


@dataclass
class Stack:
    """`python -m config.stack` in a home and on a port of its own."""

    home: Path
    port: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def output(self) -> str:
        return (self.home / "output").read_text()

    def start(self) -> subprocess.Popen[bytes]:
        """Start it and wait for the banner."""
        ours = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "SECRET_KEY")
        environment = {key: value for key, value in os.environ.items() if key not in ours}
        environment |= {"PULSEBOARD_HOME": str(self.home), "PORT": str(self.port)}
        with (self.home / "output").open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "config.stack"],
                cwd=CHECKOUT,
                env=environment,
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
            return client.get(f"http://127.0.0.1:{self.port}/readyz").status_code == 200

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


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    stack = Stack(tmp_path.resolve(), port)
    yield stack
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


def test_a_stack_ends_on_ctrl_c_and_starts_again_after_kill_9(stack: Stack) -> None:
    database_url = EmbeddedServices(stack.home).database_url

    first = stack.start()
    assert stack.ready()
    first.send_signal(signal.SIGINT)
    first.send_signal(signal.SIGINT)
    assert first.wait(timeout=STOP_SECONDS) == 0
    assert "Traceback" not in stack.output
    stack.assert_gone()

    second = stack.start()
    with psycopg.connect(database_url) as connection:
        connection.execute("create table kept (note text)")
    second.kill()
    second.wait()
    assert stack.marked() != []

    third = stack.start()
    assert "that a killed stack had left" in stack.output
    assert stack.ready()
    with psycopg.connect(database_url) as connection:
        connection.execute("drop table kept")
    third.send_signal(signal.SIGTERM)
    assert third.wait(timeout=STOP_SECONDS) == 0
    stack.assert_gone()


def test_a_lost_supervisor_ends_the_stack_with_an_error(stack: Stack) -> None:
    process = stack.start()
    os.kill(int((stack.home / "supervisord.pid").read_text()), signal.SIGKILL)
    assert process.wait(timeout=STOP_SECONDS) == 1
    assert "supervisord ended" in stack.output
    assert "Traceback" not in stack.output
    stack.assert_gone()
