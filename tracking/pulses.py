"""The write path: pulses in, each counted exactly once.

A single pulse is a batch of one. The write itself is `sql/functions/record_pulses.sql`: one call
and one transaction, whatever the size of the batch.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from pydantic_core import to_json
from uuid6 import uuid7

from config.problems import FieldError, InvalidInput, ProblemError, ProblemType, Unavailable
from config.sql import fetch_prepared, fetch_rows
from tracking.completion import ModuleState, module_states
from tracking.models import ModuleProgress


class PulseClaim(NamedTuple):
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


class PulseOutcome(NamedTuple):
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

    @cached_property
    def skew_seconds(self) -> int | None:
        """What the clock lacks, where that is more than clocks usually do."""
        return round(self.offset.total_seconds()) if abs(self.offset) > self.max_skew else None

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
    password: str | None = None,
) -> list[PulseOutcome]:
    """Write one learner's pulses and all that follows from them, in one transaction.

    `clock_offset` is what the client's clock lacks; `max_age=None` takes history of any age. With a
    `password`, a hash, nothing is written unless the learner is active and has it still.

    Gives one outcome a claim, in order. A claim that cannot be taken is rejected by itself, with
    its problem: `INVALID_INPUT` (too old, unless it was recorded when it was young), `NOT_FOUND`
    (module and resource do not belong together, or the learner cannot see them),
    `CONTENT_CONFLICT` (the id stands for other content). Raises `Unavailable` when the learner is
    gone, or is not as the password asks.
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
    outcomes |= _write(learner_id, password, claims, pulse_ids, rows, received_at)
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
        row["resource_id"]: ResourceState(
            row["watch_time_seconds"], row["covered_percent"], row["completed"]
        )
        for row in rows
    }


def _row(index: int, claim: PulseClaim, pulse_id: UUID, clock: _Clock) -> dict[str, Any]:
    """The claim as `tracking_record_pulses` takes it. Raises `InvalidInput` when it is too old."""
    occurred_at = clock.occurrence(claim.occurred_at)
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
        "clock_offset_seconds": clock.skew_seconds if claim.occurred_at else None,
        "trace": claim.trace,
        "digest": rf"\x{claim.digest.hex()}",
    }


def _write(
    learner_id: int,
    password: str | None,
    claims: Sequence[PulseClaim],
    pulse_ids: Sequence[UUID],
    rows: list[dict[str, Any]],
    received_at: dt.datetime,
) -> dict[int, PulseOutcome]:
    """Call `tracking_record_pulses`; what became of the rows, by their index."""
    answers = fetch_prepared(
        "tracking/record_pulses",
        {
            "learner_id": learner_id,
            "password": password,
            "received_at": received_at,
            "session_gap": settings.SESSION_GAP,
            "coverage_to_complete": settings.COVERAGE_TO_COMPLETE,
            # pydantic's serializer: it writes ids and times by itself, and quickly.
            "pulses": to_json(rows).decode(),
        },
    )
    if not answers:
        raise Unavailable("The learner's account was changed or removed meanwhile.")
    if not rows:
        return {}
    outcomes: dict[int, PulseOutcome] = {}
    # Pulses of one resource share its standing.
    standings: dict[int, tuple[ResourceState, ModuleState]] = {}
    for index, outcome, *standing in answers:
        claim, pulse_id = claims[index], pulse_ids[index]
        status = _ACCEPTED.get(outcome)
        if status is None:
            outcomes[index] = _rejected(claim, pulse_id, _refusal(outcome, claim, pulse_id))
            continue
        if claim.resource_id not in standings:
            standings[claim.resource_id] = _standing(*standing)
        outcomes[index] = PulseOutcome(claim, pulse_id, status, *standings[claim.resource_id])
    return outcomes


_ACCEPTED = {"recorded": PulseStatus.RECORDED, "duplicate": PulseStatus.DUPLICATE}


def _refusal(outcome: str, claim: PulseClaim, pulse_id: UUID) -> ProblemError:
    if outcome == "unknown":
        return ProblemError(
            ProblemType.NOT_FOUND,
            f"Module {claim.module_id} has no resource {claim.resource_id} that you may see.",
        )
    return ProblemError(
        ProblemType.CONTENT_CONFLICT,
        f"The pulse {pulse_id} was recorded before with other content.",
    )


def _standing(
    watch_time_seconds: int,
    covered_percent: float | None,
    is_completed: bool,
    module_status: str,
    progress_percent: float,
) -> tuple[ResourceState, ModuleState]:
    return (
        ResourceState(watch_time_seconds, covered_percent, is_completed),
        ModuleState(ModuleProgress.Status(module_status), progress_percent),
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
