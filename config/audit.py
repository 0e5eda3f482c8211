"""Appending to the audit log, for both sides: what somebody did, under the id of the request."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from config.request_id import current_request_id

APPEND = (
    "select public.audit_record("
    "%s, %s, (entry.about ->> 0)::bigint, (entry.about -> 1)::jsonb, %s)"
    " from json_array_elements(%s::json) with ordinality as entry (about, position)"
    " order by entry.position"
)


def audit(
    *,
    actor_id: int,
    action: str,
    learner_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
    under: str = "",
) -> int:
    """Append one entry and return its id. The last thing that a transaction does, if it is in one:
    until it ends, everybody else who appends waits.

    `under` are statements that are sent ahead in the same message, each with its semicolon: limits
    of time, or how durable the entry has to be.
    """
    (entry_id,) = audit_each(
        actor_id=actor_id, action=action, about=[(learner_id, detail or {})], under=under
    )
    return entry_id


def audit_each(
    *,
    actor_id: int,
    action: str,
    about: Sequence[tuple[int | None, Mapping[str, Any]]],
    under: str = "",
) -> list[int]:
    """Append an entry for each learner and detail, in one statement, in this order."""
    with connection.cursor() as cursor:
        cursor.execute(
            under + APPEND,
            [actor_id, action, current_request_id(), json.dumps(list(about))],
        )
        while cursor.description is None:
            cursor.nextset()
        return [entry_id for (entry_id,) in cursor.fetchall()]
