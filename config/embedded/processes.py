"""Processes seen from outside: their ends, their pid files, locks and logs."""

import contextlib
import fcntl
import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import psutil

KILL_TIMEOUT_SECONDS = 5
LOG_LIMIT_BYTES = 10 * 1024 * 1024


def run(
    command: Sequence[str],
    *,
    user: int | None = None,
    group: int | None = None,
    output: IO[bytes] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program with a small, fixed environment; never raises on its exit code.

    The environment is not ours, so that no server carries the mark of the stack that started it;
    the session is not ours either, so that Ctrl-C reaches this process alone.
    """
    path = os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
    return subprocess.run(
        command,
        cwd="/",
        env={"PATH": path, "LC_ALL": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        stdout=output or subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        start_new_session=True,
        user=user,
        group=group,
        extra_groups=None if user is None else [],
    )


def still_alive(processes: Sequence[psutil.Process], *, timeout: float) -> list[psutil.Process]:
    """Wait for processes to end, in seconds at most `timeout`; return those that have not.

    A zombie has ended: in a container it may be that nobody ever collects it.
    """

    def lives(process: psutil.Process) -> bool:
        try:
            return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    deadline = time.monotonic() + timeout
    alive = list(processes)
    while (alive := [process for process in alive if lives(process)]) and (
        time.monotonic() < deadline
    ):
        time.sleep(0.02)
    return alive


def end(processes: Sequence[psutil.Process], *, timeout: float) -> None:
    """Ask processes to end; kill those that have not after `timeout` seconds."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    stubborn = still_alive(processes, timeout=timeout)
    for process in stubborn:
        with contextlib.suppress(psutil.Error):
            process.kill()
    still_alive(stubborn, timeout=KILL_TIMEOUT_SECONDS)


def read_pid(path: Path) -> int | None:
    """Return the process id on the first line of a file, if there is one."""
    try:
        pid = int(path.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return pid if pid > 0 else None


def command_line(pid: int | None) -> list[str]:
    """Return the arguments of a living process, nothing for one that is gone or not ours."""
    if pid is None:
        return []
    try:
        return psutil.Process(pid).cmdline()
    except psutil.Error:
        return []


def try_lock(handle: IO[str]) -> bool:
    """Take the lock of an open file; the kernel frees the lock of a killed process."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def open_log(path: Path) -> IO[bytes]:
    """Open a log for appending, after putting a large one aside."""
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return path.open("ab")


def tail(*logs: Path, lines: int = 15) -> str:
    """Return the end of one log, or of several as if they were one, indented for a message."""
    text = "".join(log.read_text(errors="replace") for log in logs if log.is_file())
    return "\n".join(f"  {line}" for line in text.splitlines()[-lines:]) or "  (empty)"


def last_line(text: str) -> str:
    """Return what a program said last, where the telling line of an error stands."""
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else "no further message"
