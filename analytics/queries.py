"""What managers read, scoped to their learners here and nowhere else.

Every read goes to the contract views; nothing is aggregated in Python. What takes more than one
statement runs in one read-only snapshot, so that its parts belong to one refresh.
"""

import datetime as dt
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings
from django.db import OperationalError, ProgrammingError, connection, models, transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils import timezone

from analytics.models import LearnerModule, LearnerRisk, LearnerSnapshot, RefreshStatus
from config.problems import ProblemError, ProblemType
from config.sql import fetch_rows

logger = logging.getLogger(__name__)

OBJECT_NOT_IN_PREREQUISITE_STATE = "55000"
# A deploy that rebuilds a view locks readers out; better told to come back than kept waiting.
LOCK_TIMEOUT_MS = 2_000
UNDEFINED_OBJECTS = frozenset({"3F000", "42P01"})


class NotComputedYet(ProblemError):
    """503: no refresh has finished since the views were built."""

    def __init__(self) -> None:
        super().__init__(
            ProblemType.NOT_COMPUTED,
            ProblemType.NOT_COMPUTED.meaning,
            retry_after_seconds=settings.REFRESH_INTERVAL_SECONDS,
        )


class Manager(Protocol):
    """What this module needs to know of the person who asks."""

    role: str
    team_id: int
    managed_teams: Any


@dataclass(frozen=True)
class Scope:
    """The teams whose learners somebody may see; `None` for all of them."""

    team_ids: frozenset[int] | None

    def limits(self, learners: QuerySet[Any]) -> QuerySet[Any]:
        """Rows with a `team_id`, cut to the scope."""
        return learners if self.team_ids is None else learners.filter(team_id__in=self.team_ids)

    def allows(self, team_id: int) -> bool:
        return self.team_ids is None or team_id in self.team_ids


def scope_of(manager: Manager) -> Scope:
    """An admin sees all teams, a manager those that list them, or else their own."""
    if manager.role == "admin":
        return Scope(None)
    managed = frozenset(manager.managed_teams.values_list("pk", flat=True))
    return Scope(managed or frozenset({manager.team_id}))


@dataclass(frozen=True)
class Freshness:
    """Which refresh the figures are of, and how old they are by the server's clock."""

    refresh_id: int
    computed_at: dt.datetime
    age: dt.timedelta

    @property
    def age_seconds(self) -> int:
        return int(self.age.total_seconds())

    @property
    def data_status(self) -> str:
        if self.age.total_seconds() > settings.DATA_OUTDATED_SECONDS:
            return "outdated"
        if self.age.total_seconds() > settings.DATA_STALE_SECONDS:
            return "stale"
        return "fresh"


@contextmanager
def snapshot() -> Iterator[None]:
    """One consistent, read-only view of the database for all statements inside.

    Raises `NotComputedYet` for views that are missing or that no refresh has filled.
    """
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "set transaction isolation level repeatable read read only;"
                    f" set local lock_timeout = {LOCK_TIMEOUT_MS:d}"
                )
            yield
    except (OperationalError, ProgrammingError) as error:
        sqlstate = getattr(error.__cause__, "sqlstate", None)
        if sqlstate == OBJECT_NOT_IN_PREREQUISITE_STATE or sqlstate in UNDEFINED_OBJECTS:
            # Right after a first deploy this is expected; for a view that was lost it never ends.
            logger.error("a view cannot be read: %s", str(error).strip())
            raise NotComputedYet from error
        raise


def read_freshness() -> Freshness:
    """Raises `NotComputedYet` unless there is a stamp."""
    with snapshot():
        return _freshness()


def _freshness() -> Freshness:
    status = RefreshStatus.objects.values("refresh_id", "computed_at").first()
    if status is None:
        raise NotComputedYet
    return _freshness_of(status)


def _freshness_of(row: Mapping[str, Any]) -> Freshness:
    age = timezone.now() - row["computed_at"]
    # A clock that was set back makes nothing younger than new.
    return Freshness(row["refresh_id"], row["computed_at"], max(age, dt.timedelta(0)))


# --- Team summary ----------------------------------------------------------------------------


def team_summary(scope: Scope) -> tuple[dict[str, Any], Freshness]:
    """The six figures over the scope. An average with nothing to average is `None`."""
    with snapshot():
        rows = fetch_rows(
            "queries/team_summary",
            {"all_teams": scope.team_ids is None, "team_ids": sorted(scope.team_ids or ())},
        )
    if not rows:
        raise NotComputedYet
    (row,) = rows
    freshness = _freshness_of(row)
    figures = {
        "active_24h": row["active_24h"],
        "inactive_72h": row["inactive_72h"],
        "avg_focus_mins": _number(row["avg_focus_mins"]),
        "avg_accuracy": _number(row["avg_accuracy"]),
        "assignment_rate": _number(row["assignment_rate"]),
        "at_risk_count": row["at_risk_count"],
    }
    return figures, freshness


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


# --- Learners --------------------------------------------------------------------------------

