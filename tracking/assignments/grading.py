"""Submissions graded."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from config.audit import audit
from tracking.completion import check_modules
from tracking.models import Assignment, ModuleProgress, Submission, User


@dataclass(frozen=True)
class GradeOutcome:
    submission: Submission
    assignment_status: str
    is_changed: bool


def grade_submission(
    *,
    submission_id: int,
    grade: Decimal | None,
    feedback: str | None,
    graded_by: User,
    graded_at: dt.datetime,
) -> GradeOutcome:
    """Grade a submission in percent, with feedback or (`None`) with that which it has.

    The assignment is graded with it, whatever it was before; the completion of the module is not
    touched. A `grade` of `None` takes it back: the assignment is then what it would be without.
    What changed is put on record; the same grade and feedback again change nothing. The time and
    the giver are those of the grade: feedback alone does not move them. Raises
    `Submission.DoesNotExist`.
    """
    with transaction.atomic():
        submission, assignment = _lock(submission_id)
        is_regraded = submission.grade != grade
        is_changed = is_regraded or feedback not in {None, submission.feedback}
        if not is_changed:
            return GradeOutcome(submission, assignment.status, is_changed=False)
        if feedback is not None:
            submission.feedback = feedback
        if is_regraded:
            submission.grade = grade
            submission.graded_at = None if grade is None else graded_at
            submission.graded_by = None if grade is None else graded_by
        submission.save(update_fields=["grade", "feedback", "graded_at", "graded_by"])
        if is_regraded:
            _follow(assignment)
        audit(
            actor_id=graded_by.pk,
            action="grade",
            learner_id=assignment.user_id,
            detail={
                "submission": submission.pk,
                "assignment": assignment.pk,
                "module": assignment.module_id,
                "grade": None if grade is None else float(grade),
            },
        )
    return GradeOutcome(submission, assignment.status, is_changed=True)


def _lock(submission_id: int) -> tuple[Submission, Assignment]:
    """The submission and its assignment, under the lock of its learner and module."""
    of = Submission.objects.values("assignment__user_id", "assignment__module_id").get(
        pk=submission_id
    )
    # Evaluated for its lock; whoever has handed something in has such a row.
    list(
        ModuleProgress.objects.select_for_update().filter(
            user_id=of["assignment__user_id"], module_id=of["assignment__module_id"]
        )
    )
    submission = (
        Submission.objects.select_for_update(of=("self", "assignment"))
        .select_related("assignment__user", "assignment__module")
        .get(pk=submission_id)
    )
    return submission, submission.assignment


def _follow(assignment: Assignment) -> None:
    """The status that follows from the grades. `completed` is for the authority to say."""
    is_graded = assignment.submissions.filter(grade__isnull=False).exists()
    assignment.status = Assignment.Status.GRADED if is_graded else Assignment.Status.SUBMITTED
    assignment.save(update_fields=["status"])
    if not is_graded:
        check_modules(assignment.user_id, [assignment.module_id])
        assignment.refresh_from_db(fields=["status"])
