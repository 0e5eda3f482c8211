"""Work that is handed in."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tracking.models.catalogue import Module
from tracking.models.people import User


class Assignment(models.Model):
    """A module's assignment as one learner's task, with its due date."""

    class Status(models.TextChoices):
        ASSIGNED = "assigned"
        SUBMITTED = "submitted"
        COMPLETED = "completed"
        GRADED = "graded"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="assignments")
    module = models.ForeignKey(Module, on_delete=models.CASCADE, related_name="assignments")
    status = models.CharField(max_length=10, choices=Status, default=Status.ASSIGNED)
    due_at = models.DateTimeField(null=True, blank=True)
    assigned_at = models.DateTimeField(default=timezone.now)
    assigned_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "module"], name="assignment_once"),
            models.CheckConstraint(
                condition=Q(status__in=["assigned", "submitted", "completed", "graded"]),
                name="assignment_status_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.module}"


class Submission(models.Model):
    """What a learner handed in: a text, an address, or both."""

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="submissions")
    text = models.TextField(blank=True)
    url = models.CharField(max_length=2000, blank=True)
    submitted_at = models.DateTimeField(default=timezone.now)
    idempotency_key = models.UUIDField(null=True, blank=True)
    grade = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True, help_text="Percent."
    )
    feedback = models.TextField(blank=True)
    graded_at = models.DateTimeField(null=True, blank=True)
    graded_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(text="") | ~Q(url=""), name="submission_is_not_empty"
            ),
            models.CheckConstraint(
                condition=Q(grade__isnull=True) | Q(grade__gte=0, grade__lte=100),
                name="submission_grade_is_percent",
            ),
            models.CheckConstraint(
                condition=Q(grade__isnull=True) | Q(graded_at__isnull=False),
                name="submission_grade_has_its_time",
            ),
            models.UniqueConstraint(
                fields=["assignment", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="submission_once_a_key",
            ),
        ]
        indexes = [models.Index(fields=["submitted_at"], name="submission_by_time")]

    def __str__(self) -> str:
        return f"{self.assignment} at {self.submitted_at:%Y-%m-%d %H:%M}"
