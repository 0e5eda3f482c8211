"""Assignments given."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from config.audit import audit_each
from tracking.models import Module, User


@dataclass(frozen=True)
class AssignmentOutcome:
    """`status` is `created`, `updated` (it had another due date) or `unchanged`."""

    learner_id: int
    assignment_id: int
    status: str


def assign(
    *,
    module: Module,
    learner_ids: Sequence[int],
    due_at: dt.datetime | None,
    assigned_by: User,
    assigned_at: dt.datetime,
) -> list[AssignmentOutcome]:
    """Give the learners the module, all or none, and put each change on record; in their order.

    For whoever has the assignment already, the due date becomes this one, and nothing else. For
    whoever has completed the module, it is completed. A number of statements that does not depend
    on how many learners there are. The learners exist, each is named once, and the caller has seen
    to it that `assigned_by` may do this.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "select learner_id, assignment_id, outcome"
                " from public.tracking_assign(%s, %s::bigint[], %s, %s, %s)",
                [module.pk, list(learner_ids), due_at, assigned_by.pk, assigned_at],
            )
            by_learner = {row[0]: AssignmentOutcome(*row) for row in cursor.fetchall()}
        outcomes = [by_learner[learner_id] for learner_id in learner_ids]
        audit_each(
            actor_id=assigned_by.pk,
            action="assign",
            about=[
                (outcome.learner_id, _detail(outcome, module, due_at))
                for outcome in outcomes
                if outcome.status != "unchanged"
            ],
        )
    return outcomes


def _detail(
    outcome: AssignmentOutcome, module: Module, due_at: dt.datetime | None
) -> dict[str, Any]:
    return {
        "assignment": outcome.assignment_id,
        "module": module.pk,
        "due_at": due_at and due_at.isoformat(),
        "status": outcome.status,
    }
