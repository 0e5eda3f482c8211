import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.addresses import CHECKOUT
from config.embedded.services import EmbeddedServices
from tests.flows.running_stack import STOP_SECONDS, Stack


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
