"""All evidence behind one learner's figures, and whether it adds up to them.

What is compared: pulses and subtotals with the counters and sessions, these with what managers are
shown, and every rule of `sql/checks/`. Everything is to be read inside one `tracking.snapshot`.
"""

import datetime as dt
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from psycopg.types.multirange import Multirange

from config.sql import fetch_rows
from tracking.models import LearningSession, Pulse, QuizAttempt, SealedPulses, Submission, User
from tracking.proof import CheckResult, run_checks

CHUNK = 2000

T = TypeVar("T")


class NobodyThere(Exception):
    """There is no such user; the message says of what."""


@dataclass(frozen=True)
class Dashboard:
    """What managers are shown of a learner, as of `computed_at`."""

    computed_at: dt.datetime
    status: str
    focus_seconds: int
    total_focus_mins: Decimal
    modules_total: int
    modules_completed: int
    modules_in_progress: int
    last_active_at: dt.datetime | None


@dataclass(frozen=True)
class Piece:
    """One thing that a module was completed by: a resource, a quiz attempt, a submission."""

    kind: str
    pk: int
    at: dt.datetime


@dataclass(frozen=True)
class ResourceEvidence:
    """What pulses on a resource come to, and its counters. Without a title it was deleted."""

    resource_id: int
    module_id: int
    title: str | None
    ledger_seconds: int
    sealed_seconds: int
    played: Multirange[int]
    watch_time_seconds: int
    watched: Multirange[int]
    completed_at: dt.datetime | None
    played_ms: int
    covered_ms: int
    difference_ms: int


@dataclass(frozen=True)
class ModuleEvidence:
    """Everything in a module but its pulses. Without a title it was deleted."""

    module_id: int
    title: str | None
    status: str
    last_accessed: dt.datetime | None
    completed_at: dt.datetime | None
    ledger_seconds: int
    sealed_seconds: int
    session_seconds: int
    received_since_seconds: int
    has_news: bool
    completed_by: list[Piece]
    sessions: list[LearningSession]
    sealed: list[SealedPulses]
    resources: list[ResourceEvidence]
    attempts: list[QuizAttempt]
    submissions: list[Submission]


@dataclass(frozen=True)
class Sum:
    """A figure and what it is made of, in `unit`; `difference` is what parts the two."""

    of: str
    terms: Mapping[str, int]
    figure: str
    value: int
    unit: str
    difference: int

    @property
    def agrees(self) -> bool:
        return not self.difference


@dataclass(frozen=True)
class LearnerEvidence:
    """What there is of a learner but the pulses, and the sums. Without a dashboard, why not."""

    learner: User
    dashboard: Dashboard | None
    not_shown: str | None
    modules: list[ModuleEvidence]
    sums: list[Sum]
    dashboard_sums: list[Sum]
    broken: list[CheckResult] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        return not self.broken and all(each.agrees for each in [*self.sums, *self.dashboard_sums])


@dataclass(frozen=True)
class RecordedPulse:
    """A pulse of the ledger, and the session that its time lies in."""

    pulse_id: UUID
    module_id: int
    resource_id: int
    session_id: int | None
    occurred_at: dt.datetime
    received_at: dt.datetime
    duration_delta: int
    played: Multirange[int]
    completed: bool
    is_clamped: bool
    clock_offset_seconds: int | None


def find_learner(text: str, *, is_name: bool) -> User:
    """The user of this id, or else of this user name; with `is_name` of this user name only.

    Raises `NobodyThere`.
    """
    users = User.objects.select_related("team")
    if not is_name and re.fullmatch("[0-9]{1,18}", text):
        by_id = users.filter(pk=int(text)).first()
        if by_id:
            return by_id
    by_name = users.filter(username=text).first() if "\0" not in text else None
    if not by_name:
        what = "user name" if is_name else "id or user name"
        raise NobodyThere(f"nobody has the {what} {text!r}")
    return by_name


