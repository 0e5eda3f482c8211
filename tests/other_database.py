"""A database beside that of the tests, for what happens to one as a whole: deploys, migrations."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString
from urllib.parse import quote

import psycopg
from django.db import connection
from psycopg.rows import dict_row

from config.embedded.addresses import CHECKOUT
from tests.reader import execute


@contextmanager
def empty_database(name: str) -> Iterator[str]:
    """Make one on the server of the tests; its address, for as long as the block lasts."""
    execute(f"create database {name}")
    try:
        yield address_of(name)
    finally:
        execute(f"drop database {name} with (force)")


def address_of(name: str) -> str:
    """Of a database on the server of the tests."""
    settings = connection.settings_dict
    user, password = (quote(settings[part] or "", safe="") for part in ("USER", "PASSWORD"))
    host = settings["HOST"] or settings["OPTIONS"].get("host", "")
    port = f"&port={settings['PORT']}" if settings["PORT"] else ""
    secret = f":{password}" if password else ""
    return f"postgresql://{user}{secret}@/{name}?host={quote(host, safe='/')}{port}"


def manage(address: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of manage.py on the database of that address."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=CHECKOUT,
        env={**os.environ, "DATABASE_URL": address},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def rows_of(address: str, statement: LiteralString) -> list[dict[str, Any]]:
    """What one statement returns there."""
    with psycopg.connect(address, row_factory=dict_row) as session:
        cursor = session.execute(statement)
        return cursor.fetchall() if cursor.description else []
