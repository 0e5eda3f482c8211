"""Somebody who reads with SQL: a role that signs in, and was granted pulseboard_reader."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString
from urllib.parse import quote

import psycopg
from django.db import connection
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from analytics.grants import grant_readers
from config.embedded.account import service_account
from config.embedded.binaries import postgres_binaries

PASSWORD = "for-tests-only"


@dataclass(frozen=True)
class Reader:
    """A role that signs in to the test database."""

    name: str

    @property
    def conninfo(self) -> str:
        return self.conninfo_of(connection.settings_dict["NAME"])

    def conninfo_of(self, database: str) -> str:
        """For psycopg and psql: the address of a database on the server of the tests."""
        settings = connection.settings_dict
        return make_conninfo(
            host=settings["HOST"] or settings["OPTIONS"].get("host"),
            port=settings["PORT"] or None,
            dbname=database,
            user=self.name,
            password=PASSWORD,
        )

    def url_of(self, database: str) -> str:
        """For Django: the same as an address."""
        settings = connection.settings_dict
        host = settings["HOST"] or settings["OPTIONS"].get("host")
        port = f"&port={settings['PORT']}" if settings["PORT"] else ""
        return f"postgresql://{self.name}:{PASSWORD}@/{database}?host={quote(host, safe='/')}{port}"

    def connect(self) -> psycopg.Connection[dict[str, Any]]:
        """A session of its own; each statement is a transaction."""
        return psycopg.connect(self.conninfo, autocommit=True, row_factory=dict_row)

    def rows(self, statement: LiteralString) -> list[dict[str, Any]]:
        with self.connect() as session:
            return session.execute(statement).fetchall()

    def psql(self, text: str) -> subprocess.CompletedProcess[str]:
        """Give psql a script; it stops at the first error."""
        psql = postgres_binaries(service_account()) / "psql"
        return subprocess.run(
            [str(psql), "--no-psqlrc", "--set=ON_ERROR_STOP=1", self.conninfo],
            input=text,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )


@contextmanager
def reader(name: str = "reader_of_tests") -> Iterator[Reader]:
    """A reader with the limits of the group, for as long as the block lasts."""
    execute(f"create role {name} login password '{PASSWORD}' in role pulseboard_reader")
    try:
        grant_readers()
        yield Reader(name)
    finally:
        execute(f"drop role {name}")


def execute(statement: str) -> None:
    """As the owner of everything."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
