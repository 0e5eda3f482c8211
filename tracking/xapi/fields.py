"""The fields of a statement, each checked as it is read."""

import datetime as dt
import re
from typing import Any

MAX_TEXT = 500
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class BrokenStatement(Exception):
    """The statement cannot be used; the message says why. It never leaves this package."""


def object_in(value: Any, name: str) -> dict[str, Any]:
    if value is None:
        raise BrokenStatement(f"{name} is missing")
    if not isinstance(value, dict):
        raise BrokenStatement(f"{name} is not an object")
    return value


def text_in(value: Any, name: str) -> str:
    if value is None:
        raise BrokenStatement(f"{name} is missing")
    if not isinstance(value, str):
        raise BrokenStatement(f"{name} is not a string")
    if not value.strip() or len(value) > MAX_TEXT:
        raise BrokenStatement(f"{name} does not have 1 to {MAX_TEXT} characters")
    if not is_storable(value):
        raise BrokenStatement(f"{name} holds characters that cannot be stored")
    return value


def is_storable(value: str) -> bool:
    """Whether PostgreSQL takes it: no NUL, and no half of a surrogate pair."""
    return UNSTORABLE.search(value) is None


def extensions_in(statement: dict[str, Any], part: str) -> dict[str, Any]:
    """The extensions of the statement's `context` or `result`, both of which may be absent."""
    holder = object_in(statement.get(part, {}), part)
    return object_in(holder.get("extensions", {}), f"{part}.extensions")


def time_in(value: Any) -> dt.datetime:
    text = text_in(value, "timestamp")
    try:
        parsed = dt.datetime.fromisoformat(text)
        if parsed.tzinfo is None:
            raise BrokenStatement("timestamp names no time zone")
        return parsed.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise BrokenStatement("timestamp is not an ISO 8601 time") from None
