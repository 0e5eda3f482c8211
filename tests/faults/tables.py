"""What the database holds about pulses, as plain rows of one moment."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg.types.multirange import Multirange

from tests.faults.history import Intervals


@dataclass(frozen=True)
class LedgerRow:
    learner_id: int
    pulse_id: UUID
    module_id: int
    resource_id: int
    duration_delta: int
    completed: bool
    played: Intervals
    occurred_at: dt.datetime


@dataclass(frozen=True)
class ResourceRow:
    learner_id: int
    resource_id: int
    watch_time_seconds: int
    watched: Intervals
    covered_ms: int
    completed: bool


@dataclass(frozen=True)
class SessionRow:
    learner_id: int
    module_id: int
    start_time: dt.datetime
    last_pulse_at: dt.datetime | None
    focus_duration_seconds: int


@dataclass(frozen=True)
class ModuleRow:
    learner_id: int
    module_id: int
    last_accessed: dt.datetime | None


@dataclass(frozen=True)
class Tables:
    """The ledger and everything that is counted from it."""

    read_at: dt.datetime
    ledger: Sequence[LedgerRow] = ()
    resources: Sequence[ResourceRow] = ()
    sessions: Sequence[SessionRow] = ()
    modules: Sequence[ModuleRow] = ()


def read_tables(
    connection: psycopg.Connection[dict[str, Any]], learner_ids: Sequence[int] | None = None
) -> Tables:
    """The rows of those learners, or of all, from one snapshot.

    What arrives meanwhile is in all of the tables or in none.
    """
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ

    def rows(statement: LiteralString) -> list[dict[str, Any]]:
        return [
            {name: _plain(value) for name, value in row.items()}
            for row in connection.execute(
                statement, {"everybody": learner_ids is None, "learners": learner_ids or []}
            ).fetchall()
        ]

    with connection.transaction():
        (clock,) = rows("select clock_timestamp() as read_at")
        return Tables(
            read_at=clock["read_at"],
            ledger=[
                LedgerRow(**row)
                for row in rows(
                    "select user_id as learner_id, pulse_id, module_id, resource_id,"
                    " duration_delta, completed, played, occurred_at from tracking_pulse"
                    " where %(everybody)s or user_id = any(%(learners)s)"
                )
            ],
            resources=[
                ResourceRow(**row)
                for row in rows(
                    "select user_id as learner_id, resource_id, watch_time_seconds, watched,"
                    " covered_ms, completed from tracking_resourceprogress"
                    " where %(everybody)s or user_id = any(%(learners)s)"
                )
            ],
            sessions=[
                SessionRow(**row)
                for row in rows(
                    "select user_id as learner_id, module_id, start_time, last_pulse_at,"
                    " focus_duration_seconds from tracking_learningsession"
                    " where %(everybody)s or user_id = any(%(learners)s)"
                )
            ],
            modules=[
                ModuleRow(**row)
                for row in rows(
                    "select user_id as learner_id, module_id, last_accessed"
                    " from tracking_moduleprogress"
                    " where %(everybody)s or user_id = any(%(learners)s)"
                )
            ],
        )


def _plain(value: Any) -> Any:
    if isinstance(value, Multirange):
        return tuple((part.lower, part.upper) for part in value)
    return value