def read_evidence(learner: User) -> LearnerEvidence:
    """Everything but the pulses themselves, which `stream_pulses` reads."""
    dashboard, not_shown = _dashboard(learner)
    modules = _modules(learner.pk, dashboard.computed_at if dashboard else None)
    return LearnerEvidence(
        learner=learner,
        dashboard=dashboard,
        not_shown=not_shown,
        modules=modules,
        sums=list(_sums(modules)),
        dashboard_sums=list(_dashboard_sums(dashboard, modules)) if dashboard else [],
        broken=[result for result in run_checks(learner_id=learner.pk) if not result.holds],
    )


def stream_pulses(evidence: LearnerEvidence) -> Iterator[RecordedPulse]:
    """All pulses of the ledger, by module and time; a few at once, however many they are."""
    sessions = {module.module_id: module.sessions for module in evidence.modules}
    rows = (
        Pulse.objects.filter(user_id=evidence.learner.pk)
        .order_by("module_id", "occurred_at", "pulse_id")
        .values_list(
            "pulse_id",
            "module_id",
            "resource_id",
            "occurred_at",
            "received_at",
            "duration_delta",
            "played",
            "completed",
            "is_clamped",
            "clock_offset_seconds",
            named=True,
        )
    )
    module_id: int | None = None
    upcoming: Iterator[LearningSession] = iter(())
    current: LearningSession | None = None
    following: LearningSession | None = None
    for row in rows.iterator(chunk_size=CHUNK):
        if row.module_id != module_id:
            module_id = row.module_id
            upcoming = iter(sessions.get(row.module_id, []))
            current, following = None, next(upcoming, None)
        while following and following.start_time <= row.occurred_at:
            current, following = following, next(upcoming, None)
        is_inside = current and row.occurred_at <= session_end(current)
        yield RecordedPulse(
            session_id=current.pk if current and is_inside else None, **row._asdict()
        )


def session_end(session: LearningSession) -> dt.datetime:
    return session.last_pulse_at or session.start_time


# --- Reading ---------------------------------------------------------------------------------


def _dashboard(learner: User) -> tuple[Dashboard | None, str | None]:
    """What managers are shown, or why they are shown nothing."""
    if learner.role != User.Role.LEARNER:
        return None, f"whoever has the role {learner.role} appears on no dashboard"
    if not learner.is_active:
        return None, "an account that is not active appears on no dashboard"
    (refreshed,) = fetch_rows("audit/is_refreshed", {})
    if not refreshed["is_refreshed"]:
        return None, "no refresh has finished since the views were built"
    rows = fetch_rows("audit/dashboard", {"learner_id": learner.pk})
    if not rows:
        return None, "the learner was not there at the last refresh"
    return Dashboard(**rows[0]), None


def _modules(learner_id: int, since: dt.datetime | None) -> list[ModuleEvidence]:
    sessions = _by_module(
        (session.module_id, session)
        for session in LearningSession.objects.filter(user_id=learner_id).order_by(
            "start_time", "pk"
        )
    )
    sealed = _by_module(
        (subtotal.module_id, subtotal)
        for subtotal in SealedPulses.objects.filter(user_id=learner_id).order_by(
            "day", "resource_id"
        )
    )
    resources = _by_module(
        (row["module_id"], ResourceEvidence(**row))
        for row in fetch_rows("audit/resources", {"learner_id": learner_id})
    )
    attempts = _by_module(
        (attempt.quiz.module_id, attempt)
        for attempt in QuizAttempt.objects.filter(user_id=learner_id)
        .select_related("quiz")
        .order_by("timestamp", "pk")
    )
    submissions = _by_module(
        (submission.assignment.module_id, submission)
        for submission in Submission.objects.filter(assignment__user_id=learner_id)
        .select_related("assignment")
        .order_by("submitted_at", "pk")
    )
    return [
        ModuleEvidence(
            completed_by=list(_pieces(json.loads(row.pop("evidence") or "{}"))),
            sessions=sessions[row["module_id"]],
            sealed=sealed[row["module_id"]],
            resources=resources[row["module_id"]],
            attempts=attempts[row["module_id"]],
            submissions=submissions[row["module_id"]],
            **row,
        )
        for row in fetch_rows("audit/modules", {"learner_id": learner_id, "since": since})
    ]


