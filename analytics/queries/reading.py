"""How figures are read: one statement, which is one snapshot, and never for long."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import DataError, OperationalError, ProgrammingError, connection, transaction

from analytics.problems import NotComputedYet
from config.database.base import allow_silence
from config.problems import Unavailable
from config.sql import read_sql

logger = logging.getLogger(__name__)

# A deploy that rebuilds a view locks readers out; better told to come back than kept waiting.
LOCK_TIMEOUT_MS = 2_000

ROWS_AT_A_TIME = 1_000

OBJECT_NOT_IN_PREREQUISITE_STATE = "55000"
UNDEFINED_SCHEMA, UNDEFINED_TABLE = "3F000", "42P01"
NOT_FILLED = frozenset({OBJECT_NOT_IN_PREREQUISITE_STATE, UNDEFINED_SCHEMA, UNDEFINED_TABLE})


def limits() -> str:
    """Statements that bound what follows them in the same transaction."""
    return (
        f"set local statement_timeout = {settings.ANALYTICS_STATEMENT_TIMEOUT_MS:d};"
        f" set local lock_timeout = {LOCK_TIMEOUT_MS:d}; "
    )


@contextmanager
def rows_one_by_one(name: str, parameters: Mapping[str, Any]) -> Iterator[Iterator[dict[str, Any]]]:
    """The rows of `sql/queries/<name>.sql` from a cursor of the server, however many there are.

    They are those of one snapshot. It is given back with the `with` block, which should do nothing
    that takes long besides. Raises as `read_rows` does.
    """
    with readable(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "set transaction read only;"
                f" set local statement_timeout = {settings.EXPORT_STATEMENT_TIMEOUT_MS:d};"
                f" set local lock_timeout = {LOCK_TIMEOUT_MS:d};"
                # All rows are wanted, not the first ones soon.
                " set local cursor_tuple_fraction = 1"
            )
        allow_silence(connection.connection, settings.EXPORT_STATEMENT_TIMEOUT_MS)
        with connection.chunked_cursor() as cursor:
            cursor.execute(read_sql(f"queries/{name}"), parameters)
            yield _fetched(cursor)


def _fetched(cursor: Any) -> Iterator[dict[str, Any]]:
    while rows := cursor.fetchmany(ROWS_AT_A_TIME):
        columns = [column.name for column in cursor.description]
        for row in rows:
            yield dict(zip(columns, row, strict=True))


def read_rows(name: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of `sql/queries/<name>.sql`, sent together with its limits: one round trip.

    Raises `NotComputedYet` for views that are missing or not filled, and `Unavailable`.
    """
    with readable(), connection.cursor() as cursor:
        cursor.execute(limits() + read_sql(f"queries/{name}"), parameters)
        while cursor.description is None:
            cursor.nextset()
        columns = [column.name for column in cursor.description]
        rows: Sequence[Sequence[Any]] = cursor.fetchall()
    return [dict(zip(columns, row, strict=True)) for row in rows]


def read_one(name: str, parameters: Mapping[str, Any]) -> tuple[Any, ...]:
    """The only row of `sql/queries/<name>.sql`, which sees to its limits itself.

    Raises as `read_rows` does.
    """
    with readable(), connection.cursor() as cursor:
        cursor.execute(read_sql(f"queries/{name}"), parameters)
        row: tuple[Any, ...] = cursor.fetchone()
    return row


@contextmanager
def readable() -> Iterator[None]:
    """What the database says against reading a view, as the problem that the caller is told."""
    try:
        yield
    except OperationalError as error:
        if _sqlstate(error) in NOT_FILLED:
            raise _not_filled(error) from error
        raise
    except (ProgrammingError, DataError) as error:
        if _sqlstate(error) in NOT_FILLED:
            raise _not_filled(error) from error
        # A grant that was revoked, a column that is gone: of the database, not of the request.
        logger.exception("a view cannot be read")
        raise Unavailable("The figures cannot be read.") from error


def _sqlstate(error: Exception) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)


def _not_filled(error: Exception) -> NotComputedYet:
    # Right after a first deploy this is expected; for a view that was lost it never ends.
    logger.error("a view cannot be read: %s", str(error).strip())
    return NotComputedYet()
