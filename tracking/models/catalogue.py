"""What there is to learn."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q


class Module(models.Model):
    """A course unit: resources, and perhaps a quiz and an assignment."""

    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    is_published = models.BooleanField(
        default=True, help_text="Learners see published modules only."
    )
    has_quiz = models.BooleanField(
        default=False, help_text="Completion requires a passed quiz attempt."
    )
    has_assignment = models.BooleanField(
        default=False, help_text="Completion requires a submitted assignment."
    )
    external_id = models.CharField(
        max_length=500,
        null=True,
        blank=True,
        unique=True,
        help_text="The id of this module in the system it was imported from.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.title


class Resource(models.Model):
    """One thing to watch, read or open."""

    class Kind(models.TextChoices):
        VIDEO = "video"
        DOCUMENT = "document"
        LINK = "link"

    module = models.ForeignKey(Module, on_delete=models.CASCADE, related_name="resources")
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.VIDEO)
    url = models.CharField(max_length=500, blank=True)
    duration_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="Length of a video, in seconds, where it is known."
    )
    position = models.PositiveSmallIntegerField(default=0)
    external_id = models.CharField(max_length=500, null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["module", "external_id"], name="resource_external_id_once_a_module"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["video", "document", "link"]), name="resource_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(duration_seconds__isnull=True)
                | Q(duration_seconds__gt=0, duration_seconds__lte=86_400),
                name="resource_duration_within_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Quiz(models.Model):
    """The questions of a module; an attempt is passed at `pass_score` percent."""

    module = models.OneToOneField(Module, on_delete=models.CASCADE, related_name="quiz")
    title = models.CharField(max_length=200, blank=True)
    pass_score = models.PositiveSmallIntegerField(
        default=70, validators=[MaxValueValidator(100)], help_text="Percent of right answers."
    )

    class Meta:
        verbose_name_plural = "quizzes"
        constraints = [
            models.CheckConstraint(
                condition=Q(pass_score__lte=100), name="quiz_pass_score_is_percent"
            )
        ]

    def __str__(self) -> str:
        return self.title or f"Quiz of {self.module}"


class Question(models.Model):
    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="questions")
    text = models.TextField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.text[:80]


class Choice(models.Model):
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="choices")
    text = models.TextField()
    is_correct = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["question"], condition=Q(is_correct=True), name="choice_one_right_answer"
            )
        ]

    def __str__(self) -> str:
        return self.text[:80]
