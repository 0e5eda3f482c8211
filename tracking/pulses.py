"""The write path: pulses in, each counted exactly once.

A single pulse is a batch of one. The write itself is `sql/functions/record_pulses.sql`: one call
and one transaction, whatever the size of the batch.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from pydantic_core import to_json
from uuid6 import uuid7

from config.problems import FieldError, InvalidInput, ProblemError, ProblemType
from config.sql import fetch_rows
from tracking.completion import ModuleState, module_states
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

    @property
    def digest(self) -> bytes:
        """16 bytes that tell a retry from another pulse under the same id.

        Made from what was claimed, never from what the server worked out: a retry is sent at
        another time, to a server that may know the video's length by then. The ledger keeps it, so
        it has to come out the same in every version of the product.
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
        return hashlib.blake2b(repr(content).encode(), digest_size=16).digest()


class PulseStatus(StrEnum):
    RECORDED = "recorded"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


@dataclass(frozen=True)
class ResourceState:
    """A learner's standing on a resource; no percent where no duration is known."""

    watch_time_seconds: int
    covered_percent: float | None
    completed: bool


@dataclass(frozen=True)
class PulseOutcome:
    """What became of a claim: the learner's standing after all of them, or why it was refused."""

    claim: PulseClaim
    pulse_id: UUID
    status: PulseStatus
    resource: ResourceState | None = None
    module: ModuleState | None = None
    problem: ProblemError | None = None


@dataclass(frozen=True)
class _Clock:
    """What the times of a batch are held against."""

    received_at: dt.datetime
    # What the client's clock lacks.
    offset: dt.timedelta
    max_age: dt.timedelta | None
    max_skew: dt.timedelta

    def occurrence(self, claimed: dt.datetime | None) -> dt.datetime:
        """When it happened by the server's clock, perhaps in the future. Raises `InvalidInput`."""
        if claimed is None:
            return self.received_at
        try:
            corrected = claimed + self.offset
        except OverflowError:
            raise InvalidInput([FieldError("occurred_at", "is outside the calendar")]) from None
        if self.max_age is not None and corrected < self.received_at - self.max_age:
            days = self.max_age.total_seconds() / 86_400
            raise InvalidInput([FieldError("occurred_at", f"is more than {days:g} days ago")])
        return corrected


def record_pulses(
    *,
    learner_id: int,
    claims: Sequence[PulseClaim],
    received_at: dt.datetime,
    clock_offset: dt.timedelta = dt.timedelta(0),
    max_age: dt.timedelta | None,
) -> list[PulseOutcome]:
    """Write one learner's pulses and all that follows from them, in one transaction.

    `clock_offset` is what the client's clock lacks; `max_age=None` takes history of any age.
    Gives one outcome a claim, in order. A claim that cannot be taken is rejected by itself, with
    its problem: `INVALID_INPUT` (too old, unless it was recorded when it was young), `NOT_FOUND`
    (module and resource do not belong together, or the learner cannot see them),
    `CONTENT_CONFLICT` (the id stands for other content).
    """
    clock = _Clock(received_at, clock_offset, max_age, settings.MAX_CLOCK_SKEW)
    pulse_ids = [claim.pulse_id or uuid7() for claim in claims]
    rows: list[dict[str, Any]] = []
    outcomes: dict[int, PulseOutcome] = {}
    for index, (claim, pulse_id) in enumerate(zip(claims, pulse_ids, strict=True)):
        try:
            rows.append(_row(index, claim, pulse_id, clock))
        except ProblemError as problem:
            outcomes[index] = _rejected(claim, pulse_id, problem)
    refused = dict(outcomes)
    if rows:
        outcomes |= _write(learner_id, claims, pulse_ids, rows, received_at)
    if any(outcome.claim.pulse_id for outcome in refused.values()):
        outcomes |= _known_from_before(learner_id, refused)
    return [outcomes[index] for index in range(len(claims))]


def resource_states(learner_id: int, resource_ids: Sequence[int]) -> dict[int, ResourceState]:
    """Where a learner stands, by resource id; a resource never touched stands at zero."""
    rows = fetch_rows(
        "tracking/resource_states",
        {"learner_id": learner_id, "resource_ids": sorted(set(resource_ids))},
    )
    return {
        row["resource_id"]: _resource_state(
            row["watch_time_seconds"], row["covered_percent"], row["completed"]
        )
        for row in rows
    }


def _resource_state(
    watch_time_seconds: int, covered_percent: Decimal | None, completed: bool
) -> ResourceState:
    percent = None if covered_percent is None else float(covered_percent)
    return ResourceState(watch_time_seconds, percent, completed)


