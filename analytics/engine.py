"""The same numbers, live from the raw tables and by another route: the oracle of the views.

`IntelligenceEngine` is too slow to serve a dashboard and exists to be compared with it. It shares
with the views the policy row and the definitions of docs/TRACKING_CONTRACT.md, and no code: it
reads plain rows through the ORM and reckons in Python, in exact fractions.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from statistics import median
from typing import Any

from django.utils import timezone

from analytics.models import Policy
from tracking.models import (
    Assignment,
    LearningSession,
    ModuleProgress,
    QuizAttempt,
    ResourceProgress,
    Submission,
    User,
)

WEEK = dt.timedelta(days=7)
ACTIVE_WITHIN = dt.timedelta(hours=24)
INACTIVE_AFTER = dt.timedelta(hours=72)
DAY = dt.timedelta(days=1)
EARLIER_WEEKS = 4
# Days that trends and implausible focus look back, today included.
DAYS_KEPT = 90


@dataclass(frozen=True)
class _Record:
    """Everything that is known of one learner."""

    learner: User
    sessions: list[LearningSession]
    modules: list[ModuleProgress]
    attempts: list[QuizAttempt]
    assignments: list[Assignment]
    submitted_assignment_ids: set[int]

    @property
    def focus_seconds(self) -> int:
        return sum(session.focus_duration_seconds for session in self.sessions)

    @property
    def last_learning_at(self) -> dt.datetime | None:
        return _latest(
            moment
            for session in self.sessions
            for moment in (session.start_time, session.last_pulse_at)
        )

    @property
    def last_active_at(self) -> dt.datetime | None:
        accesses = (progress.last_accessed for progress in self.modules)
        return _latest([self.last_learning_at, *accesses])

    def count_modules(self, status: ModuleProgress.Status) -> int:
        return sum(progress.status == status for progress in self.modules)

    @property
    def is_finished(self) -> bool:
        return bool(self.modules) and (
            self.count_modules(ModuleProgress.Status.COMPLETED) == len(self.modules)
            and not self.open_assignments
        )

    @property
    def open_assignments(self) -> list[Assignment]:
        """Nothing is owed for work that its module, or a manager, has already accepted."""
        return [
            assignment
            for assignment in self.assignments
            if assignment.status == Assignment.Status.ASSIGNED
            and assignment.pk not in self.submitted_assignment_ids
        ]

    def focus_by_day(self) -> dict[dt.date, int]:
        """Seconds of focus by the UTC day on which the session started."""
        days: dict[dt.date, int] = {}
        for session in self.sessions:
            day = session.start_time.astimezone(dt.UTC).date()
            days[day] = days.get(day, 0) + session.focus_duration_seconds
        return days

    def focus_of_week(self, today: dt.date, weeks_ago: int) -> int:
        """Seconds of focus of seven UTC days, of which the last is today or weeks before it."""
        last = today - weeks_ago * WEEK
        return sum(
            seconds
            for day, seconds in self.focus_by_day().items()
            if last - WEEK < day <= last or (weeks_ago == 0 and day > last)
        )

    @property
    def is_insufficient_data(self) -> bool:
        return not self.modules and not self.assignments and self.last_active_at is None

    @property
    def failing_quiz_ids(self) -> set[int]:
        tried = {attempt.quiz_id for attempt in self.attempts}
        return tried - {attempt.quiz_id for attempt in self.attempts if attempt.passed}


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
        now = as_of or timezone.now()
        policy = Policy.objects.get()
        records = [_record(learner) for learner in learners]
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
                and record.last_learning_at >= now - ACTIVE_WITHIN
                for record in records
            ),
            "inactive_72h": sum(_status(record, now) == "inactive" for record in records),
            "avg_focus_mins": _ratio(
                sum(session.focus_duration_seconds for session in week_sessions),
                60 * len(week_sessions),
            ),
            "avg_accuracy": _ratio(
                sum(Fraction(attempt.score) for attempt in week_attempts), len(week_attempts)
            ),
            "assignment_rate": _ratio(
                100 * sum(len(record.submitted_assignment_ids) for record in records),
                sum(len(record.assignments) for record in records),
            ),
            "at_risk_count": sum(_is_at_risk(record, policy, now) for record in records),
        }

    @staticmethod
    def get_learner_snapshot(learner: User, *, as_of: dt.datetime | None = None) -> dict[str, Any]:
        """The learner's row of the learners list, with the activity status beside it."""
        now = as_of or timezone.now()
        policy = Policy.objects.get()
        record = _record(learner)
        return {
            "id": learner.pk,
            "username": learner.username,
            "full_name": learner.get_full_name(),
            "engagement_score": _rounded(_engagement(record, policy)),
            "modules_completed": record.count_modules(ModuleProgress.Status.COMPLETED),
            "modules_in_progress": record.count_modules(ModuleProgress.Status.IN_PROGRESS),
            "total_focus_mins": _ratio(record.focus_seconds, 60),
            "last_active": record.last_active_at,
            "status": _status(record, now),
            "risk_level": _risk(record, policy, now)["risk_level"],
        }

    @staticmethod
    def get_risk_assessment(learner: User, *, as_of: dt.datetime | None = None) -> dict[str, Any]:
        """Level, points, and each factor's points by its code."""
        return _risk(_record(learner), Policy.objects.get(), as_of or timezone.now())

    @staticmethod
    def get_anomalies(
        learner: User, *, as_of: dt.datetime | None = None
    ) -> set[tuple[str, dt.date]]:
        """Each anomaly's code and day."""
        today = _utc_day(as_of or timezone.now())
        policy = Policy.objects.get()
        record = _record(learner)
        found = {
            ("implausible_focus", day)
            for day, seconds in record.focus_by_day().items()
            if seconds > policy.implausible_focus_hours * 3600 and day > today - DAYS_KEPT * DAY
        }
        if _has_dropped(record, policy, today):
            found.add(("engagement_drop", today))
        return found

    @staticmethod
    def get_module_progress(learner: User) -> dict[int, dict[str, Any]]:
        """For each module begun or given: status, percent (Rule 2) and minutes of focus."""
        return {
            progress.module_id: {
                "status": progress.status,
                "progress_percent": _progress_percent(learner, progress),
                "focus_time_mins": _ratio(
                    sum(
                        LearningSession.objects.filter(
                            user=learner, module_id=progress.module_id
                        ).values_list("focus_duration_seconds", flat=True)
                    ),
                    60,
                ),
            }
            for progress in ModuleProgress.objects.filter(user=learner).select_related("module")
        }


