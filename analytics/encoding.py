"""How values are printed, in JSON and in CSV alike."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any


def json_bytes(content: Any) -> bytes:
    """Compact UTF-8 JSON of dicts, lists and what the database gives."""
    return json.dumps(
        content, ensure_ascii=False, separators=(",", ":"), default=plain, allow_nan=False
    ).encode()


def plain(value: Any) -> str | float:
    """A value that JSON has no form for. Raises TypeError for a type that is never read."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dt.datetime):
        return utc_text(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def utc_text(moment: dt.datetime) -> str:
    """A moment in UTC, to the microsecond: always the same length, as in SQL's `utc_text`."""
    naive = moment.astimezone(dt.UTC).replace(tzinfo=None)
    return f"{naive.isoformat(timespec='microseconds')}Z"
