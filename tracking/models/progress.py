"""How far each learner is, and the evidence for it.

What every pulse writes has no index but those by learner: the fewer there are, the less a pulse
costs. Deleting a module or a resource reads these tables through.
"""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from psycopg.types.multirange import Multirange

from tracking.models.catalogue import Module, Quiz, Resource
from tracking.models.fields import IntegerMultirangeField
from tracking.models.people import User


class ModuleProgress(models.Model):
    """A learner's state in a module. `tracking.completion` alone sets it to completed."""

    class Status(models.TextChoices):
        NOT_STARTED = "not_started"
        IN_PROGRESS = "in_progress"
        COMPLETED = "completed"

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="module_progress", db_index=False
    )
    module = models.ForeignKey(
        Module, on_delete=models.CASCADE, related_name="progress", db_index=False
    )
    status = models.CharField(max_length=12, choices=Status, default=Status.NOT_STARTED)
    last_accessed = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    evidence = models.JSONField(
        null=True,
        editable=False,
        help_text="What the completion was decided by: sql/functions/completion_evidence.sql.",
    )

    class Meta:
        verbose_name_plural = "module progress"
        constraints = [
            models.UniqueConstraint(fields=["user", "module"], name="module_progress_once"),
            models.CheckConstraint(
                condition=Q(status__in=["not_started", "in_progress", "completed"]),
                name="module_progress_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(status="completed", completed_at__isnull=False)
                | (~Q(status="completed") & Q(completed_at__isnull=True)),
                name="module_progress_completed_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.module}: {self.status}"


class CoveredMilliseconds(models.Func):
    """Total length of a multirange; `sql/functions/covered_ms.sql`."""

    function = "public.tracking_covered_ms"
    output_field = models.IntegerField()


class ResourceProgress(models.Model):
    """A learner's time and coverage of a resource. Replays add time, not coverage."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="resource_progress", db_index=False
    )
    resource = models.ForeignKey(
        Resource, on_delete=models.CASCADE, related_name="progress", db_index=False
    )
    watch_time_seconds = models.PositiveBigIntegerField(default=0)
    watched = IntegerMultirangeField(
        default=Multirange, help_text="Media seen at least once, in milliseconds."
    )
    covered_ms = models.GeneratedField(
        expression=CoveredMilliseconds(F("watched")),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    completed = models.BooleanField(default=False)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "resource progress"
        constraints = [
            models.UniqueConstraint(fields=["user", "resource"], name="resource_progress_once"),
            models.CheckConstraint(
                condition=Q(completed=True, completed_at__isnull=False)
                | Q(completed=False, completed_at__isnull=True),
                name="resource_progress_completed_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} on {self.resource}: {self.watch_time_seconds} s"


class LearningSession(models.Model):
    """A stretch of learning in one module, without a silence longer than `SESSION_GAP`."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="sessions", db_index=False
    )
    module = models.ForeignKey(
        Module, on_delete=models.CASCADE, related_name="sessions", db_index=False
    )
    start_time = models.DateTimeField(default=timezone.now)
    last_pulse_at = models.DateTimeField(
        null=True, blank=True, help_text="Empty in a session that was not made from pulses."
    )
    focus_duration_seconds = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(last_pulse_at__isnull=True) | Q(last_pulse_at__gte=F("start_time")),
                name="learning_session_ends_after_its_start",
            )
        ]
        indexes = [
            models.Index(fields=["user", "module", "start_time"], name="session_of_learner"),
            models.Index(fields=["start_time"], name="session_by_start"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.module} from {self.start_time:%Y-%m-%d %H:%M}"


class QuizAttempt(models.Model):
    """A scored try at a quiz. Never changed afterwards."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="quiz_attempts")
    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="attempts")
    score = models.DecimalField(
        max_digits=5, decimal_places=2, help_text="Percent of right answers."
    )
    passed = models.BooleanField()
    timestamp = models.DateTimeField(default=timezone.now)
    answers = models.JSONField(default=dict, help_text="Choice by question, as they were given.")
    idempotency_key = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(score__gte=0, score__lte=100), name="quiz_attempt_score_is_percent"
            ),
            models.UniqueConstraint(
                fields=["user", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="quiz_attempt_once_a_key",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "quiz", "timestamp"], name="attempt_of_learner"),
            models.Index(fields=["timestamp"], name="attempt_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.score} % in {self.quiz}"
