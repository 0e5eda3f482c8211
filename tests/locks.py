"""Locks held on purpose, so that what waits for them comes to a known point."""

import time

from django.db import connection, connections

WAIT_SECONDS = 20


class lock_held_by_another:  # noqa: N801 - reads as a phrase in a with statement
    """Run a locking statement on a connection of its own and hold it."""

    def __init__(self, statement: str) -> None:
        self.connection = connections.create_connection("default")
        self.statement = statement

    def __enter__(self) -> None:
        self.connection.set_autocommit(False)
        with self.connection.cursor() as cursor:
            cursor.execute(self.statement)

    def __exit__(self, *_: object) -> None:
        self.connection.rollback()
        self.connection.close()


def until_waiting(count: int) -> None:
    """Return when that many statements of this database wait for a lock."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_stat_activity"
                " where wait_event_type = 'Lock' and datname = current_database()"
            )
            (waiting,) = cursor.fetchone()
        if waiting >= count:
            return
        time.sleep(0.05)
    raise AssertionError(f"{count} statements were to wait for a lock, and only {waiting} do")
