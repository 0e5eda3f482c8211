"""Holds the views against the oracle, as of the stamp, and keeps how it came out.

Only what nobody has written to since the refresh can be compared: the oracle reads the raw tables
as they are now. Who that is is exact, by the ledger of touched learners and the stamp's snapshot;
the others are counted as passed over.
"""

import datetime as dt
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from analytics.engine import IntelligenceEngine
from analytics.models import (
    LearnerAnomaly,
    LearnerModule,
    LearnerRisk,
    LearnerSnapshot,
    QualityCheck,
    TeamDay,
    TeamSummary,
)
from config.sql import fetch_rows
from tracking.models import User

logger = logging.getLogger(__name__)

CHUNK = 500
# As many are kept of a run and printed; the count is of all.
MISMATCHES_KEPT = 100
COUNTS = (
    "learner_count",
    "active_count",
    "idle_count",
    "inactive_count",
    "not_started_count",
    "high_risk_count",
    "medium_risk_count",
    "low_risk_count",
)
DAY_FIGURES = (
    "active_learners",
    "session_count",
    "focus_seconds",
    "completion_count",
    "attempt_count",
    "score_sum",
)
# The single rows of a learner: their statement, and what one is called.
ROWS = {"attempts": "attempt", "assignments": "assignment", "resources": "resource"}
# What says which row it is, or when it was computed, and is compared by way of that.
KEYS = frozenset(
    {"row_id", "learner_id", "attempt_id", "assignment_id", "resource_id", "computed_at"}
)
SUMMARY_FIGURES = (
    "active_24h",
    "inactive_72h",
    "avg_focus_mins",
    "avg_accuracy",
    "assignment_rate",
    "at_risk_count",
)


@dataclass(frozen=True)
class Mismatch:
    """One figure that the views and the oracle do not agree on."""

    of: str
    id: int
    figure: str
    view: str
    oracle: str


@dataclass
class Reconciliation:
    """What was compared: learners and teams, those passed over, and what did not agree."""

    computed_at: dt.datetime | None = None
    learners: int = 0
    learners_passed_over: int = 0
    teams: int = 0
    teams_passed_over: int = 0
    mismatch_count: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)
    why_unknown: str = ""

    @property
    def status(self) -> QualityCheck.Status:
        if self.mismatch_count:
            return QualityCheck.Status.FAIL
        if self.why_unknown:
            return QualityCheck.Status.UNKNOWN
        return QualityCheck.Status.OK

    def compare(self, of: str, key: int, views: dict[str, Any], oracle: dict[str, Any]) -> None:
        for figure in sorted(views.keys() | oracle.keys()):
            shown, right = views.get(figure), oracle.get(figure)
            if shown != right:
                self.mismatch_count += 1
                if len(self.mismatches) < MISMATCHES_KEPT:
                    shown, right = _what_differs(shown, right)
                    self.mismatches.append(Mismatch(of, key, figure, repr(shown), repr(right)))


def reconcile(sample: int | None) -> Reconciliation:
    """Compare the figures of `sample` learners and of one team, or of all with `None`.

    The result is kept as a `QualityCheck`; nothing else is written. Must not be called inside a
    transaction.
    """
    result = Reconciliation()
    with _snapshot():
        (standing,) = fetch_rows("reconcile/standing", {})
        result.computed_at = standing["computed_at"]
        result.why_unknown = standing["why_unknown"] or ""
        if not result.why_unknown:
            _compare_learners(result, sample)
            _compare_teams(result, sample)
            if not result.learners and result.learners_passed_over:
                result.why_unknown = "all learners were written to since the refresh"
    _keep(result)
    return result


def prune_quality_checks() -> int:
    """Delete the records older than `REFRESH_RUN_RETENTION`, but for the latest; how many."""
    latest = QualityCheck.objects.order_by("name", "-checked_at", "-pk").distinct("name")
    deleted, _ = (
        QualityCheck.objects.filter(checked_at__lt=timezone.now() - settings.REFRESH_RUN_RETENTION)
        .exclude(pk__in=list(latest.values_list("pk", flat=True)))
        .delete()
    )
    return deleted


