"""The proof of the counters: the rules of `sql/checks/`, each a select of what breaks it."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from config.sql import SQL_DIR, read_sql
from tracking.snapshot import snapshot

ROWS_KEPT = 10


@dataclass(frozen=True)
class CheckResult:
    """What breaks a rule: how many rows, and the first of them."""

    name: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    row_count: int
    milliseconds: float

    @property
    def holds(self) -> bool:
        return not self.row_count


def check_names() -> list[str]:
    """All rules there are, in order."""
    return sorted(path.stem for path in (SQL_DIR / "checks").glob("*.sql"))


def run_checks(
    names: Sequence[str] | None = None, *, learner_id: int | None = None
) -> Iterator[CheckResult]:
    """Check the named rules, or all, over everybody or one learner: a result each, in order.

    All of them see the same moment. A result has at most `ROWS_KEPT` rows; the others are only
    counted. Raises `FileNotFoundError` for a name that is no rule's.
    """
    with snapshot():
        for name in check_names() if names is None else names:
            yield _run_check(name, learner_id)


def _run_check(name: str, learner_id: int | None) -> CheckResult:
    # Each is free of parameters, so that psql runs it as it is.
    of_whom = "" if learner_id is None else f" where broken.learner_id = {learner_id:d}"
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(
            f"select broken.*, count(*) over () from ({read_sql(f'checks/{name}')}) as broken"  # noqa: S608
            f"{of_whom} order by 1, 2, 3 limit {ROWS_KEPT:d}"
        )
        columns = tuple(column.name for column in cursor.description or ())[:-1]
        rows = cursor.fetchall()
    return CheckResult(
        name=name,
        columns=columns,
        rows=[row[:-1] for row in rows],
        row_count=rows[0][-1] if rows else 0,
        milliseconds=(time.perf_counter() - started) * 1000,
    )
