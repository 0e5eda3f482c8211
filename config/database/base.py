"""Django's PostgreSQL, with pooled connections that need no round trip, and prepared statements."""

from typing import Any, cast

from django.conf import settings
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper
from psycopg import Cursor

from config.database.pooled import PooledConnection, ServerSilent, is_usable

# For the answer of a server that keeps its own limit.
GRACE_SECONDS = 5.0


def allow_silence(connection: Any, statement_timeout_ms: int) -> None:
    """Wait for an answer a little longer than the server may work on a statement.

    Without a pool it is waited for as long as it takes: commands and workers have that time.
    """
    if isinstance(connection, PooledConnection):
        connection.longest_wait = statement_timeout_ms / 1000 + GRACE_SECONDS


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection that works; raises `OperationalError` when there is none in time."""
        connection = super().get_new_connection(conn_params)
        while self.pool and not self._is_usable(connection):
            # The pool takes it out, and makes another.
            connection.close()
            self.pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        if self.pool:
            allow_silence(connection, settings.DATABASE_STATEMENT_TIMEOUT_MS)
        return connection

    def _is_usable(self, connection: Any) -> bool:
        try:
            return is_usable(cast("PooledConnection", connection))
        except ServerSilent:
            self.pool.putconn(connection)
            raise

    def prepared_cursor(self) -> CursorWrapper:
        """A cursor for statements that are run so often that the server is to keep them."""
        self.ensure_connection()
        # From its first use on. Django's own cursors do not know prepared statements.
        self.connection.prepare_threshold = 0
        with self.wrap_database_errors:
            cursor: CursorWrapper = self._prepare_cursor(  # type: ignore[attr-defined]
                Cursor(self.connection)
            )
        return cursor
