"""What the manager API takes and answers. No rules here."""

from typing import Any

from rest_framework import serializers

from analytics.queries import ORDERINGS

RISK_LEVELS = ["Low", "Medium", "High"]
ACTIVITY_STATUSES = ["active", "idle", "inactive", "not_started"]


class LearnerListQuery(serializers.Serializer[Any]):
    search = serializers.CharField(
        required=False, max_length=100, help_text="Part of the user name or the full name."
    )
    ordering = serializers.ChoiceField(
        required=False,
        choices=[sign + name for name in ORDERINGS for sign in ("", "-")],
        help_text="A field of the rows; with a minus, the largest first.",
    )
    risk_level = serializers.ChoiceField(required=False, choices=RISK_LEVELS)
    status = serializers.ChoiceField(required=False, choices=ACTIVITY_STATUSES)
    team = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    page = serializers.IntegerField(required=False, min_value=1, max_value=1_000_000)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=500)


class TeamSummaryResponse(serializers.Serializer[Any]):
    active_24h = serializers.IntegerField()
    inactive_72h = serializers.IntegerField()
    avg_focus_mins = serializers.FloatField(allow_null=True)
    avg_accuracy = serializers.FloatField(allow_null=True)
    assignment_rate = serializers.FloatField(allow_null=True)
    at_risk_count = serializers.IntegerField()
    computed_at = serializers.DateTimeField()
    data_freshness_seconds = serializers.IntegerField()


class LearnerRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    full_name = serializers.CharField()
    engagement_score = serializers.FloatField()
    modules_completed = serializers.IntegerField()
    modules_in_progress = serializers.IntegerField()
    total_focus_mins = serializers.FloatField()
    last_active = serializers.DateTimeField(allow_null=True)
    risk_level = serializers.ChoiceField(choices=RISK_LEVELS)
    computed_at = serializers.DateTimeField()


class TimelineEvent(serializers.Serializer[Any]):
    timestamp = serializers.DateTimeField()
    event = serializers.CharField()
    type = serializers.ChoiceField(choices=["completion", "start", "quiz", "submission"])


class LearnerModuleRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    status = serializers.CharField()
    progress_percent = serializers.FloatField()
    focus_time_mins = serializers.FloatField()


class LearnerQuizRow(serializers.Serializer[Any]):
    quiz_id = serializers.IntegerField()
    module_title = serializers.CharField()
    score = serializers.FloatField()
    passed = serializers.BooleanField()
    timestamp = serializers.DateTimeField()


class LearnerAssignmentRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    module_title = serializers.CharField()
    status = serializers.CharField()
    submitted_at = serializers.DateTimeField(allow_null=True)


class LearnerDetailsResponse(serializers.Serializer[Any]):
    timeline = TimelineEvent(many=True)
    modules = LearnerModuleRow(many=True)
    quiz_performance = LearnerQuizRow(many=True)
    assignments = LearnerAssignmentRow(many=True)
    computed_at = serializers.DateTimeField()
    data_freshness_seconds = serializers.IntegerField()


class RiskFactor(serializers.Serializer[Any]):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    points = serializers.FloatField()
    evidence = serializers.DictField()


class LearnerRiskResponse(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    risk_level = serializers.ChoiceField(choices=RISK_LEVELS)
    risk_points = serializers.FloatField()
    factors = RiskFactor(many=True)
    insufficient_data = serializers.BooleanField()
    computed_at = serializers.DateTimeField()
    data_freshness_seconds = serializers.IntegerField()