# What `?ordering=` may name, and what it sorts by.
ORDERINGS: Mapping[str, Any] = {
    "username": F("username"),
    "full_name": F("full_name"),
    "engagement_score": F("engagement_score"),
    "modules_completed": F("modules_completed"),
    "modules_in_progress": F("modules_in_progress"),
    "total_focus_mins": F("total_focus_mins"),
    "last_active": F("last_active_at"),
    "risk_level": Case(
        When(risk_level="High", then=Value(2)),
        When(risk_level="Medium", then=Value(1)),
        default=Value(0),
        output_field=models.IntegerField(),
    ),
}


@dataclass(frozen=True)
class LearnerFilter:
    """Which learners of the scope, in which order; `page` counts from 1."""

    search: str = ""
    ordering: str = "username"
    risk_level: str | None = None
    status: str | None = None
    team: int | None = None
    page: int = 1
    page_size: int = 100


@dataclass(frozen=True)
class LearnerPage:
    rows: list[dict[str, Any]]
    total: int
    freshness: Freshness


def learners(scope: Scope, wanted: LearnerFilter) -> LearnerPage:
    """One page of learners and how many there are. A team outside the scope is not found."""
    if wanted.team is not None and not scope.allows(wanted.team):
        raise ProblemError(
            ProblemType.NOT_FOUND, f"team: there is no team {wanted.team} that you may see."
        )
    matching = scope.limits(LearnerSnapshot.objects.all())
    if wanted.team is not None:
        matching = matching.filter(team_id=wanted.team)
    if wanted.search:
        matching = matching.filter(
            Q(username__icontains=wanted.search) | Q(full_name__icontains=wanted.search)
        )
    if wanted.risk_level:
        matching = matching.filter(risk_level=wanted.risk_level)
    if wanted.status:
        matching = matching.filter(status=wanted.status)
    start = (wanted.page - 1) * wanted.page_size
    with snapshot():
        freshness = _freshness()
        total = matching.count()
        page = matching.order_by(*_order(wanted.ordering))[start : start + wanted.page_size]
        rows = [_learner_row(learner) for learner in page]
    return LearnerPage(rows, total, freshness)


def _order(ordering: str) -> list[Any]:
    by = ORDERINGS[ordering.removeprefix("-")]
    if ordering.startswith("-"):
        return [by.desc(nulls_last=True), F("learner_id").asc()]
    return [by.asc(nulls_last=True), F("learner_id").asc()]


def _learner_row(learner: LearnerSnapshot) -> dict[str, Any]:
    return {
        "id": learner.learner_id,
        "username": learner.username,
        "full_name": learner.full_name,
        "engagement_score": learner.engagement_score,
        "modules_completed": learner.modules_completed,
        "modules_in_progress": learner.modules_in_progress,
        "total_focus_mins": learner.total_focus_mins,
        "last_active": learner.last_active_at,
        "risk_level": learner.risk_level,
        "computed_at": learner.computed_at,
    }


# --- One learner -----------------------------------------------------------------------------


def _no_such_learner() -> ProblemError:
    return ProblemError(ProblemType.NOT_FOUND, "There is no such learner that you may see.")


def learner_details(scope: Scope, learner_id: int) -> tuple[dict[str, Any], Freshness]:
    """Timeline, modules, quiz attempts and assignments. Raises `NOT_FOUND` outside the scope."""
    with snapshot():
        freshness = _freshness()
        if not scope.limits(LearnerSnapshot.objects.filter(learner_id=learner_id)).exists():
            raise _no_such_learner()
        of_learner = {"learner_id": learner_id}
        details = {
            "timeline": [
                {"timestamp": row["occurred_at"], "event": row["event"], "type": row["type"]}
                for row in fetch_rows("queries/learner_timeline", of_learner)
            ],
            "modules": [
                {
                    "id": module.module_id,
                    "title": module.title,
                    "status": module.status,
                    "progress_percent": module.progress_percent,
                    "focus_time_mins": module.focus_time_mins,
                }
                for module in LearnerModule.objects.filter(learner_id=learner_id).order_by(
                    F("last_accessed_at").desc(nulls_last=True), "module_id"
                )
            ],
            "quiz_performance": fetch_rows("queries/learner_quizzes", of_learner),
            "assignments": fetch_rows("queries/learner_assignments", of_learner),
        }
    return details, freshness


def learner_risk(scope: Scope, learner_id: int) -> tuple[dict[str, Any], Freshness]:
    """Level, points and factors with their evidence. Raises `NOT_FOUND` outside the scope."""
    with snapshot():
        freshness = _freshness()
        risk = scope.limits(LearnerRisk.objects.filter(learner_id=learner_id)).first()
    if risk is None:
        raise _no_such_learner()
    return {
        "id": risk.learner_id,
        "username": risk.username,
        "risk_level": risk.risk_level,
        "risk_points": risk.risk_points,
        "factors": risk.factors,
        "insufficient_data": risk.is_insufficient_data,
    }, freshness
