"""The same numbers, live from the raw tables and by another route: the oracle of the views.

`IntelligenceEngine` is too slow to serve a dashboard and exists to be compared with it. It shares
with the views the policy row and the definitions of docs/TRACKING_CONTRACT.md, and no code: it
reads plain rows through the ORM and reckons in Python, in exact fractions.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from django.utils import timezone

from analytics.engine import figures, rows
from analytics.engine.records import WEEK, Record, read_records, read_resource_ids
from analytics.models import Policy
from tracking.models import ModuleProgress, User

__all__ = ["IntelligenceEngine"]


class IntelligenceEngine:
    """Team, learner and risk figures as of a moment, worked out on request.

    `as_of` is the moment against which ages are measured (default: now). Rows that were written
    after it are seen all the same.
    """

    @staticmethod
    def get_team_snapshot(
        learners: Iterable[User], *, as_of: dt.datetime | None = None
    ) -> dict[str, Any]:
        """The six figures of the team summary over the given learners; averages may be `None`."""
        return _team_figures(read_records(learners), Policy.objects.get(), as_of or timezone.now())

    @staticmethod
    def get_team_breakdown(
        learners: Iterable[User], *, as_of: dt.datetime | None = None
    ) -> dict[str, Any]:
        """How many of the learners there are of each status and each risk level."""
        now, policy = as_of or timezone.now(), Policy.objects.get()
        records = read_records(learners)
        return {
            "learner_count": len(records),
            **Counter(f"{figures.status(record, now)}_count" for record in records),
            **Counter(
                f"{figures.risk(record, policy, now)['risk_level'].lower()}_risk_count"
                for record in records
            ),
        }

    @staticmethod
    def get_team_days(
        learners: Iterable[User], *, as_of: dt.datetime | None = None
    ) -> dict[dt.date, dict[str, Any]]:
        """What the learners did on each UTC day of the last 90 on which they did anything."""
        return figures.team_days(read_records(learners), as_of or timezone.now())

    @staticmethod
    def get_learner_snapshot(learner: User, *, as_of: dt.datetime | None = None) -> dict[str, Any]:
        """The learner's row of the learners list, with the activity status beside it."""
        return _learner_figures(_record(learner), Policy.objects.get(), as_of or timezone.now())

    @staticmethod
    def get_risk_assessment(learner: User, *, as_of: dt.datetime | None = None) -> dict[str, Any]:
        """Level, points, and each factor's points by its code."""
        return figures.risk(_record(learner), Policy.objects.get(), as_of or timezone.now())

    @staticmethod
    def get_anomalies(
        learner: User, *, as_of: dt.datetime | None = None
    ) -> set[tuple[str, dt.date]]:
        """Each anomaly's code and day."""
        return figures.anomalies(_record(learner), Policy.objects.get(), as_of or timezone.now())

    @staticmethod
    def get_module_progress(learner: User) -> dict[int, dict[str, Any]]:
        """For each module begun or given: status, percent (Rule 2) and minutes of focus."""
        return figures.module_progress(_record(learner), read_resource_ids())

    @staticmethod
    def get_everything(
        learners: Iterable[User], *, as_of: dt.datetime | None = None
    ) -> tuple[dict[str, Any], dict[int, dict[str, Any]]]:
        """The team's figures, and each learner's by id.

        Those are `snapshot`, `counts`, `risk`, `anomalies`, `modules`, and the single rows by their
        ids: `attempts`, `assignments` and `resources`.
        The same as the single calls give, for many learners by the same few queries.
        """
        now, policy = as_of or timezone.now(), Policy.objects.get()
        records, resource_ids = read_records(learners), read_resource_ids()
        return _team_figures(records, policy, now), {
            record.learner.pk: {
                "snapshot": _learner_figures(record, policy, now),
                "counts": figures.counts(record),
                "risk": figures.risk(record, policy, now),
                "anomalies": figures.anomalies(record, policy, now),
                "modules": figures.module_progress(record, resource_ids),
                "attempts": rows.attempts(record),
                "assignments": rows.assignments(record),
                "resources": rows.resources(record),
            }
            for record in records
        }


def _record(learner: User) -> Record:
    (record,) = read_records([learner])
    return record


def _team_figures(records: list[Record], policy: Policy, now: dt.datetime) -> dict[str, Any]:
    week_sessions = [
        session
        for record in records
        for session in record.sessions
        if now - WEEK <= session.start_time
    ]
    week_attempts = [
        attempt
        for record in records
        for attempt in record.attempts
        if now - WEEK <= attempt.timestamp
    ]
    return {
        "active_24h": sum(
            record.last_learning_at is not None
            and record.last_learning_at >= now - figures.ACTIVE_WITHIN
            for record in records
        ),
        "inactive_72h": sum(figures.status(record, now) == "inactive" for record in records),
        "avg_focus_mins": figures.ratio(
            sum(session.focus_duration_seconds for session in week_sessions),
            60 * len(week_sessions),
        ),
        "avg_accuracy": figures.ratio(
            sum(Fraction(attempt.score) for attempt in week_attempts), len(week_attempts)
        ),
        "assignment_rate": figures.ratio(
            100 * sum(len(record.submitted_assignment_ids) for record in records),
            sum(len(record.assignments) for record in records),
        ),
        "at_risk_count": sum(figures.is_at_risk(record, policy, now) for record in records),
    }


def _learner_figures(record: Record, policy: Policy, now: dt.datetime) -> dict[str, Any]:
    learner = record.learner
    return {
        "id": learner.pk,
        "username": learner.username,
        # Spaces only: `get_full_name` takes tabs and every other blank away, too.
        "full_name": f"{learner.first_name} {learner.last_name}".strip(" "),
        "engagement_score": figures.rounded(figures.engagement(record, policy)),
        "modules_completed": record.count_modules(ModuleProgress.Status.COMPLETED),
        "modules_in_progress": record.count_modules(ModuleProgress.Status.IN_PROGRESS),
        "total_focus_mins": figures.ratio(record.focus_seconds, 60),
        "last_active": record.last_active_at,
        "status": figures.status(record, now),
        "risk_level": figures.risk(record, policy, now)["risk_level"],
    }
