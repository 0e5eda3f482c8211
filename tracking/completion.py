"""The completion authority: the only writer of `completed`.

The rule itself is one statement, `sql/tracking/module_evidence.sql`: every resource completed, the
quiz passed where the module has one, the assignment submitted where it has one.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from config.sql import fetch_rows
from tracking.models import Assignment, Module, ModuleProgress, User


@dataclass(frozen=True)
class ModuleState:
    """A learner's standing in a module; `progress_percent` is Rule 2 of the contract."""

    status: ModuleProgress.Status
    progress_percent: float


def check_completion(learner: User, module: Module) -> ModuleState:
    """Complete the module for the learner if all its evidence is there.

    Idempotent and monotone: what is completed stays completed, with its first time, whatever is
    added to the module later. Callers at once wait for each other on the progress row.
    """
    with transaction.atomic():
        lock_module(learner.pk, module.pk)
        return check_locked_modules(learner.pk, [module.pk])[module.pk]


def lock_module(learner_id: int, module_id: int) -> ModuleProgress:
    """The learner's progress row, made if there is none, locked until the transaction ends."""
    ModuleProgress.objects.bulk_create(
        [ModuleProgress(user_id=learner_id, module_id=module_id)], ignore_conflicts=True
    )
    return ModuleProgress.objects.select_for_update().get(user_id=learner_id, module_id=module_id)


def mark_activity(progress: ModuleProgress, at: dt.datetime) -> None:
    """The first activity starts the module; the last access never moves back."""
    if progress.status == ModuleProgress.Status.NOT_STARTED:
        progress.status = ModuleProgress.Status.IN_PROGRESS
    progress.last_accessed = max(progress.last_accessed or at, at)
    progress.save(update_fields=["status", "last_accessed"])


def module_states(learner_id: int, module_ids: Sequence[int]) -> dict[int, ModuleState]:
    """Where the learner stands, by module id."""
    return {
        row["module_id"]: ModuleState(
            ModuleProgress.Status(row["status"]), float(row["progress_percent"])
        )
        for row in fetch_rows(
            "tracking/module_evidence",
            {"learner_id": learner_id, "module_ids": list(module_ids)},
        )
    }


def check_locked_modules(learner_id: int, module_ids: Sequence[int]) -> dict[int, ModuleState]:
    """`check_completion` for modules whose progress rows the caller has locked."""
    states: dict[int, ModuleState] = {}
    for row in fetch_rows(
        "tracking/module_evidence", {"learner_id": learner_id, "module_ids": list(module_ids)}
    ):
        status = ModuleProgress.Status(row["status"])
        if row["is_satisfied"] and status is not ModuleProgress.Status.COMPLETED:
            _complete(learner_id, row["module_id"], row["satisfied_at"])
            status = ModuleProgress.Status.COMPLETED
        states[row["module_id"]] = ModuleState(status, float(row["progress_percent"]))
    return states


def _complete(learner_id: int, module_id: int, completed_at: dt.datetime) -> None:
    """`completed_at` is the time of the last piece of evidence, not of the moment it was seen."""
    ModuleProgress.objects.filter(user_id=learner_id, module_id=module_id).update(
        status=ModuleProgress.Status.COMPLETED, completed_at=completed_at
    )
    Assignment.objects.filter(
        user_id=learner_id,
        module_id=module_id,
        status__in=[Assignment.Status.ASSIGNED, Assignment.Status.SUBMITTED],
    ).update(status=Assignment.Status.COMPLETED)
