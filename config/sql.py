"""The SQL of the project lives in files under `sql/`; this is how Python gets at it."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

from django.db import connection, connections

from config.database.base import DatabaseWrapper

SQL_DIR = Path(__file__).resolve().parent.parent / "sql"


@cache
def read_sql(name: str) -> str:
    """The text of `sql/<name>.sql`."""
    return (SQL_DIR / f"{name}.sql").read_text(encoding="utf-8")


def fetch_rows(name: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Run `sql/<name>.sql` with named parameters; each row as column → value."""
    with connection.cursor() as cursor:
        cursor.execute(read_sql(name), parameters)
        columns = [column.name for column in cursor.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def fetch_prepared(name: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run `sql/<name>.sql`, which the server keeps for the connection; the rows as they come."""
    with cast("DatabaseWrapper", connections[connection.alias]).prepared_cursor() as cursor:
        cursor.execute(read_sql(name), parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
