"""The data of a run: learners with a history, made by SQL without chance, the same every time.

The rows lie on disk in the order in which they would have come about, not learner by learner: what
a refresh reads of one learner is scattered over the tables, as it is in an installation.
"""

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from bench.errors import BenchmarkError

SQL = Path(__file__).parent / "sql"
MODULES = 10
RESOURCES = 2
SESSIONS = 30
ATTEMPTS = 6
ASSIGNMENTS = 3
TEAM_SIZE = 500
# Team 1 is the default team; the admin is in it, and no learner.
FIRST_TEAM = 2

# The large tables, by the files that fill them.
TABLES = {
    "module_progress": "tracking_moduleprogress",
    "resource_progress": "tracking_resourceprogress",
    "assignments": "tracking_assignment",
    "submissions": "tracking_submission",
    "sessions": "tracking_learningsession",
    "attempts": "tracking_quizattempt",
}
HISTORY = ("sessions", "attempts")
# As many as there are cores to use.
WRITERS = 2
# Learners that are touched in one transaction lie within so many ids.
TOUCH_SLICE = 10_000

# Only while rows are made in bulk; what is measured runs with the server's own settings.
BULK_SERVER_SETTINGS = {"max_wal_size": "16GB", "checkpoint_timeout": "1h"}
BULK_SESSION_SETTINGS = {
    "maintenance_work_mem": "1GB",
    "synchronous_commit": "off",
    # Neither foreign keys nor the triggers that note who was touched look at each row.
    "session_replication_role": "replica",
}


@dataclass(frozen=True)
class Population:
    """So many learners, whose histories end at `zero`."""

    database_url: str
    learners: int
    zero: dt.datetime

    @property
    def teams(self) -> int:
        return -(-self.learners // TEAM_SIZE)

    @property
    def first_manager(self) -> int:
        """The manager of the first team of learners."""
        return self.learners + 1

    @property
    def admin(self) -> int:
        return self.learners + self.teams + 1

    def make(self) -> None:
        """Fill an empty, migrated database."""
        with self._bulk() as connection:
            connection.execute(_text("schema"))
            for name in (
                *("modules", "quizzes", "resources", "learner_traits", "teams", "learners"),
                *("managers", "managed_teams"),
            ):
                connection.execute(_text(name), self._values)
            connection.execute("analyze tracking_user, bench.learner")
            with _without_indexes(connection, TABLES.values()):
                self._rounds("module_progress", range(1, MODULES + 1))
                self._rounds("resource_progress", range(1, RESOURCES + 1))
                self._rounds("assignments", range(1, ASSIGNMENTS + 1))
                connection.execute(_text("submissions"), self._values)
                self._history(1)
            _set_sequences(connection)
            _check_references(connection)

    def lengthen_history(self) -> None:
        """Give everybody as many sessions and attempts again, further back in time."""
        with self._bulk() as connection:
            with _without_indexes(connection, [TABLES[name] for name in HISTORY]):
                self._history(2)
            _set_sequences(connection)
            _check_references(connection)

    def touch(self, percent: int, *, shift: int) -> int:
        """Have so many percent of the learners send two pulses; return how many learners that is.

        `shift` says who: another one, other learners. Their writes are ordinary ones, spread over
        many transactions.
        """
        names = ("touched_sessions_new", "touched_modules", "touched_resources", "touched_sessions")
        touched = 0
        with self._connect() as connection:
            for first in range(1, self.learners + 1, TOUCH_SLICE):
                values = self._values | {
                    "first": first,
                    "last": first + TOUCH_SLICE - 1,
                    "shift": shift,
                    "percent": percent,
                }
                for name in names:
                    written = connection.execute(_text(name), values).rowcount
                    if name == "touched_modules":
                        touched += written
        return touched

    def _history(self, part: int) -> None:
        """Make a part of all sessions and attempts, oldest first; part 1 is the latest."""
        for name, count in zip(HISTORY, (SESSIONS, ATTEMPTS), strict=True):
            numbers = range(part * count, (part - 1) * count, -1)
            self._rounds(name, numbers)

    def _rounds(self, name: str, numbers: range) -> None:
        """Make one row for each learner and number, the numbers in their order."""
        with self._connect() as connection:
            latest = connection.execute(
                sql.SQL("select coalesce(max(id), 0) from {}").format(sql.Identifier(TABLES[name]))
            ).fetchone()
        assert latest is not None

        def write(place: int) -> None:
            with self._bulk() as connection:
                values = {
                    "round": numbers[place],
                    "first_id": latest[0] + place * self.learners,
                }
                connection.execute(_text(name), self._values | values)

        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(write, range(len(numbers))))

    @property
    def _values(self) -> dict[str, Any]:
        return {
            "learners": self.learners,
            "zero": self.zero,
            "first_team": FIRST_TEAM,
            "team_size": TEAM_SIZE,
            "modules": MODULES,
            "sessions": SESSIONS,
            "attempts": ATTEMPTS,
        }

    def _connect(self) -> psycopg.Connection:
        # Parameters are put into the text: on their own the numbers in a calculation have no type.
        return psycopg.connect(
            self.database_url, autocommit=True, cursor_factory=psycopg.ClientCursor
        )

    @contextlib.contextmanager
    def _bulk(self) -> Iterator[psycopg.Connection]:
        with self._connect() as connection:
            for name, value in BULK_SESSION_SETTINGS.items():
                connection.execute("select set_config(%s, %s, false)", [name, value])
            yield connection


