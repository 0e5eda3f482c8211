"""How evidence is written down for a person: times, intervals and rows."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from psycopg.types.multirange import Multirange


def time_text(at: dt.datetime) -> str:
    """ISO 8601 in UTC, with as many digits as it has: `2026-02-10T12:00:00Z`."""
    return at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def intervals_of(played: Multirange[int]) -> list[tuple[int, int]]:
    """From and to of each interval, in milliseconds."""
    return [(part.lower or 0, part.upper or 0) for part in played]


def media_text(played: Multirange[int]) -> str:
    """Intervals of milliseconds as seconds: `0-15 s, 40-65.5 s`; `nothing` without any."""
    parts = [f"{start / 1000:.10g}-{end / 1000:.10g} s" for start, end in intervals_of(played)]
    return ", ".join(parts) or "nothing"


def row_text(columns: Iterable[str], row: Iterable[Any]) -> str:
    """A row with the name of each column: `learner_id=5 actual_seconds=15`."""
    return " ".join(
        f"{column}={_value_text(value)}" for column, value in zip(columns, row, strict=True)
    )


def _value_text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, dt.datetime):
        return time_text(value)
    if isinstance(value, Multirange):
        return ",".join(f"{start}-{end}" for start, end in intervals_of(value)) or "nothing"
    return str(value)
