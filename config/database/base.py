"""Django's PostgreSQL, with pooled connections that need no round trip, and prepared statements."""

from typing import Any, cast

from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper
from psycopg import Cursor

from config.database.pooled import PooledConnection, is_usable


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection that works; raises `OperationalError` when there is none in time."""
        connection = super().get_new_connection(conn_params)
        while self.pool and not is_usable(cast("PooledConnection", connection)):
            # The pool takes it out, and makes another.
            connection.close()
            self.pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        return connection

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
