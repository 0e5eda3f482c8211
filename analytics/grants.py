"""The role of readers with SQL, and what it may do: `sql/roles.sql` and `sql/grants.sql`."""

import datetime as dt
import logging
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from psycopg.errors import Diagnostic

from config.sql import fetch_rows, read_sql

logger = logging.getLogger(__name__)

# What `raise warning` in a file carries; PostgreSQL's own warnings have codes of their own.
RAISED_WARNING = "01000"
# A session's own limits come first: what they end is told to whoever sits in front of it.
GRACE = dt.timedelta(seconds=5)


@dataclass(frozen=True)
class EndedSession:
    """A reader's session that was past a limit, and for how long what it did had gone on."""

    role: str
    pid: int
    limit_name: str
    seconds: int


def grant_readers() -> list[str]:
    """Have the role, its limits and its grants as the files say; what could not be had, and why.

    May be repeated: what is in order is left alone. Raises `django.db.Error` when the database
    refuses what the owner of the views may do.
    """
    warnings: list[str] = []

    def note(diagnostic: Diagnostic) -> None:
        if diagnostic.sqlstate == RAISED_WARNING:
            warnings.append(diagnostic.message_primary or "")

    connection.ensure_connection()
    connection.connection.add_notice_handler(note)
    try:
        for name in ("roles", "grants"):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"set local lock_timeout = {settings.REFRESH_LOCK_TIMEOUT_MS:d}")
                cursor.execute(read_sql(name))
    finally:
        connection.connection.remove_notice_handler(note)
    return warnings


def end_overlong_sessions() -> list[EndedSession]:
    """End the sessions of readers that are past the limits of their role; which ones.

    PostgreSQL lets a session lift its own time limits. The role this runs as needs the rights of
    pg_signal_backend and pg_read_all_stats; without them it sees and ends nothing.
    """
    rows = fetch_rows("readers/end_overlong", {"grace_seconds": GRACE.total_seconds()})
    ended = [
        EndedSession(row["usename"], row["pid"], row["limit_name"], row["seconds"]) for row in rows
    ]
    for session in ended:
        logger.warning(
            "ended session %d of %s: past %s after %d s",
            session.pid,
            session.role,
            session.limit_name,
            session.seconds,
        )
    return ended
