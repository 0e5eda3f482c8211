"""The write path: pulses in, each counted exactly once.

A single pulse is a batch of one. The statements are in `sql/tracking/`; a batch costs the same
number of them whatever its size.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from uuid6 import uuid7

from config.problems import FieldError, InvalidInput, ProblemError, ProblemType
from config.sql import fetch_rows, read_sql
from tracking.completion import ModuleState, check_locked_modules
from tracking.models import ModuleProgress


@dataclass(frozen=True)
class PulseClaim:
    """A pulse as its client tells it. Times are the client's; `played_ms` is in milliseconds."""

    module_id: int
    resource_id: int
    duration_delta: int
    watch_time: float | None = None
    completed: bool = False
    played_ms: tuple[tuple[int, int], ...] = ()
    pulse_id: UUID | None = None
    occurred_at: dt.datetime | None = None
    trace: Any = None

    @cached_property
    def digest(self) -> bytes:
        """16 bytes that tell a retry from another pulse under the same id.

        Made from what was claimed, never from what the server worked out: a retry is sent at
        another time, to a server that may know the video's length by then.
        """
        content = (
            self.module_id,
            self.resource_id,
            self.duration_delta,
            self.watch_time,
            self.completed,
            self.played_ms,
            self.occurred_at.isoformat() if self.occurred_at else None,
        )
        return hashlib.blake2b(json.dumps(content).encode(), digest_size=16).digest()


class PulseStatus(StrEnum):
    RECORDED = "recorded"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


@dataclass(frozen=True)
class PulseOutcome:
    """What became of one claim; `problem` says why it was rejected."""

    claim: PulseClaim
    pulse_id: UUID
    status: PulseStatus
    problem: ProblemError | None = None


@dataclass(frozen=True)
class ResourceState:
    """A learner's standing on a resource; no percent where no duration is known."""

    watch_time_seconds: int
    covered_percent: float | None
    completed: bool


@dataclass(frozen=True)
class RecordedBatch:
    """One outcome a claim, in order, and where the learner stands after all of them."""

    outcomes: tuple[PulseOutcome, ...]
    resources: dict[int, ResourceState]
    modules: dict[int, ModuleState]


@dataclass(frozen=True)
class _TimedClaim:
    claim: PulseClaim
    pulse_id: UUID
    occurred_at: dt.datetime
    is_clamped: bool


def record_pulses(
    *,
    learner_id: int,
    claims: Sequence[PulseClaim],
    received_at: dt.datetime,
    clock_offset: dt.timedelta = dt.timedelta(0),
    max_age: dt.timedelta | None,
) -> RecordedBatch:
    """Write one learner's pulses and all that follows from them, in one transaction.

    `clock_offset` is what the client's clock lacks; `max_age=None` takes history of any age.
    A claim that cannot be taken is rejected by itself, with its problem: `INVALID_INPUT` (too old),
    `NOT_FOUND` (module and resource do not belong together, or the learner cannot see them),
    `CONTENT_CONFLICT` (the id stands for other content).
    """
    rejected: dict[int, ProblemError] = {}
    timed: dict[int, _TimedClaim] = {}
    pulse_ids = [claim.pulse_id or uuid7() for claim in claims]
    for index, claim in enumerate(claims):
        try:
            timed[index] = _timed(claim, pulse_ids[index], received_at, clock_offset, max_age)
        except ProblemError as problem:
            rejected[index] = problem

    with transaction.atomic():
        durations, opened = _open_modules(learner_id, timed.values())
        for index in list(timed):
            claim = timed[index].claim
            if (claim.module_id, claim.resource_id) not in durations:
                del timed[index]
                rejected[index] = _no_such_resource(claim)
        statuses = _write(learner_id, timed, durations, received_at)
        begun = {
            timed[index].claim.module_id
            for index, status in statuses.items()
            if status is PulseStatus.RECORDED
        }
        if opened - begun:
            # A refused pulse leaves no trace, not even a module that is not started.
            ModuleProgress.objects.filter(user_id=learner_id, module_id__in=opened - begun).delete()
        visible_modules = sorted({module_id for module_id, _ in durations})
        modules = check_locked_modules(learner_id, visible_modules)
        resources = resource_states(learner_id, [resource for _, resource in durations])

    return RecordedBatch(
        outcomes=tuple(
            _outcome(claim, pulse_ids[index], rejected.get(index) or statuses[index])
            for index, claim in enumerate(claims)
        ),
        resources=resources,
        modules=modules,
    )


def resource_states(learner_id: int, resource_ids: Sequence[int]) -> dict[int, ResourceState]:
    """Where a learner stands, by resource id; a resource never touched stands at zero."""
    rows = fetch_rows(
        "tracking/resource_states",
        {"learner_id": learner_id, "resource_ids": sorted(set(resource_ids))},
    )
    return {
        row["resource_id"]: ResourceState(
            watch_time_seconds=row["watch_time_seconds"],
            covered_percent=(
                None if row["covered_percent"] is None else float(row["covered_percent"])
            ),
            completed=row["completed"],
        )
        for row in rows
    }


def _timed(
    claim: PulseClaim,
    pulse_id: UUID,
    received_at: dt.datetime,
    clock_offset: dt.timedelta,
    max_age: dt.timedelta | None,
) -> _TimedClaim:
    try:
        corrected = (claim.occurred_at or received_at - clock_offset) + clock_offset
    except OverflowError:
        raise InvalidInput([FieldError("occurred_at", "is outside the calendar")]) from None
    if max_age is not None and corrected < received_at - max_age:
        days = max_age.total_seconds() / 86_400
        raise InvalidInput([FieldError("occurred_at", f"is more than {days:g} days ago")])
    return _TimedClaim(
        claim=claim,
        pulse_id=pulse_id,
        occurred_at=min(corrected, received_at),
        is_clamped=corrected > received_at + settings.MAX_CLOCK_SKEW,
    )


