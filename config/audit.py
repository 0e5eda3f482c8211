"""Appending to the audit log, for both sides: what somebody did, under the id of the request."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from config.request_id import current_request_id

# Settings come first in the list and hold for what follows it, until the transaction ends.
APPEND = "select {settings} public.audit_record(%s, %s, %s, %s::jsonb, %s)"
APPEND_EACH = (
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
    under: Mapping[str, str] | None = None,
) -> int:
    """Append one entry and return its id. The last thing that a transaction does, if it is in one:
    until it ends, everybody else who appends waits.

    `under` are settings of the database that hold from here to the end of the transaction: a limit
    of time, or how durable the entry has to be.
    """
    settings = [part for setting in (under or {}).items() for part in setting]
    statement = APPEND.format(settings="set_config(%s, %s, true)," * len(under or {}))
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            [
                *settings,
                actor_id,
                action,
                learner_id,
                json.dumps(detail or {}),
                current_request_id(),
            ],
        )
        entry_id: int = cursor.fetchone()[-1]
    return entry_id


def audit_each(
    *, actor_id: int, action: str, about: Sequence[tuple[int | None, Mapping[str, Any]]]
) -> list[int]:
    """Append an entry for each learner and detail, in one statement, in this order."""
    with connection.cursor() as cursor:
        cursor.execute(
            APPEND_EACH, [actor_id, action, current_request_id(), json.dumps(list(about))]
        )
        return [entry_id for (entry_id,) in cursor.fetchall()]
