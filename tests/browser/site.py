"""The product as people reach it: the running stack, its database, and the network before it."""

import contextlib
import datetime as dt
import subprocess
import time
import xmlrpc.client
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from django.conf import settings
from psycopg.rows import dict_row
from supervisor.xmlrpc import SupervisorTransport

from config.embedded.services import EmbeddedServices
from tests.browser.people import People
from tests.flows.running_stack import Stack, stack_in

# Refreshes come at this pace, so that tests which are not about the pace do not wait.
REFRESH_SECONDS = 5
# The exit code of `manage.py refresh` when another refresh was at work.
SKIPPED = 3


@dataclass
class Site:
    """One stack for all tests of a run."""

    stack: Stack
    people: People

    def rows(self, statement: LiteralString, **parameters: Any) -> list[dict[str, Any]]:
        """Run a statement against the stack's database and return its rows."""
        url = EmbeddedServices(self.stack.home).database_url
        with psycopg.connect(url, autocommit=True, row_factory=dict_row) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def focus_seconds(self, learner_id: int) -> int:
        """What the product has counted for a learner, in seconds."""
        (row,) = self.rows(
            """
            select coalesce(sum(focus_duration_seconds), 0)::int as seconds
            from tracking_learningsession where user_id = %(learner)s
            """,
            learner=learner_id,
        )
        return int(row["seconds"])

    def pulses(self, learner_id: int) -> list[dict[str, Any]]:
        """The ledger of a learner, oldest first."""
        return self.rows(
            """
            select pulse_id, duration_delta, completed, received_at from tracking_pulse
            where user_id = %(learner)s order by received_at, pulse_id
            """,
            learner=learner_id,
        )

    def refreshed(self) -> None:
        """Run a refresh that sees everything that was written before this call."""
        while True:
            try:
                self.stack.manage("refresh")
                return
            except subprocess.CalledProcessError as error:
                # Another one is at work, which may have begun before.
                if error.returncode != SKIPPED:
                    raise AssertionError(error.stderr) from error

    def age_figures(self, by: dt.timedelta) -> None:
        """Make the figures older than they are, as if nothing had refreshed them for so long."""
        self.rows("update analytics_stamp set computed_at = computed_at - %(by)s", by=by)

    @contextlib.contextmanager
    def without(self, program: str) -> Iterator[None]:
        """While this lasts, a program of the stack, such as `beat`, does not run."""
        self.stop(program)
        try:
            yield
        finally:
            with self._supervisord() as supervisord:
                supervisord.supervisor.startProcess(program)

    def stop(self, program: str) -> None:
        with self._supervisord() as supervisord:
            supervisord.supervisor.stopProcess(program)

    def _supervisord(self) -> xmlrpc.client.ServerProxy:
        socket = EmbeddedServices(self.stack.home).socket_directory / "supervisor.sock"
        # The package carries no types.
        transport: Any = SupervisorTransport(serverurl=f"unix://{socket}")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)


@contextlib.contextmanager
def site_in(home: Path, given: Mapping[str, str]) -> Iterator[Site]:
    """A site that runs in a home of its own, with people for the tests."""
    # The same key, so that the tests can sign tokens.
    with stack_in(home, {"SECRET_KEY": settings.SECRET_KEY, **given}) as stack:
        stack.start()
        site = Site(stack, People.on(stack))
        site.stop("simulator")
        yield site


def eventually(measure: Callable[[], int], least: int, seconds: float = 15) -> int:
    """Measure again and again until it is as much as that, or the time is over."""
    ends = time.monotonic() + seconds
    while (found := measure()) < least and time.monotonic() < ends:
        time.sleep(0.1)
    return found