def _no_such_resource(claim: PulseClaim) -> ProblemError:
    return ProblemError(
        ProblemType.NOT_FOUND,
        f"Module {claim.module_id} has no resource {claim.resource_id} that you may see.",
    )


def _open_modules(
    learner_id: int, timed: Iterable[_TimedClaim]
) -> tuple[dict[tuple[int, int], int | None], set[int]]:
    """Lock the modules that the claims name.

    Gives the known duration of each visible (module, resource), and the modules that have a
    progress row only now.
    """
    pairs = sorted({(item.claim.module_id, item.claim.resource_id) for item in timed})
    if not pairs:
        return {}, set()
    rows = fetch_rows(
        "tracking/open_modules",
        {
            "learner_id": learner_id,
            "module_ids": [module_id for module_id, _ in pairs],
            "resource_ids": [resource_id for _, resource_id in pairs],
        },
    )
    module_ids = sorted({row["module_id"] for row in rows})
    fetch_rows("tracking/lock_modules", {"learner_id": learner_id, "module_ids": module_ids})
    durations = {(row["module_id"], row["resource_id"]): row["duration_seconds"] for row in rows}
    return durations, {row["module_id"] for row in rows if row["is_opened"]}


def _write(
    learner_id: int,
    timed: dict[int, _TimedClaim],
    durations: dict[tuple[int, int], int | None],
    received_at: dt.datetime,
) -> dict[int, PulseStatus | ProblemError]:
    """Insert what is new, by index; the first claim of an id in the batch speaks for the id."""
    first: dict[UUID, _TimedClaim] = {}
    for item in timed.values():
        first.setdefault(item.pulse_id, item)
    recorded: set[UUID] = set()
    digests: dict[UUID, bytes] = {}
    if first:
        recorded, digests = _insert(learner_id, list(first.values()), durations, received_at)

    statuses: dict[int, PulseStatus | ProblemError] = {}
    for index, item in timed.items():
        is_first = first[item.pulse_id] is item
        if is_first and item.pulse_id in recorded:
            statuses[index] = PulseStatus.RECORDED
        elif digests[item.pulse_id] == item.claim.digest:
            statuses[index] = PulseStatus.DUPLICATE
        else:
            statuses[index] = ProblemError(
                ProblemType.CONTENT_CONFLICT,
                f"The pulse {item.pulse_id} was recorded before with other content.",
            )
    return statuses


def _insert(
    learner_id: int,
    items: list[_TimedClaim],
    durations: dict[tuple[int, int], int | None],
    received_at: dt.datetime,
) -> tuple[set[UUID], dict[UUID, bytes]]:
    """Which ids were inserted now, and the digest that stands in the ledger for every id."""
    rows = fetch_rows(
        "tracking/record_pulses",
        {
            "learner_id": learner_id,
            "received_at": received_at,
            "session_gap": settings.SESSION_GAP,
            "coverage_to_complete": settings.COVERAGE_TO_COMPLETE,
            "pulse_ids": [item.pulse_id for item in items],
            "module_ids": [item.claim.module_id for item in items],
            "resource_ids": [item.claim.resource_id for item in items],
            "duration_deltas": [item.claim.duration_delta for item in items],
            "watch_times": [item.claim.watch_time for item in items],
            "completed": [item.claim.completed for item in items],
            "played": [
                _multirange(
                    item.claim.played_ms,
                    durations[item.claim.module_id, item.claim.resource_id],
                )
                for item in items
            ],
            "occurred_at": [item.occurred_at for item in items],
            "is_clamped": [item.is_clamped for item in items],
            "traces": [
                None if item.claim.trace is None else json.dumps(item.claim.trace) for item in items
            ],
            "digests": [item.claim.digest for item in items],
        },
    )
    recorded = {row["pulse_id"] for row in rows if row["was_recorded"]}
    digests = {item.pulse_id: item.claim.digest for item in items if item.pulse_id in recorded}
    digests |= {
        row["pulse_id"]: bytes(row["earlier_digest"]) for row in rows if row["earlier_digest"]
    }
    unseen = [item.pulse_id for item in items if item.pulse_id not in digests]
    if unseen:
        # Another batch inserted these while this statement ran; its snapshot could not see them.
        with connection.cursor() as cursor:
            cursor.execute(
                read_sql("tracking/earlier_digests"),
                {"learner_id": learner_id, "pulse_ids": unseen},
            )
            digests |= {pulse_id: bytes(digest) for pulse_id, digest in cursor.fetchall()}
    return recorded, digests


def _multirange(played_ms: Iterable[tuple[int, int]], duration_seconds: int | None) -> str:
    """The PostgreSQL literal of the played intervals, clipped to the known duration."""
    limit = None if duration_seconds is None else duration_seconds * 1000
    clipped = ((start, end if limit is None else min(end, limit)) for start, end in played_ms)
    return "{" + ",".join(f"[{start},{end})" for start, end in clipped if start < end) + "}"


def _outcome(claim: PulseClaim, pulse_id: UUID, status: PulseStatus | ProblemError) -> PulseOutcome:
    if isinstance(status, ProblemError):
        return PulseOutcome(claim, pulse_id, PulseStatus.REJECTED, status)
    return PulseOutcome(claim, pulse_id, status)
