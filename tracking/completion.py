"""The completion authority: the only writer of `completed`.

It lives in the database, so that a pulse and what follows from it are one round trip: the rule is
`sql/functions/module_evidence.sql`, the writer `sql/functions/check_completion.sql`.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from tracking.models import Module, ModuleProgress, User


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
    _ensure_progress(learner.pk, module.pk)
    return check_modules(learner.pk, [module.pk])[module.pk]


def lock_module(learner_id: int, module_id: int) -> ModuleProgress:
    """The learner's progress row, made if there is none, locked until the transaction ends."""
    _ensure_progress(learner_id, module_id)
    return ModuleProgress.objects.select_for_update().get(user_id=learner_id, module_id=module_id)


def mark_activity(progress: ModuleProgress, at: dt.datetime) -> None:
    """The first activity starts the module; the last access never moves back."""
    if progress.status == ModuleProgress.Status.NOT_STARTED:
        progress.status = ModuleProgress.Status.IN_PROGRESS
    progress.last_accessed = max(progress.last_accessed or at, at)
    progress.save(update_fields=["status", "last_accessed"])


def module_states(learner_id: int, module_ids: Sequence[int]) -> dict[int, ModuleState]:
    """Where the learner stands, by module id."""
    return _states("tracking_module_evidence", learner_id, module_ids)


def check_modules(learner_id: int, module_ids: Sequence[int]) -> dict[int, ModuleState]:
    """`check_completion` for several modules at once, by their ids."""
    return _states("tracking_check_completion", learner_id, module_ids)


def _ensure_progress(learner_id: int, module_id: int) -> None:
    ModuleProgress.objects.bulk_create(
        [ModuleProgress(user_id=learner_id, module_id=module_id)], ignore_conflicts=True
    )


def _states(function: str, learner_id: int, module_ids: Sequence[int]) -> dict[int, ModuleState]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select module_id, status, progress_percent"  # noqa: S608 - one of the names above
            f" from public.{function}(%s, %s::bigint[])",
            [learner_id, list(module_ids)],
        )
        return {
            module_id: ModuleState(ModuleProgress.Status(status), float(progress_percent))
            for module_id, status, progress_percent in cursor.fetchall()
        }
