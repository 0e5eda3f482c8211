"""The single rows that managers look at: attempts, assignments and resources of one learner."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from analytics.engine.figures import one_decimal
from analytics.engine.records import Record
from tracking.models import ResourceProgress


def attempts(record: Record) -> dict[int, dict[str, Any]]:
    """Each quiz attempt by its id, as `analytics.learner_quiz_attempt` has it."""
    return {
        attempt.pk: {
            "team_id": record.learner.team_id,
            "module_id": attempt.quiz.module_id,
            "quiz_id": attempt.quiz_id,
            "module_title": attempt.quiz.module.title,
            "score": attempt.score,
            "is_passed": attempt.passed,
            "attempted_at": attempt.timestamp,
        }
        for attempt in record.attempts
    }


def assignments(record: Record) -> dict[int, dict[str, Any]]:
    """Each assignment by its id, as `analytics.learner_assignment` has it."""
    rows = {}
    for assignment in record.assignments:
        handed_in = sorted(
            record.submissions.get(assignment.pk, []), key=lambda one: (one.submitted_at, one.pk)
        )
        grades = [submission.grade for submission in handed_in if submission.grade is not None]
        rows[assignment.pk] = {
            "team_id": record.learner.team_id,
            "module_id": assignment.module_id,
            "module_title": assignment.module.title,
            "status": assignment.status,
            "assigned_at": assignment.assigned_at,
            "due_at": assignment.due_at,
            "submitted_at": handed_in[0].submitted_at if handed_in else None,
            "submissions_at": [submission.submitted_at for submission in handed_in],
            "submission_id": handed_in[-1].pk if handed_in else None,
            "grade": grades[-1] if grades else None,
        }
    return rows


def resources(record: Record) -> dict[int, dict[str, Any]]:
    """Each resource that was touched by its id, as `analytics.learner_resource` has it."""
    rows = {}
    for progress in record.resources:
        resource, milliseconds = progress.resource, _covered_ms(progress)
        rows[resource.pk] = {
            "module_id": resource.module_id,
            "team_id": record.learner.team_id,
            "title": resource.title,
            "duration_seconds": resource.duration_seconds,
            "watch_time_seconds": progress.watch_time_seconds,
            "covered_seconds": Decimal(milliseconds) / 1000,
            "covered_percent": _covered_percent(milliseconds, resource.duration_seconds),
            "is_completed": progress.completed,
            "completed_at": progress.completed_at,
        }
    return rows


def _covered_ms(progress: ResourceProgress) -> int:
    """From the intervals themselves, not from the column that PostgreSQL keeps of them."""
    return sum(interval.upper - interval.lower for interval in progress.watched)


def _covered_percent(milliseconds: int, duration_seconds: int | None) -> Decimal | None:
    if duration_seconds is None:
        return None
    return one_decimal(min(Fraction(milliseconds, duration_seconds * 10), Fraction(100)))
