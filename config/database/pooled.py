"""Connections that wait in a pool: which of them still work.

Django asks the server whether a connection is still there each time one is taken from the pool: a
round trip for every request. But a connection that the server has ended says so by itself, as its
socket has something to read. Only that is looked at here. The server is asked after a silence, in
which something on the way may have forgotten the connection without a word.
"""

import select
import time
from typing import Any

from psycopg import Connection, OperationalError
from psycopg.abc import PQGen
from psycopg.errors import _WaitTimeout
from psycopg_pool import ConnectionPool

# After as many seconds without use the server is asked.
SILENCE_SECONDS = 30.0


# And may take as many to answer.
ANSWER_SECONDS = 5.0


class ServerSilent(OperationalError):
    """The connection stands and nothing comes: another one would fare no better."""


class PooledConnection(Connection[Any]):
    """A connection that knows when it was last looked at, in seconds of `time.monotonic`."""

    looked_at: float = 0.0
    # Longest silence of the server within one statement, in seconds. Its own limit on statements is
    # of no use when the server itself has stopped.
    longest_wait: float | None = None

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """Raises OperationalError when no answer comes; the connection is closed then."""
        try:
            return super().wait(gen, interval, self.longest_wait if timeout is None else timeout)
        except _WaitTimeout as error:
            if timeout is not None:
                raise
            # What is still on its way must not be taken for the answer to the next statement.
            self.close()
            raise ServerSilent(
                f"the database has not answered for {self.longest_wait:g} seconds"
            ) from error


def is_usable(connection: PooledConnection) -> bool:
    """Whether a connection that waited in a pool can be expected to work.

    Raises `ServerSilent` when the server does not say.
    """
    now = time.monotonic()
    was_silent = now - connection.looked_at > SILENCE_SECONDS
    connection.looked_at = now
    if not was_silent and not _has_something_to_read(connection):
        return True
    connection.longest_wait = ANSWER_SECONDS
    try:
        ConnectionPool.check_connection(connection)
    except ServerSilent:
        raise
    except OperationalError:
        return False
    return True


def _has_something_to_read(connection: PooledConnection) -> bool:
    """True when the server has ended the connection, or has something to tell unasked."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
