"""One stack per home: the right to run it, and how it is taken from whoever has it."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import psutil

from config.embedded.processes import try_lock
from config.stack.errors import StackError
from config.stack.options import Options
from config.stack.processes import STOP_TIMEOUT_SECONDS, end_marked_processes


@contextlib.contextmanager
def stack_lock(home: Path) -> Iterator[None]:
    """Hold the right to run the stack of `home`; the kernel takes it back from a killed process.

    Raises StackError while a live stack holds it.
    """
    with _lock_file(home).open("a+") as handle:
        if not try_lock(handle):
            raise StackError(
                f"already running (pid {_locked_by(home)}) - stop it first with Ctrl-C or make stop"
            )
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def stop_stack(options: Options) -> None:
    """End the stack of this home, live or killed, and its services; raises StackError."""
    if not options.home.is_dir():
        return
    with _lock_file(options.home).open("a+") as handle:
        if not try_lock(handle):
            _ask_to_end(options.home, handle)
        end_marked_processes(options.home)
        options.services.stop()


def _ask_to_end(home: Path, handle: IO[str]) -> None:
    pid = _locked_by(home)
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(int(pid)) if pid.isdigit() else None
        if process is None or "config.stack" not in process.cmdline():
            raise StackError(f"the running stack (pid {pid}) is not known; end it with Ctrl-C")
        process.terminate()
    deadline = time.monotonic() + 2 * STOP_TIMEOUT_SECONDS
    while not try_lock(handle):
        if time.monotonic() > deadline:
            raise StackError(f"the stack (pid {pid}) does not end; end it with kill -9 {pid}")
        time.sleep(0.1)


def _lock_file(home: Path) -> Path:
    return home / "stack.lock"


def _locked_by(home: Path) -> str:
    return _lock_file(home).read_text().strip() or "unknown"
