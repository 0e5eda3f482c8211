"""What a read brings: figures, or a page of rows, with the refresh that they are of."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any

from analytics.problems import NotComputedYet
from analytics.queries.reading import read_rows, rows_one_by_one
from analytics.queries.standing import Freshness, freshness_of


@dataclass(frozen=True)
class Figures:
    """The members of one object, without its stamp."""

    members: dict[str, Any]
    freshness: Freshness


@dataclass(frozen=True)
class Page:
    """Rows, each with its `computed_at`, and how many there are on all pages."""

    rows: list[dict[str, Any]]
    total: int
    freshness: Freshness


@dataclass(frozen=True)
class PageOf:
    """Which part of the rows; `page` counts from 1."""

    page: int = 1
    page_size: int = 100

    @property
    def parameters(self) -> dict[str, Any]:
        return {"row_limit": self.page_size, "row_offset": (self.page - 1) * self.page_size}


def read_row(name: str, parameters: Mapping[str, Any]) -> Figures:
    """The only row of `sql/queries/<name>.sql`. Raises `NotComputedYet` without one."""
    rows = read_rows(name, parameters)
    if not rows:
        raise NotComputedYet
    (row,) = rows
    freshness = freshness_of(row)
    return Figures(_without_stamp(row), freshness)


def read_page(name: str, parameters: Mapping[str, Any], *, key: str) -> Page:
    """The rows of `sql/queries/<name>.sql`, which has a row without `key` where there are none.

    Raises `NotComputedYet` without any row.
    """
    rows = read_rows(name, parameters)
    if not rows:
        raise NotComputedYet
    freshness, total = freshness_of(rows[0]), rows[0]["total"]
    return Page([_listed(row) for row in rows if row[key] is not None], total, freshness)


@contextmanager
def rows_of_all_pages(
    name: str, parameters: Mapping[str, Any], *, key: str
) -> Iterator[tuple[Iterator[dict[str, Any]], Freshness]]:
    """What `read_page` reads, but all of it, row by row, in bounded memory."""
    whole = {**parameters, "row_limit": None, "row_offset": 0}
    with rows_one_by_one(name, whole) as rows:
        first = next(rows, None)
        if first is None:
            raise NotComputedYet
        listed = (_listed(row) for row in chain([first], rows) if row[key] is not None)
        yield listed, freshness_of(first)


def _without_stamp(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in row if name not in {"refresh_id", "computed_at"}}


def _listed(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in row if name not in {"refresh_id", "total"}}