def _by_module(pairs: Iterable[tuple[int, T]]) -> defaultdict[int, list[T]]:
    grouped: defaultdict[int, list[T]] = defaultdict(list)
    for module_id, item in pairs:
        grouped[module_id].append(item)
    return grouped


def _pieces(evidence: Mapping[str, Any]) -> Iterator[Piece]:
    """What `sql/functions/completion_evidence.sql` has named."""
    for resource in evidence.get("resources") or []:
        yield Piece("resource", resource["id"], dt.datetime.fromisoformat(resource["completed_at"]))
    if attempt := evidence.get("quiz_attempt"):
        yield Piece("quiz attempt", attempt["id"], dt.datetime.fromisoformat(attempt["passed_at"]))
    if submission := evidence.get("submission"):
        at = dt.datetime.fromisoformat(submission["submitted_at"])
        yield Piece("submission", submission["id"], at)


# --- Sums ------------------------------------------------------------------------------------


def _sums(modules: list[ModuleEvidence]) -> Iterator[Sum]:
    """Of all that still exists: what was learned in deleted content is in no figure."""
    for module in modules:
        if module.title is not None:
            yield _seconds(
                f"focus in module {module.module_id}",
                {"ledger": module.ledger_seconds, "sealed": module.sealed_seconds},
                "sessions",
                module.session_seconds,
            )
        for resource in module.resources:
            if resource.title is not None:
                yield from _resource_sums(resource)
    there = [module for module in modules if module.title is not None]
    yield _seconds(
        "focus in all modules",
        {
            "ledger": sum(module.ledger_seconds for module in there),
            "sealed": sum(module.sealed_seconds for module in there),
        },
        "sessions",
        sum(module.session_seconds for module in modules),
    )


def _resource_sums(resource: ResourceEvidence) -> Iterator[Sum]:
    yield _seconds(
        f"watch time of resource {resource.resource_id}",
        {"ledger": resource.ledger_seconds, "sealed": resource.sealed_seconds},
        "counter",
        resource.watch_time_seconds,
    )
    yield Sum(
        of=f"coverage of resource {resource.resource_id}",
        terms={"united": resource.played_ms},
        figure="counter",
        value=resource.covered_ms,
        unit="ms",
        # As long as each other is not the same.
        difference=resource.difference_ms,
    )


def _dashboard_sums(dashboard: Dashboard, modules: list[ModuleEvidence]) -> Iterator[Sum]:
    """What managers are shown, with what came since, is what there is now."""
    there = [module for module in modules if module.title is not None]
    yield _seconds(
        "focus on the dashboard",
        {
            "shown": dashboard.focus_seconds,
            "received since": sum(module.received_since_seconds for module in there),
        },
        "sessions",
        sum(module.session_seconds for module in there),
    )
    completed = [module for module in there if module.completed_at]
    # A completion does not tell when it was written, only when its evidence is from. So as many
    # may have come since as there are completed modules in which anything has.
    most = sum(module.has_news for module in completed)
    since = min(max(len(completed) - dashboard.modules_completed, 0), most)
    yield Sum(
        of="completed modules on the dashboard",
        terms={"shown": dashboard.modules_completed, "completed since": since},
        figure="completed",
        value=len(completed),
        unit="",
        difference=len(completed) - dashboard.modules_completed - since,
    )


def _seconds(of: str, terms: Mapping[str, int], figure: str, value: int) -> Sum:
    return Sum(of, terms, figure, value, "s", difference=value - sum(terms.values()))