@contextlib.contextmanager
def bulk_server(connection: psycopg.Connection) -> Iterator[None]:
    """Let the server take in a lot of rows; afterwards it is as it was, with nothing left to do."""
    for name, value in BULK_SERVER_SETTINGS.items():
        connection.execute(
            sql.SQL("alter system set {} = {}").format(sql.Identifier(name), sql.Literal(value))
        )
    connection.execute("select pg_reload_conf()")
    yield
    for name in BULK_SERVER_SETTINGS:
        connection.execute(sql.SQL("alter system reset {}").format(sql.Identifier(name)))
    connection.execute("select pg_reload_conf()")
    connection.execute("vacuum (analyze)")
    connection.execute("checkpoint")


@contextlib.contextmanager
def _without_indexes(connection: psycopg.Connection, tables: Iterable[str]) -> Iterator[None]:
    """Drop the indexes of tables, and make them again at once from all rows.

    What backs a foreign key of another table stays.
    """
    names = list(tables)
    constraints = connection.execute(
        "select conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
        " from pg_constraint as kept where contype in ('p', 'u') and conrelid::regclass::text"
        " = any(%s) and not exists (select from pg_constraint as key"
        " where key.contype = 'f' and key.conindid = kept.conindid)",
        [names],
    ).fetchall()
    indexes = connection.execute(
        "select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index"
        " where indrelid::regclass::text = any(%s) and not exists"
        " (select from pg_constraint where conindid = indexrelid)",
        [names],
    ).fetchall()
    for table, name, _ in constraints:
        connection.execute(f'alter table {table} drop constraint "{name}"')
    for name, _ in indexes:
        connection.execute(f"drop index {name}")
    yield
    for table, name, definition in constraints:
        connection.execute(f'alter table {table} add constraint "{name}" {definition}')
    for _, definition in indexes:
        connection.execute(definition)


def _set_sequences(connection: psycopg.Connection) -> None:
    """Let the ids that follow be free ones."""
    owned = connection.execute(
        "select table_name from information_schema.columns where table_schema = 'public'"
        " and table_name like 'tracking%' and column_name = 'id' and is_identity = 'YES'"
    ).fetchall()
    for (table,) in owned:
        connection.execute(
            f"select setval(pg_get_serial_sequence('{table}', 'id'),"
            f" (select coalesce(max(id), 0) + 1 from {table}), false)"
        )


def _text(name: str) -> str:
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def broken_references(connection: psycopg.Connection) -> list[str]:
    """Return the names of the foreign keys of `tracking` by which some row refers to nothing."""
    keys = connection.execute(
        "select key.conname, key.conrelid::regclass::text, mine.attname,"
        " key.confrelid::regclass::text, theirs.attname"
        " from pg_constraint as key"
        " join pg_attribute as mine on mine.attrelid = conrelid and mine.attnum = conkey[1]"
        " join pg_attribute as theirs on theirs.attrelid = confrelid and theirs.attnum = confkey[1]"
        " where key.contype = 'f' and key.conrelid::regclass::text like 'tracking%'"
        " order by key.conname"
    ).fetchall()
    broken = []
    for name, table, column, other_table, other_column in keys:
        found = connection.execute(
            f"select from {table} as mine where {column} is not null and not exists"
            f" (select from {other_table} as theirs where theirs.{other_column} = mine.{column})"
            " limit 1"
        ).fetchone()
        if found is not None:
            broken.append(name)
    return broken


def _check_references(connection: psycopg.Connection) -> None:
    """Raise BenchmarkError when what was made without looking at foreign keys breaks one."""
    broken = broken_references(connection)
    if broken:
        raise BenchmarkError(f"the data breaks {', '.join(broken)}")


def facts(connection: psycopg.Connection) -> dict[str, Any]:
    """Return how many rows the tables have, how large the database is in bytes, and the mix.

    The mix is how many learners have which status as of the latest refresh, and are at risk.
    """
    rows = connection.execute(
        "select relname, n_live_tup from pg_stat_user_tables where relname = any(%s)",
        [list(TABLES.values())],
    ).fetchall()
    size = connection.execute("select pg_database_size(current_database())").fetchone()
    assert size is not None
    mix = connection.execute(
        "select status, count(*) from analytics.learner_snapshot group by status"
        " union all select 'at risk', count(*) from analytics.learner_snapshot where is_at_risk"
    ).fetchall()
    return {**dict(rows), "bytes": size[0], "mix": dict(sorted(mix))}
