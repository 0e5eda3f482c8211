"""The processes of a stack: how they are told from others, and how they end."""

import contextlib
import os
import subprocess
from pathlib import Path

import psutil

from config.embedded.processes import end

# Every process of a stack carries this variable with the stack's home as its value.
MARKER = "PULSEBOARD_STACK"
# How long what runs may take to end in order; supervisord waits for each program in turn.
STOP_TIMEOUT_SECONDS = 75


def end_marked_processes(home: Path) -> int:
    """End every process of the stack of `home` but this one; return how many there were.

    Only a holder of the stack's lock may call this: then whatever carries the mark is a remnant.
    """
    ended: set[int] = set()
    # More than once, as one may have started another before it ended.
    for timeout in (STOP_TIMEOUT_SECONDS, 5, 5):
        processes = _marked_processes(home)
        ended |= {process.pid for process in processes}
        end(processes, timeout=timeout)
    return len(ended)


def end_child(process: subprocess.Popen[bytes], *, timeout: float) -> None:
    """Ask a process that we started to end; kill it when it has not after `timeout` seconds."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _marked_processes(home: Path) -> list[psutil.Process]:
    here = psutil.Process()
    spared = {here.pid} | {parent.pid for parent in here.parents()}
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            ours = process.uids().real == os.getuid() and process.pid not in spared
            if ours and process.environ().get(MARKER) == str(home):
                found.append(process)
    return found
