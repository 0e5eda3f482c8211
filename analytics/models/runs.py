"""The history of refreshes, and the one stamp that says what the views show."""

from django.db import models
from django.db.models import Q

from analytics.models.fields import SnapshotField


class RefreshRun(models.Model):
    """One try to refresh the views, from its start to whatever became of it."""

    class Status(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        SKIPPED = "skipped"
        FAILED = "failed"

    class Trigger(models.TextChoices):
        SCHEDULE = "schedule"
        COMMAND = "command"
        DEPLOY = "deploy"
        REQUEST = "request"

    class Tier(models.TextChoices):
        BASE = "base", "all learners"
        DELTA = "delta", "learners touched since the base"

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.RUNNING)
    trigger = models.CharField(max_length=10, choices=Trigger)
    tier = models.CharField(
        max_length=10, choices=Tier, blank=True, help_text="Empty until the run has looked."
    )
    base_reason = models.CharField(
        max_length=200, blank=True, help_text="Why all learners were computed anew."
    )
    views = models.JSONField(
        default=list, blank=True, help_text="For each view: its name, milliseconds and rows."
    )
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="running", finished_at__isnull=True)
                | (~Q(status="running") & Q(finished_at__isnull=False)),
                name="refresh_run_finished_has_its_time",
            )
        ]
        indexes = [models.Index(fields=["started_at"], name="refresh_run_by_start")]

    def __str__(self) -> str:
        return f"refresh {self.pk}: {self.status}"


class Stamp(models.Model):
    """The refresh that the views show: one row, written in the transaction that wrote them."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    refresh = models.ForeignKey(RefreshRun, on_delete=models.PROTECT, related_name="+")
    computed_at = models.DateTimeField()
    snapshot = SnapshotField(
        null=True,
        help_text="Which transactions the views show the work of; empty from earlier versions.",
    )

    class Meta:
        db_table = "analytics_stamp"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="stamp_is_one_row")]

    def __str__(self) -> str:
        return f"computed at {self.computed_at:%Y-%m-%d %H:%M:%S}"
