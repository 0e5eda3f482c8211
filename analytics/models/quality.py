"""What was checked of the data's quality, and how it came out."""

from django.db import models


class QualityCheck(models.Model):
    """One run of one check. The latest of each name is what `analytics.data_quality` shows."""

    class Name(models.TextChoices):
        RECONCILIATION = "reconciliation"

    class Status(models.TextChoices):
        OK = "ok"
        FAIL = "fail"
        UNKNOWN = "unknown", "could not be told"

    name = models.CharField(max_length=40, choices=Name)
    checked_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status)
    value = models.BigIntegerField(help_text="How many figures were wrong.")
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [models.Index(fields=["name", "checked_at"], name="quality_check_latest")]

    def __str__(self) -> str:
        return f"{self.name} at {self.checked_at:%Y-%m-%d %H:%M}: {self.status}"
