"""The processor time of a server whose processes come and go."""

import subprocess

import psutil
import pytest

from bench.processes import cpu_seconds_of_postgres


def test_processes_that_end_while_they_are_counted_are_counted() -> None:
    """A shell stands for the server: whatever it runs ends at once."""
    some = "/bin/true & " * 20
    script = f"i=0; while [ $i -lt 150 ]; do {some} wait; i=$((i+1)); done; read end"
    with subprocess.Popen(["/bin/sh", "-c", script], stdin=subprocess.PIPE) as shell:
        server = psutil.Process(shell.pid)
        counted = [cpu_seconds_of_postgres(server) for _ in range(500)]
        shell.communicate(b"end\n", timeout=60)

    assert counted == sorted(counted)
    assert counted[-1] > counted[0]


def test_a_server_that_is_gone_is_not_counted() -> None:
    with subprocess.Popen(["/bin/true"]) as gone:
        server = psutil.Process(gone.pid)

    with pytest.raises(psutil.NoSuchProcess):
        cpu_seconds_of_postgres(server)