def _row(index: int, claim: PulseClaim, pulse_id: UUID, clock: _Clock) -> dict[str, Any]:
    """The claim as `tracking_record_pulses` takes it. Raises `InvalidInput` when it is too old."""
    occurred_at = clock.occurrence(claim.occurred_at)
    is_skewed = claim.occurred_at is not None and abs(clock.offset) > clock.max_skew
    return {
        "index": index,
        "pulse_id": pulse_id,
        "module_id": claim.module_id,
        "resource_id": claim.resource_id,
        "duration_delta": claim.duration_delta,
        "watch_time": claim.watch_time,
        "completed": claim.completed,
        "played": _multirange(claim.played_ms),
        "occurred_at": min(occurred_at, clock.received_at),
        "is_clamped": occurred_at > clock.received_at + clock.max_skew,
        "clock_offset_seconds": round(clock.offset.total_seconds()) if is_skewed else None,
        "trace": claim.trace,
        "digest": rf"\x{claim.digest.hex()}",
    }


def _write(
    learner_id: int,
    claims: Sequence[PulseClaim],
    pulse_ids: Sequence[UUID],
    rows: list[dict[str, Any]],
    received_at: dt.datetime,
) -> dict[int, PulseOutcome]:
    """Call `tracking_record_pulses`; what became of the rows, by their index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select * from public.tracking_record_pulses(%s, %s, %s::interval, %s, %s)",
            [
                learner_id,
                received_at,
                str(settings.SESSION_GAP),
                settings.COVERAGE_TO_COMPLETE,
                # pydantic's serializer: it writes ids and times by itself, and quickly.
                to_json(rows).decode(),
            ],
        )
        answers = cursor.fetchall()
    outcomes: dict[int, PulseOutcome] = {}
    # Pulses of one resource share its standing.
    standings: dict[int, tuple[ResourceState, ModuleState]] = {}
    for index, outcome, *standing in answers:
        claim, pulse_id = claims[index], pulse_ids[index]
        refusal = _refusal(outcome, claim, pulse_id)
        if refusal:
            outcomes[index] = _rejected(claim, pulse_id, refusal)
            continue
        if claim.resource_id not in standings:
            standings[claim.resource_id] = _standing(*standing)
        resource, module = standings[claim.resource_id]
        outcomes[index] = PulseOutcome(claim, pulse_id, _ACCEPTED[outcome], resource, module)
    return outcomes


_ACCEPTED = {"recorded": PulseStatus.RECORDED, "duplicate": PulseStatus.DUPLICATE}


def _refusal(outcome: str, claim: PulseClaim, pulse_id: UUID) -> ProblemError | None:
    if outcome == "unknown":
        return ProblemError(
            ProblemType.NOT_FOUND,
            f"Module {claim.module_id} has no resource {claim.resource_id} that you may see.",
        )
    if outcome == "conflict":
        return ProblemError(
            ProblemType.CONTENT_CONFLICT,
            f"The pulse {pulse_id} was recorded before with other content.",
        )
    return None


def _standing(
    watch_time_seconds: int,
    covered_percent: Decimal | None,
    is_completed: bool,
    module_status: str,
    progress_percent: Decimal,
) -> tuple[ResourceState, ModuleState]:
    return (
        _resource_state(watch_time_seconds, covered_percent, is_completed),
        ModuleState(ModuleProgress.Status(module_status), float(progress_percent)),
    )


def _known_from_before(
    learner_id: int, refused: Mapping[int, PulseOutcome]
) -> dict[int, PulseOutcome]:
    """Those of the refused that are retries, by index: they were recorded when they were young."""
    digests = {
        row["pulse_id"]: bytes(row["digest"])
        for row in fetch_rows(
            "tracking/earlier_digests",
            {
                "learner_id": learner_id,
                "pulse_ids": [outcome.pulse_id for outcome in refused.values()],
            },
        )
    }
    retries = {
        index: outcome
        for index, outcome in refused.items()
        if digests.get(outcome.pulse_id) == outcome.claim.digest
    }
    resources = resource_states(
        learner_id, [outcome.claim.resource_id for outcome in retries.values()]
    )
    modules = module_states(learner_id, [outcome.claim.module_id for outcome in retries.values()])
    return {
        index: PulseOutcome(
            claim=outcome.claim,
            pulse_id=outcome.pulse_id,
            status=PulseStatus.DUPLICATE,
            resource=resources[outcome.claim.resource_id],
            module=modules[outcome.claim.module_id],
        )
        for index, outcome in retries.items()
        # Content that was deleted since has no standing to answer with.
        if outcome.claim.resource_id in resources and outcome.claim.module_id in modules
    }


def _multirange(played_ms: Sequence[tuple[int, int]]) -> str:
    """The PostgreSQL literal of the played intervals; one that rounds to nothing is left out."""
    return "{" + ",".join(f"[{start},{end})" for start, end in played_ms if start < end) + "}"


def _rejected(claim: PulseClaim, pulse_id: UUID, problem: ProblemError) -> PulseOutcome:
    return PulseOutcome(claim, pulse_id, PulseStatus.REJECTED, problem=problem)
