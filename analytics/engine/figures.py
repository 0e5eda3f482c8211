"""Status, engagement, risk and progress of one learner, reckoned in exact fractions."""

import datetime as dt
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from statistics import median
from typing import Any

from analytics.engine.records import Record
from analytics.models import Policy
from tracking.models import ModuleProgress

ACTIVE_WITHIN = dt.timedelta(hours=24)
INACTIVE_AFTER = dt.timedelta(hours=72)
DAY = dt.timedelta(days=1)
EARLIER_WEEKS = 4
# Days that trends and implausible focus look back, today included.
DAYS_KEPT = 90


def rounded(value: Fraction) -> float:
    """One decimal, halves up, by way of nine: as the views do it."""
    nine = Decimal(value.numerator) / Decimal(value.denominator)
    nine = nine.quantize(Decimal("1e-9"), ROUND_HALF_UP)
    return float(nine.quantize(Decimal("0.1"), ROUND_HALF_UP))


def one_decimal(exact: Fraction) -> Decimal:
    """Halves up."""
    quotient = Decimal(exact.numerator) / Decimal(exact.denominator)
    return quotient.quantize(Decimal("0.1"), ROUND_HALF_UP)


def ratio(numerator: int | Fraction, denominator: int) -> float | None:
    if denominator == 0:
        return None
    return float(one_decimal(Fraction(numerator) / denominator))


def engagement(record: Record, policy: Policy) -> Fraction:
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


def status(record: Record, now: dt.datetime) -> str:
    last_active_at = record.last_active_at
    if last_active_at is None:
        return "not_started"
    if last_active_at >= now - ACTIVE_WITHIN:
        return "active"
    if last_active_at >= now - INACTIVE_AFTER:
        return "idle"
    return "inactive"


def utc_day(moment: dt.datetime) -> dt.date:
    return moment.astimezone(dt.UTC).date()


def has_dropped(record: Record, policy: Policy, today: dt.date) -> bool:
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


def _has_low_engagement(record: Record, policy: Policy) -> bool:
    return rounded(engagement(record, policy)) < float(policy.low_engagement)


def is_at_risk(record: Record, policy: Policy, now: dt.datetime) -> bool:
    return status(record, now) == "idle" and _has_low_engagement(record, policy)


def risk(record: Record, policy: Policy, now: dt.datetime) -> dict[str, Any]:
    factors: dict[str, float] = {}
    if not record.is_finished and not record.is_insufficient_data:
        factors = _risk_factors(record, policy, now)
    points = sum(factors.values())
    if record.is_finished or record.is_insufficient_data:
        level = "Low"
    elif points >= policy.high_risk:
        level = "High"
    elif points >= policy.medium_risk or is_at_risk(record, policy, now):
        level = "Medium"
    else:
        level = "Low"
    return {
        "risk_level": level,
        "risk_points": points,
        "factors": factors,
        "insufficient_data": record.is_insufficient_data,
    }


def _risk_factors(record: Record, policy: Policy, now: dt.datetime) -> dict[str, float]:
    activity = status(record, now)
    is_overdue = any(
        assignment.due_at is not None and assignment.due_at < now
        for assignment in record.open_assignments
    )
    found = {
        "inactive": (activity == "inactive", policy.inactive_risk),
        "idle": (activity == "idle", policy.idle_risk),
        "low_engagement": (_has_low_engagement(record, policy), policy.low_engagement_risk),
        "overdue_assignment": (is_overdue, policy.overdue_assignment_risk),
        "failing_quizzes": (
            len(record.failing_quiz_ids) >= policy.failing_quizzes,
            policy.failing_quizzes_risk,
        ),
        "engagement_drop": (
            has_dropped(record, policy, utc_day(now)),
            policy.engagement_drop_risk,
        ),
        "never_started": (
            activity == "not_started" and bool(record.modules or record.assignments),
            policy.never_started_risk,
        ),
    }
    # What the policy gives no points for is no factor.
    return {code: float(points) for code, (applies, points) in found.items() if applies and points}


def anomalies(record: Record, policy: Policy, now: dt.datetime) -> set[tuple[str, dt.date]]:
    """Each anomaly's code and day."""
    today = utc_day(now)
    found = {
        ("implausible_focus", day)
        for day, seconds in record.focus_by_day().items()
        if seconds > policy.implausible_focus_hours * 3600 and day > today - DAYS_KEPT * DAY
    }
    if has_dropped(record, policy, today):
        found.add(("engagement_drop", today))
    return found


def counts(record: Record) -> dict[str, Any]:
    """How much there is of one learner, and the mean score of all attempts."""
    return {
        "session_count": len(record.sessions),
        "active_days": len(record.focus_by_day()),
        "attempt_count": len(record.attempts),
        "avg_score": ratio(
            sum((Fraction(attempt.score) for attempt in record.attempts), Fraction(0)),
            len(record.attempts),
        ),
        "assignment_count": len(record.assignments),
        "submitted_count": len(record.submitted_assignment_ids),
    }


def team_days(records: Iterable[Record], now: dt.datetime) -> dict[dt.date, dict[str, Any]]:
    """What the learners did on each UTC day of the last 90 on which they did anything."""
    first_day = utc_day(now) - (DAYS_KEPT - 1) * DAY
    days: dict[dt.date, dict[str, Any]] = {}

    def on(moment: dt.datetime) -> dict[str, Any]:
        return days.setdefault(
            utc_day(moment),
            {
                "active_learners": 0,
                "session_count": 0,
                "focus_seconds": 0,
                "completion_count": 0,
                "attempt_count": 0,
                "score_sum": Decimal(0),
            },
        )

    for record in records:
        starts = {utc_day(session.start_time): session.start_time for session in record.sessions}
        for start in starts.values():
            on(start)["active_learners"] += 1
        for session in record.sessions:
            on(session.start_time)["session_count"] += 1
            on(session.start_time)["focus_seconds"] += session.focus_duration_seconds
        for progress in record.modules:
            if progress.completed_at is not None:
                on(progress.completed_at)["completion_count"] += 1
        for attempt in record.attempts:
            on(attempt.timestamp)["attempt_count"] += 1
            on(attempt.timestamp)["score_sum"] += attempt.score
    return {day: figures for day, figures in days.items() if day >= first_day}


def module_progress(record: Record, resource_ids: dict[int, set[int]]) -> dict[int, dict[str, Any]]:
    """For each module begun or given: status, percent (Rule 2) and minutes of focus."""
    return {
        progress.module_id: {
            "status": progress.status,
            "progress_percent": progress_percent(
                record, progress, resource_ids.get(progress.module_id, set())
            ),
            "focus_time_mins": ratio(
                sum(
                    session.focus_duration_seconds
                    for session in record.sessions
                    if session.module_id == progress.module_id
                ),
                60,
            ),
        }
        for progress in record.modules
    }


def progress_percent(record: Record, progress: ModuleProgress, resource_ids: set[int]) -> float:
    completed = len(resource_ids & record.completed_resource_ids)
    percent = ratio(100 * completed, len(resource_ids)) or 0.0
    is_quiz_passed = any(
        attempt.passed and attempt.quiz.module_id == progress.module_id
        for attempt in record.attempts
    )
    is_submitted = any(
        assignment.module_id == progress.module_id
        and assignment.pk in record.submitted_assignment_ids
        for assignment in record.assignments
    )
    is_evidence_missing = (progress.module.has_quiz and not is_quiz_passed) or (
        progress.module.has_assignment and not is_submitted
    )
    return min(percent, 95.0) if is_evidence_missing else percent
