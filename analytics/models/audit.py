"""The audit log: what managers looked at, took away and changed."""

from django.db import models


class AuditEntry(models.Model):
    """One thing that somebody did. Written by `sql/functions/audit_record.sql` alone.

    The table is made by its migration and is not Django's to manage: nothing of it may be flushed.
    It refers to nobody by a foreign key and names people itself, so that entries outlive them.
    """

    class Action(models.TextChoices):
        READ_TEAM_SUMMARY = "read_team_summary"
        READ_BREAKDOWN = "read_breakdown"
        READ_TEAMS = "read_teams"
        READ_LEARNERS = "read_learners"
        READ_DETAILS = "read_details"
        READ_RISK = "read_risk"
        READ_TRENDS = "read_trends"
        READ_ANOMALIES = "read_anomalies"
        READ_AUDIT = "read_audit"
        READ_SUBMISSION = "read_submission"
        EXPORT_LEARNERS = "export_learners"
        EXPORT_DETAILS = "export_details"
        REQUEST_REFRESH = "request_refresh"
        ASSIGN = "assign"
        GRADE = "grade"

    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField()
    actor = models.TextField(help_text="The user name at that time.")
    action = models.TextField(choices=Action)
    learner_id = models.BigIntegerField(
        null=True, help_text="Whom it was about, where that was one learner."
    )
    learner = models.TextField(help_text="The learner's user name at that time.")
    request_id = models.TextField()
    detail = models.JSONField()
    hash = models.BinaryField(
        max_length=32, help_text="Over the hash of the entry before and this entry."
    )

    class Meta:
        managed = False
        db_table = "analytics_auditentry"
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.id}: {self.actor} {self.action}"
