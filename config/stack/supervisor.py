"""supervisord, which keeps the programs of the product running."""

import subprocess
import sys
import xmlrpc.client
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from config.embedded.account import ensure_private_directory
from config.embedded.processes import tail
from config.stack.errors import StackError
from config.stack.options import Options
from config.stack.processes import STOP_TIMEOUT_SECONDS, end_child
from config.stack.programs import programs, supervisor_configuration
from config.stack.terminal import say

# States of supervisord that mean: not running, and not going to be.
GIVEN_UP = frozenset({"FATAL", "EXITED", "UNKNOWN"})


class Supervisor:
    """supervisord as a child in a session of its own, where a terminal's Ctrl-C is not felt."""

    def __init__(self, options: Options, environment: Mapping[str, str]) -> None:
        """Start it. Raises EmbeddedServiceError when there is no safe place for its socket."""
        self._options = options
        self._essential = {program.name for program in programs(options) if program.essential}
        self._pids: dict[str, int] = {}
        self._restarting: set[str] = set()
        ensure_private_directory(options.services.socket_directory)
        configuration = options.home / "supervisord.conf"
        configuration.write_text(supervisor_configuration(options))
        with (options.logs / "supervisord.out").open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(configuration)],
                cwd=options.home,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start_program(self, name: str) -> None:
        """Start a program that does not start by itself; a failure is told, not raised."""
        try:
            with self._rpc() as rpc:
                rpc.supervisor.startProcess(name)
        except (xmlrpc.client.Error, OSError) as error:
            say(f"The {name} did not start ({error}); see {self._log(name)}")

    def restart(self, name: str) -> None:
        """Stop a program, by force when it does not end, and start it again: `check` sees to it."""
        wait = False
        try:
            with self._rpc() as rpc:
                rpc.supervisor.stopProcess(name, wait)
            self._restarting.add(name)
        except (xmlrpc.client.Error, OSError) as error:
            say(f"The {name} could not be stopped ({error}); see {self._log(name)}")

    @property
    def is_restarting(self) -> bool:
        """Whether a program is still to end before it is started again."""
        return bool(self._restarting)

    def check(self) -> None:
        """Raise StackError when supervisord, or a program the product needs, is gone for good."""
        logs = self._options.logs
        if self._process.poll() is not None:
            raise StackError(
                f"supervisord ended with exit code {self._process.returncode}; the end of its "
                f"output:\n{tail(logs / 'supervisord.out', logs / 'supervisord.log')}"
            )
        for state in self._states():
            name, pid = str(state["name"]), int(state["pid"])
            if name in self._essential and state["statename"] in GIVEN_UP:
                raise StackError(
                    f"{name} keeps failing and was given up; the end of its log, "
                    f"{self._log(name)}:\n{tail(self._log(name))}"
                )
            if name in self._restarting and state["statename"] == "STOPPED":
                self._restarting.discard(name)
                self.start_program(name)
            if pid and self._pids.get(name, pid) != pid:
                say(f"{name} ended and was started again; see {self._log(name)}")
            if pid:
                self._pids[name] = pid

    def stop(self) -> None:
        """Have supervisord stop its programs in order; kill it when it does not come back."""
        end_child(self._process, timeout=STOP_TIMEOUT_SECONDS)

    def _log(self, name: str) -> Path:
        return self._options.logs / f"{name}.log"

    def _states(self) -> list[dict[str, Any]]:
        try:
            with self._rpc() as rpc:
                states: Any = rpc.supervisor.getAllProcessInfo()
                return list(states)
        except (xmlrpc.client.Error, OSError):
            # It is starting, or it is ending, which the next look at the process tells.
            return []

    def _rpc(self) -> xmlrpc.client.ServerProxy:
        # The package carries no types.
        transport: Any = SupervisorTransport(serverurl=f"unix://{self._options.supervisor_socket}")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
