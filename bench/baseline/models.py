"""The rows that every pulse changes, with the columns that the source design names.

Types are spelled out: the type checker knows the product's applications only.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class ResourceProgress(models.Model):
    user_id: int
    resource_id: int
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    resource = models.ForeignKey("tracking.Resource", models.CASCADE, related_name="+")
    watch_time_seconds = models.PositiveIntegerField(default=0)
    completed = models.BooleanField(default=False)

    objects: ClassVar[models.Manager["ResourceProgress"]] = models.Manager()

    class Meta:
        app_label = "baseline"
        unique_together = [("user", "resource")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.resource_id}"


class ModuleProgress(models.Model):
    user_id: int
    module_id: int
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    module = models.ForeignKey("tracking.Module", models.CASCADE, related_name="+")
    status = models.CharField(max_length=12, default="not_started")
    last_accessed = models.DateTimeField(auto_now=True)

    objects: ClassVar[models.Manager["ModuleProgress"]] = models.Manager()

    class Meta:
        app_label = "baseline"
        unique_together = [("user", "module")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.module_id}: {self.status}"


class LearningSession(models.Model):
    user_id: int
    module_id: int
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    module = models.ForeignKey("tracking.Module", models.CASCADE, related_name="+")
    start_time = models.DateTimeField(default=timezone.now)
    focus_duration_seconds = models.PositiveIntegerField(default=0)

    objects: ClassVar[models.Manager["LearningSession"]] = models.Manager()

    class Meta:
        app_label = "baseline"

    def __str__(self) -> str:
        return f"{self.user_id} in {self.module_id} from {self.start_time}"
