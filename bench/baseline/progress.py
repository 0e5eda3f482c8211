"""Steps 4 and 5 of the source design."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from bench.baseline.models import LearningSession, ModuleProgress, ResourceProgress
from tracking.models import Assignment, Module, QuizAttempt, Resource, Submission, User


def record_pulse(user: User, resource: Resource, *, duration_delta: int, completed: bool) -> None:
    """Step 4, committed, then step 5."""
    module = resource.module
    with transaction.atomic(savepoint=False):
        progress, _ = ResourceProgress.objects.get_or_create(user=user, resource=resource)
        progress.watch_time_seconds = F("watch_time_seconds") + duration_delta
        progress.completed = progress.completed or completed
        progress.save(update_fields=["watch_time_seconds", "completed"])

        # The design does not say when a session ends; a day is the fewest rows that still tells
        # the active days apart, of which it makes a figure.
        midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
        session, _ = LearningSession.objects.get_or_create(
            user=user, module=module, start_time__gte=midnight
        )
        session.focus_duration_seconds = F("focus_duration_seconds") + duration_delta
        session.save(update_fields=["focus_duration_seconds"])

        module_progress, _ = ModuleProgress.objects.get_or_create(user=user, module=module)
        if module_progress.status == "not_started":
            module_progress.status = "in_progress"
        module_progress.save(update_fields=["status", "last_accessed"])
    check_completion(user, module, module_progress)


def check_completion(user: User, module: Module, module_progress: ModuleProgress) -> None:
    """Complete the module when all evidence is there; the first piece missing ends the search."""
    if module_progress.status == "completed":
        return
    completed = ResourceProgress.objects.filter(
        user=user, resource__module=module, completed=True
    ).count()
    if completed < module.resources.count():
        return
    if (
        module.has_quiz
        and not QuizAttempt.objects.filter(user=user, quiz__module=module, passed=True).exists()
    ):
        return
    if (
        module.has_assignment
        and not Submission.objects.filter(assignment__user=user, assignment__module=module).exists()
    ):
        return
    with transaction.atomic(savepoint=False):
        module_progress.status = "completed"
        module_progress.save(update_fields=["status", "last_accessed"])
        Assignment.objects.filter(user=user, module=module).update(
            status=Assignment.Status.COMPLETED
        )
