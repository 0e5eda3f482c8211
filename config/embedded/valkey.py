"""The embedded Valkey server, the broker, which keeps nothing on disk: started, found, stopped."""

import contextlib
import shutil
import socket
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from config.embedded.account import ensure_private_directory
from config.embedded.addresses import socket_directory, valkey_socket
from config.embedded.binaries import valkey_binary
from config.embedded.errors import EmbeddedServiceError
from config.embedded.processes import (
    command_line,
    end,
    last_line,
    open_log,
    read_pid,
    run,
    tail,
)

START_TIMEOUT_SECONDS = 15
STOP_TIMEOUT_SECONDS = 10


@dataclass(frozen=True)
class Valkey:
    """The server of one home. Whoever starts or stops it holds the lock of that home."""

    home: Path

    def start(self) -> None:
        """Have it run; one that runs stays as it is. Raises EmbeddedServiceError."""
        if not self._answers():
            self.stop()
            ensure_private_directory(socket_directory(self.home))
            self._launch()

    def stop(self) -> None:
        """Stop it; one that does not run is fine."""
        pid = self.pid()
        if pid is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                end([psutil.Process(pid)], timeout=STOP_TIMEOUT_SECONDS)
        self._pid_file.unlink(missing_ok=True)
        self._socket.unlink(missing_ok=True)

    def pid(self) -> int | None:
        """Return the process id of the running server; its title names the socket it listens on."""
        pid = read_pid(self._pid_file)
        ours = any(str(self._socket) in part for part in command_line(pid))
        return pid if ours else None

    def remove(self) -> None:
        """Delete its directory."""
        shutil.rmtree(self._directory, ignore_errors=True)

    @property
    def _socket(self) -> Path:
        return valkey_socket(self.home)

    @property
    def _directory(self) -> Path:
        return self.home / "valkey"

    @property
    def _pid_file(self) -> Path:
        return self._directory / "valkey.pid"

    @property
    def _log(self) -> Path:
        return self.home / "valkey.log"

    def _launch(self) -> None:
        binary = valkey_binary()
        self._directory.mkdir(exist_ok=True)
        open_log(self._log).close()
        # It detaches into its own session: Ctrl-C in a terminal must not end the broker before
        # the processes that use it.
        done = run(
            [
                binary,
                *("--daemonize", "yes"),
                *("--pidfile", str(self._pid_file)),
                *("--port", "0"),
                *("--unixsocket", str(self._socket)),
                *("--unixsocketperm", "700"),
                *("--save", "", "--appendonly", "no"),
                *("--dir", str(self._directory)),
                *("--logfile", str(self._log)),
            ]
        )
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while not self._answers():
            if done.returncode != 0 or time.monotonic() > deadline:
                raise EmbeddedServiceError(
                    f"Valkey did not start on {self._socket}: {last_line(done.stdout)}; "
                    f"the end of its log, {self._log}:\n{tail(self._log)}"
                )
            time.sleep(0.02)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            try:
                client.connect(str(self._socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
            except OSError:
                return False