@contextmanager
def _snapshot() -> Iterator[None]:
    """One moment for views and raw tables."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read read only")
        yield


def _compare_learners(result: Reconciliation, sample: int | None) -> None:
    (counts,) = fetch_rows("reconcile/learner_counts", {})
    result.learners_passed_over = counts["passed_over"]
    ids = [row["learner_id"] for row in fetch_rows("reconcile/learners", {"sample": sample})]
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        views, oracle = _views_of(chunk), _oracle_of(chunk, result)
        for learner_id in chunk:
            result.learners += 1
            result.compare(
                "learner", learner_id, views.get(learner_id, {}), oracle.get(learner_id, {})
            )


def _compare_teams(result: Reconciliation, sample: int | None) -> None:
    teams = fetch_rows("reconcile/teams", {})
    comparable = [team for team in teams if not team["passed_over"]]
    result.teams_passed_over = len(teams) - len(comparable)
    if sample is not None:
        comparable = comparable[:1]
    for team in comparable:
        learners = User.objects.filter(
            team_id=team["team_id"], role=User.Role.LEARNER, is_active=True
        )
        shown = TeamSummary.objects.values(*SUMMARY_FIGURES, *COUNTS).get(pk=team["team_id"])
        figures = IntelligenceEngine.get_team_snapshot(learners, as_of=result.computed_at)
        counts = IntelligenceEngine.get_team_breakdown(learners, as_of=result.computed_at)
        result.teams += 1
        result.compare("team", team["team_id"], shown, figures | dict.fromkeys(COUNTS, 0) | counts)
        result.compare(
            "team",
            team["team_id"],
            {f"day {row.pop('day')}": row for row in _days_of(team["team_id"])},
            {
                f"day {day}": done
                for day, done in IntelligenceEngine.get_team_days(
                    learners, as_of=result.computed_at
                ).items()
            },
        )


def _days_of(team_id: int) -> list[dict[str, Any]]:
    return list(TeamDay.objects.filter(team_id=team_id).values("day", *DAY_FIGURES))


def _what_differs(shown: Any, right: Any) -> tuple[Any, Any]:
    """Of two rows only the columns that differ; anything else as it is."""
    if not (isinstance(shown, dict) and isinstance(right, dict)):
        return shown, right
    columns = [name for name in shown | right if shown.get(name) != right.get(name)]
    return (
        {name: shown.get(name) for name in columns},
        {name: right.get(name) for name in columns},
    )


def _views_of(ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    figures: dict[int, dict[str, Any]] = {
        row.learner_id: {
            "username": row.username,
            "full_name": row.full_name,
            "engagement_score": row.engagement_score,
            "modules_completed": row.modules_completed,
            "modules_in_progress": row.modules_in_progress,
            "total_focus_mins": row.total_focus_mins,
            "last_active": row.last_active_at,
            "session_count": row.session_count,
            "active_days": row.active_days,
            "attempt_count": row.attempt_count,
            "avg_score": row.avg_score,
            "assignment_count": row.assignment_count,
            "submitted_count": row.submitted_count,
            "status": row.status,
            "risk_level": row.risk_level,
            "anomalies": set(),
        }
        for row in LearnerSnapshot.objects.filter(learner_id__in=ids)
    }
    for risk in LearnerRisk.objects.filter(learner_id__in=ids):
        of_learner = figures[risk.learner_id]
        of_learner["risk_points"] = risk.risk_points
        of_learner["insufficient_data"] = risk.is_insufficient_data
        of_learner["factors"] = {factor["code"]: factor["points"] for factor in risk.factors}
    for module in LearnerModule.objects.filter(learner_id__in=ids):
        figures.setdefault(module.learner_id, {})[f"module {module.module_id}"] = {
            "status": module.status,
            "progress_percent": module.progress_percent,
            "focus_time_mins": module.focus_time_mins,
        }
    for anomaly in LearnerAnomaly.objects.filter(learner_id__in=ids):
        figures[anomaly.learner_id]["anomalies"].add((anomaly.code, anomaly.detected_on))
    for statement, name in ROWS.items():
        for row in fetch_rows(f"reconcile/{statement}", {"learner_ids": list(ids)}):
            figures.setdefault(row["learner_id"], {})[f"{name} {row['row_id']}"] = {
                column: value for column, value in row.items() if column not in KEYS
            }
    return figures


def _oracle_of(ids: Sequence[int], result: Reconciliation) -> dict[int, dict[str, Any]]:
    learners = User.objects.filter(pk__in=ids, role=User.Role.LEARNER, is_active=True)
    _, everything = IntelligenceEngine.get_everything(learners, as_of=result.computed_at)
    figures = {}
    for learner_id, of_learner in everything.items():
        snapshot, risk = of_learner["snapshot"], of_learner["risk"]
        snapshot.pop("id")
        figures[learner_id] = {
            **snapshot,
            **risk,
            **of_learner["counts"],
            "anomalies": of_learner["anomalies"],
            **{f"module {key}": value for key, value in of_learner["modules"].items()},
            **{
                f"{name} {key}": row
                for kind, name in ROWS.items()
                for key, row in of_learner[kind].items()
            },
        }
    return figures


def _keep(result: Reconciliation) -> None:
    detail = asdict(result)
    detail["computed_at"] = result.computed_at.isoformat() if result.computed_at else None
    QualityCheck.objects.create(
        name=QualityCheck.Name.RECONCILIATION,
        checked_at=timezone.now(),
        status=result.status,
        value=result.mismatch_count,
        detail=detail,
    )
    if result.mismatch_count:
        logger.error(
            "reconciliation: %s figures of the views are not what the oracle makes of the tables;"
            " the first: %s",
            result.mismatch_count,
            result.mismatches[0],
        )
    elif result.why_unknown:
        logger.warning("reconciliation: nothing could be compared: %s", result.why_unknown)
