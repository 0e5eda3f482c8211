"""The contract views of schema `analytics`, as the endpoints read them.

The views themselves are made from `sql/contract/` by `manage.py deploy`.
"""

from decimal import Decimal

from django.db import models


class NumericField(models.FloatField):  # type: ignore[type-arg]
    """PostgreSQL's exact `numeric`, as the float that JSON has."""

    def from_db_value(self, value: Decimal | None, *_: object) -> float | None:
        return None if value is None else float(value)


class LearnerSnapshot(models.Model):
    learner_id = models.BigIntegerField(primary_key=True)
    team_id = models.BigIntegerField()
    username = models.TextField()
    full_name = models.TextField()
    status = models.TextField()
    last_active_at = models.DateTimeField(null=True)
    engagement_score = NumericField()
    modules_total = models.IntegerField()
    modules_completed = models.IntegerField()
    modules_in_progress = models.IntegerField()
    session_count = models.IntegerField()
    active_days = models.IntegerField()
    total_focus_mins = NumericField()
    attempt_count = models.IntegerField()
    avg_score = NumericField(null=True)
    assignment_count = models.IntegerField()
    submitted_count = models.IntegerField()
    is_at_risk = models.BooleanField()
    risk_level = models.TextField()
    computed_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = '"analytics"."learner_snapshot"'


class LearnerModule(models.Model):
    # Not a key by itself; the ORM wants one and nothing here is looked up by it.
    learner_id = models.BigIntegerField(primary_key=True)
    module_id = models.BigIntegerField()
    team_id = models.BigIntegerField()
    title = models.TextField()
    status = models.TextField()
    progress_percent = NumericField()
    focus_time_mins = NumericField()
    resources_total = models.IntegerField()
    resources_completed = models.IntegerField()
    has_quiz = models.BooleanField()
    is_quiz_passed = models.BooleanField()
    has_assignment = models.BooleanField()
    is_assignment_submitted = models.BooleanField()
    first_session_at = models.DateTimeField(null=True)
    last_accessed_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    computed_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = '"analytics"."learner_module"'


class LearnerRisk(models.Model):
    learner_id = models.BigIntegerField(primary_key=True)
    team_id = models.BigIntegerField()
    username = models.TextField()
    risk_level = models.TextField()
    risk_points = NumericField()
    is_insufficient_data = models.BooleanField()
    is_finished = models.BooleanField()
    factors = models.JSONField()
    computed_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = '"analytics"."learner_risk"'


class LearnerAnomaly(models.Model):
    # Not a key by itself; the ORM wants one and nothing here is looked up by it.
    learner_id = models.BigIntegerField(primary_key=True)
    team_id = models.BigIntegerField()
    username = models.TextField()
    full_name = models.TextField()
    code = models.TextField()
    label = models.TextField()
    detected_on = models.DateField()
    evidence = models.JSONField()
    computed_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = '"analytics"."learner_anomaly"'


class TeamDay(models.Model):
    # Not a key by itself either.
    team_id = models.BigIntegerField(primary_key=True)
    day = models.DateField()
    active_learners = models.IntegerField()
    session_count = models.IntegerField()
    focus_seconds = models.IntegerField()
    completion_count = models.IntegerField()
    attempt_count = models.IntegerField()
    score_sum = models.DecimalField(max_digits=20, decimal_places=2)
    computed_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = '"analytics"."team_day"'


class TeamSummary(models.Model):
    team_id = models.BigIntegerField(primary_key=True)
    team_name = models.TextField()
    learner_count = models.IntegerField()
    active_24h = models.IntegerField()
    inactive_72h = models.IntegerField()
    at_risk_count = models.IntegerField()
    avg_focus_mins = NumericField(null=True)
    avg_accuracy = NumericField(null=True)
    assignment_rate = NumericField(null=True)
    week_session_count = models.IntegerField()
    week_focus_seconds = models.IntegerField()
    week_attempt_count = models.IntegerField()
    week_score_sum = models.DecimalField(max_digits=20, decimal_places=2)
    assignment_count = models.IntegerField()
    submitted_count = models.IntegerField()
    active_count = models.IntegerField()
    idle_count = models.IntegerField()
    inactive_count = models.IntegerField()
    not_started_count = models.IntegerField()
    high_risk_count = models.IntegerField()
    medium_risk_count = models.IntegerField()
    low_risk_count = models.IntegerField()
    computed_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = '"analytics"."team_summary"'


class DataQuality(models.Model):
    check_name = models.TextField(primary_key=True)
    status = models.TextField()
    value = models.BigIntegerField()
    detail = models.JSONField()
    checked_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = '"analytics"."data_quality"'


class RefreshStatus(models.Model):
    refresh_id = models.BigIntegerField(primary_key=True)
    computed_at = models.DateTimeField()
    age_seconds = NumericField()
    base_computed_at = models.DateTimeField(null=True)
    latest_run_started_at = models.DateTimeField(null=True)
    latest_run_tier = models.TextField(null=True)
    latest_run_status = models.TextField(null=True)
    latest_run_error = models.TextField(null=True)

    class Meta:
        managed = False
        db_table = '"analytics"."refresh_status"'
