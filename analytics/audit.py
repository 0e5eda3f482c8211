"""The proof of the audit log: whether every entry follows from the one before.

Worked out here by itself, and not by the function in the database that made the hashes: who could
change entries could have changed that, too.
"""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db import connection, models, transaction
from django.db.models.functions import Cast

from analytics.models import AuditEntry

BEFORE_THE_FIRST = bytes(32)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
ENTRIES_AT_A_TIME = 2_000


@dataclass(frozen=True)
class Head:
    """The last entry; its hash stands for all that came before."""

    entry_id: int
    hash: str


class AuditBroken(Exception):
    """The log is not as it was written; names the first entry where that shows."""

    def __init__(self, entry_id: int, reason: str) -> None:
        super().__init__(f"entry {entry_id}: {reason}")
        self.entry_id = entry_id


def verify_audit(expected: str = "") -> Head:
    """Walk the whole log as of one moment, in bounded memory, and return its head.

    `expected` is the hash of a head from before, as hex: it has to be that of an entry still. The
    log by itself does not know that its end was cut off. Raises `AuditBroken`.
    """
    head = Head(0, BEFORE_THE_FIRST.hex())
    is_expected_found = expected in {"", head.hash}
    for entry_id, entry_hash, canonical in _entries():
        if entry_id != head.entry_id + 1:
            raise AuditBroken(
                min(entry_id, head.entry_id + 1),
                f"after entry {head.entry_id} comes entry {entry_id}; what was between was removed"
                " or moved",
            )
        if sha256(bytes.fromhex(head.hash) + canonical).digest() != entry_hash:
            raise AuditBroken(
                entry_id, "it was changed, or is not the one that followed the entry before"
            )
        head = Head(entry_id, entry_hash.hex())
        is_expected_found = is_expected_found or head.hash == expected
    if not is_expected_found:
        raise AuditBroken(
            head.entry_id + 1,
            f"no entry has the hash {expected}; the log was cut off or written anew",
        )
    return head


def _entries() -> Iterator[tuple[int, bytes, bytes]]:
    """Id, hash and canonical form of every entry, by id; see `sql/functions/audit_hash.sql`."""
    entries = AuditEntry.objects.order_by("id").values_list(
        "id",
        "at",
        "actor_id",
        "actor",
        "action",
        "learner_id",
        "learner",
        "request_id",
        Cast("detail", models.TextField()),
        "hash",
    )
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("set transaction isolation level repeatable read, read only")
        for entry_id, at, *members, detail, entry_hash in entries.iterator(ENTRIES_AT_A_TIME):
            yield entry_id, bytes(entry_hash), _canonical([entry_id, _us(at), *members], detail)


def _us(at: dt.datetime) -> int:
    return (at - EPOCH) // dt.timedelta(microseconds=1)


def _canonical(members: list[Any], detail: str) -> bytes:
    return f"{json.dumps(members, ensure_ascii=False)}\n{detail}".encode()