def _record(learner: User) -> _Record:
    assignments = list(Assignment.objects.filter(user=learner))
    return _Record(
        learner=learner,
        sessions=list(LearningSession.objects.filter(user=learner)),
        modules=list(ModuleProgress.objects.filter(user=learner)),
        attempts=list(QuizAttempt.objects.filter(user=learner)),
        assignments=assignments,
        submitted_assignment_ids=set(
            Submission.objects.filter(assignment__in=assignments).values_list(
                "assignment_id", flat=True
            )
        ),
    )


def _latest(moments: Iterable[dt.datetime | None]) -> dt.datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)


def _rounded(value: Fraction) -> float:
    """One decimal, halves up, by way of nine: as the views do it."""
    nine = Decimal(value.numerator) / Decimal(value.denominator)
    nine = nine.quantize(Decimal("1e-9"), ROUND_HALF_UP)
    return float(nine.quantize(Decimal("0.1"), ROUND_HALF_UP))


def _ratio(numerator: int | Fraction, denominator: int) -> float | None:
    if denominator == 0:
        return None
    exact = Fraction(numerator) / denominator
    return float(
        (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(
            Decimal("0.1"), ROUND_HALF_UP
        )
    )


def _engagement(record: _Record, policy: Policy) -> Fraction:
    """Rule 3, as its code stands: the divisors are the policy's."""
    focus = min(
        Fraction(record.focus_seconds, 60) / Fraction(policy.focus_divisor),
        Fraction(policy.focus_points),
    )
    completion = accuracy = Fraction(0)
    if record.modules:
        share = Fraction(record.count_modules(ModuleProgress.Status.COMPLETED), len(record.modules))
        completion = share * Fraction(policy.completion_points)
    if record.attempts:
        total = sum((Fraction(attempt.score) for attempt in record.attempts), Fraction(0))
        mean = total / len(record.attempts)
        accuracy = mean / 100 * Fraction(policy.accuracy_points)
    active_days = {session.start_time.astimezone(dt.UTC).date() for session in record.sessions}
    consistency = min(
        Fraction(len(active_days)) / Fraction(policy.consistency_divisor),
        Fraction(policy.consistency_points),
    )
    return focus + completion + accuracy + consistency


def _status(record: _Record, now: dt.datetime) -> str:
    last_active_at = record.last_active_at
    if last_active_at is None:
        return "not_started"
    if last_active_at >= now - ACTIVE_WITHIN:
        return "active"
    if last_active_at >= now - INACTIVE_AFTER:
        return "idle"
    return "inactive"


def _utc_day(moment: dt.datetime) -> dt.date:
    return moment.astimezone(dt.UTC).date()


def _has_dropped(record: _Record, policy: Policy, today: dt.date) -> bool:
    """The last seven days against the median of the four weeks before, in robust deviations."""
    last_week = record.focus_of_week(today, 0)
    earlier = [
        Fraction(record.focus_of_week(today, weeks)) for weeks in range(1, EARLIER_WEEKS + 1)
    ]
    active = sum(seconds >= policy.drop_active_minutes * 60 for seconds in earlier)
    usual = median(earlier)
    if record.is_finished or active < policy.drop_active_weeks or usual == 0:
        return False
    deviation = median(abs(seconds - usual) for seconds in earlier)
    fall = usual - last_week
    return fall * 100 >= usual * Fraction(policy.drop_percent) and fall * Fraction(
        "0.6745"
    ) >= deviation * Fraction(policy.drop_z)


def _has_low_engagement(record: _Record, policy: Policy) -> bool:
    return _rounded(_engagement(record, policy)) < float(policy.low_engagement)


def _is_at_risk(record: _Record, policy: Policy, now: dt.datetime) -> bool:
    return _status(record, now) == "idle" and _has_low_engagement(record, policy)


def _risk(record: _Record, policy: Policy, now: dt.datetime) -> dict[str, Any]:
    factors: dict[str, float] = {}
    if not record.is_finished and not record.is_insufficient_data:
        factors = _risk_factors(record, policy, now)
    points = sum(factors.values())
    if record.is_finished or record.is_insufficient_data:
        level = "Low"
    elif points >= policy.high_risk:
        level = "High"
    elif points >= policy.medium_risk or _is_at_risk(record, policy, now):
        level = "Medium"
    else:
        level = "Low"
    return {
        "risk_level": level,
        "risk_points": points,
        "factors": factors,
        "insufficient_data": record.is_insufficient_data,
    }


def _risk_factors(record: _Record, policy: Policy, now: dt.datetime) -> dict[str, float]:
    status = _status(record, now)
    is_overdue = any(
        assignment.due_at is not None and assignment.due_at < now
        for assignment in record.open_assignments
    )
    found = {
        "inactive": (status == "inactive", policy.inactive_risk),
        "idle": (status == "idle", policy.idle_risk),
        "low_engagement": (_has_low_engagement(record, policy), policy.low_engagement_risk),
        "overdue_assignment": (is_overdue, policy.overdue_assignment_risk),
        "failing_quizzes": (
            len(record.failing_quiz_ids) >= policy.failing_quizzes,
            policy.failing_quizzes_risk,
        ),
        "engagement_drop": (
            _has_dropped(record, policy, _utc_day(now)),
            policy.engagement_drop_risk,
        ),
        "never_started": (
            status == "not_started" and bool(record.modules or record.assignments),
            policy.never_started_risk,
        ),
    }
    return {code: float(points) for code, (applies, points) in found.items() if applies}


def _progress_percent(learner: User, progress: ModuleProgress) -> float:
    module = progress.module
    resource_ids: Sequence[int] = list(module.resources.values_list("pk", flat=True))
    completed = ResourceProgress.objects.filter(
        user=learner, resource_id__in=resource_ids, completed=True
    ).count()
    percent = _ratio(100 * completed, len(resource_ids)) or 0.0
    is_quiz_missing = (
        module.has_quiz
        and not QuizAttempt.objects.filter(user=learner, quiz__module=module, passed=True).exists()
    )
    is_assignment_missing = (
        module.has_assignment
        and not Submission.objects.filter(
            assignment__user=learner, assignment__module=module
        ).exists()
    )
    return min(percent, 95.0) if is_quiz_missing or is_assignment_missing else percent
