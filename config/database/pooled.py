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
from psycopg_pool import ConnectionPool

# After as many seconds without use the server is asked.
SILENCE_SECONDS = 30.0


class PooledConnection(Connection[Any]):
    """A connection that knows when it was last looked at, in seconds of `time.monotonic`."""

    looked_at: float = 0.0


def is_usable(connection: PooledConnection) -> bool:
    """Whether a connection that waited in a pool can be expected to work."""
    now = time.monotonic()
    was_silent = now - connection.looked_at > SILENCE_SECONDS
    connection.looked_at = now
    if not was_silent and not _has_something_to_read(connection):
        return True
    try:
        ConnectionPool.check_connection(connection)
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
