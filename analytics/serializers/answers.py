"""What each address answers, for the schema; the answers themselves are made from the rows."""

from typing import Any

from rest_framework import serializers

from analytics.models import AuditEntry
from analytics.queries.anomalies import CODES
from analytics.requests import RequestStatus
from analytics.serializers.parameters import ACTIVITY_STATUSES, RISK_LEVELS

Answer = serializers.Serializer[Any]


class StampedAnswer(Answer):
    computed_at = serializers.DateTimeField()
    data_freshness_seconds = serializers.IntegerField()


class SixFigures(Answer):
    active_24h = serializers.IntegerField()
    inactive_72h = serializers.IntegerField()
    avg_focus_mins = serializers.FloatField(allow_null=True)
    avg_accuracy = serializers.FloatField(allow_null=True)
    assignment_rate = serializers.FloatField(allow_null=True)
    at_risk_count = serializers.IntegerField()


class TeamSummaryAnswer(StampedAnswer, SixFigures):
    pass


class TeamRow(SixFigures):
    id = serializers.IntegerField()
    name = serializers.CharField()
    learner_count = serializers.IntegerField()
    computed_at = serializers.DateTimeField()


class StatusCounts(Answer):
    active = serializers.IntegerField()
    idle = serializers.IntegerField()
    inactive = serializers.IntegerField()
    not_started = serializers.IntegerField()


class RiskCounts(Answer):
    High = serializers.IntegerField()
    Medium = serializers.IntegerField()
    Low = serializers.IntegerField()


class BreakdownAnswer(StampedAnswer):
    learner_count = serializers.IntegerField()
    status = StatusCounts()
    risk = RiskCounts()


class LearnerRow(Answer):
    id = serializers.IntegerField()
    username = serializers.CharField()
    full_name = serializers.CharField()
    engagement_score = serializers.FloatField()
    modules_completed = serializers.IntegerField()
    modules_in_progress = serializers.IntegerField()
    total_focus_mins = serializers.FloatField()
    last_active = serializers.DateTimeField(allow_null=True)
    risk_level = serializers.ChoiceField(choices=RISK_LEVELS)
    status = serializers.ChoiceField(choices=ACTIVITY_STATUSES)
    team_id = serializers.IntegerField()
    computed_at = serializers.DateTimeField()


class LearnerHead(Answer):
    id = serializers.IntegerField()
    username = serializers.CharField()
    full_name = serializers.CharField()
    team_id = serializers.IntegerField()
    status = serializers.ChoiceField(choices=ACTIVITY_STATUSES)
    engagement_score = serializers.FloatField()
    total_focus_mins = serializers.FloatField()
    last_active = serializers.DateTimeField(allow_null=True)
    risk_level = serializers.ChoiceField(choices=RISK_LEVELS)


class TimelineEvent(Answer):
    timestamp = serializers.DateTimeField()
    event = serializers.CharField()
    type = serializers.ChoiceField(choices=["completion", "start", "quiz", "submission"])


class LearnerModuleRow(Answer):
    id = serializers.IntegerField()
    title = serializers.CharField()
    status = serializers.CharField()
    progress_percent = serializers.FloatField()
    focus_time_mins = serializers.FloatField()


class LearnerQuizRow(Answer):
    quiz_id = serializers.IntegerField()
    module_title = serializers.CharField()
    score = serializers.FloatField()
    passed = serializers.BooleanField()
    timestamp = serializers.DateTimeField()


class LearnerAssignmentRow(Answer):
    id = serializers.IntegerField()
    module_title = serializers.CharField()
    status = serializers.CharField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    module_id = serializers.IntegerField()
    due_at = serializers.DateTimeField(allow_null=True)
    submission_id = serializers.IntegerField(allow_null=True)
    grade = serializers.FloatField(allow_null=True)


class LearnerDetailsAnswer(StampedAnswer):
    learner = LearnerHead()
    timeline = TimelineEvent(many=True)
    modules = LearnerModuleRow(many=True)
    quiz_performance = LearnerQuizRow(many=True)
    assignments = LearnerAssignmentRow(many=True)


class RiskFactor(Answer):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    points = serializers.FloatField()
    evidence = serializers.DictField()


class LearnerRiskAnswer(StampedAnswer):
    id = serializers.IntegerField()
    username = serializers.CharField()
    risk_level = serializers.ChoiceField(choices=RISK_LEVELS)
    risk_points = serializers.FloatField()
    factors = RiskFactor(many=True)
    insufficient_data = serializers.BooleanField()


class TrendDay(Answer):
    date = serializers.DateField()
    active_learners = serializers.IntegerField()
    focus_minutes = serializers.FloatField()
    completions = serializers.IntegerField()
    quiz_accuracy = serializers.FloatField(allow_null=True)


class TrendsAnswer(StampedAnswer):
    days = TrendDay(many=True)


class AnomalyRow(Answer):
    learner_id = serializers.IntegerField()
    username = serializers.CharField()
    full_name = serializers.CharField()
    code = serializers.ChoiceField(choices=CODES)
    label = serializers.CharField()  # type: ignore[assignment]
    detected_on = serializers.DateField()
    evidence = serializers.DictField()
    computed_at = serializers.DateTimeField()


class AuditRow(Answer):
    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    actor_id = serializers.IntegerField()
    actor = serializers.CharField()
    action = serializers.ChoiceField(choices=AuditEntry.Action.values)
    learner_id = serializers.IntegerField(allow_null=True)
    detail = serializers.DictField()
    request_id = serializers.CharField()


class RefreshRequestAnswer(Answer):
    status = serializers.ChoiceField(choices=list(RequestStatus))
    refresh_id = serializers.IntegerField(allow_null=True)
    computed_at = serializers.DateTimeField(allow_null=True)
    data_freshness_seconds = serializers.IntegerField(allow_null=True)
