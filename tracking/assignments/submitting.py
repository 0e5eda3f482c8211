"""Assignments handed in."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from config.problems import ProblemError, ProblemType
from tracking.completion import ModuleState, check_modules, lock_module, mark_activity
from tracking.models import Assignment, Module, Submission, User


@dataclass(frozen=True)
class SubmissionOutcome:
    submission: Submission
    module: ModuleState
    is_duplicate: bool


def submit(
    *,
    learner: User,
    module: Module,
    text: str,
    url: str,
    received_at: dt.datetime,
    idempotency_key: UUID | None = None,
) -> SubmissionOutcome:
    """Record a submission to the module's assignment, which is made if nobody assigned it.

    Under an `idempotency_key`, a retry returns the recorded submission. Raises a
    `CONTENT_CONFLICT` for a used key with another content.
    """
    with transaction.atomic():
        progress = lock_module(learner.pk, module.pk)
        assignment, _ = Assignment.objects.get_or_create(
            user=learner, module=module, defaults={"assigned_at": received_at}
        )
        earlier = (
            assignment.submissions.filter(idempotency_key=idempotency_key).first()
            if idempotency_key
            else None
        )
        if earlier and (earlier.text, earlier.url) != (text, url):
            raise ProblemError(
                ProblemType.CONTENT_CONFLICT,
                f"The key {idempotency_key} was used before with another submission.",
            )
        if earlier:
            submission = earlier
        else:
            mark_activity(progress, received_at)
            submission = assignment.submissions.create(
                text=text, url=url, submitted_at=received_at, idempotency_key=idempotency_key
            )
            if assignment.status == Assignment.Status.ASSIGNED:
                assignment.status = Assignment.Status.SUBMITTED
                assignment.save(update_fields=["status"])
        states = check_modules(learner.pk, [module.pk])
    return SubmissionOutcome(submission, states[module.pk], earlier is not None)
