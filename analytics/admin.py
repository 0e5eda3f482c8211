"""The admin site for the policy, and a look at the refreshes and the audit log."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from analytics.models import AuditEntry, Policy, RefreshRun, Stamp
from config.admin import EvidenceAdmin, ProductAdmin


@admin.register(Policy)
class PolicyAdmin(ProductAdmin):
    """One row, made by a migration. A change shows with the next refresh."""

    fieldsets = (
        (
            "Engagement",
            {
                "fields": [
                    ("focus_divisor", "focus_points"),
                    "completion_points",
                    "accuracy_points",
                    ("consistency_divisor", "consistency_points"),
                ]
            },
        ),
        (
            "Thresholds",
            {
                "fields": [
                    "low_engagement",
                    "failing_quizzes",
                    ("medium_risk", "high_risk"),
                ]
            },
        ),
        (
            "Anomalies",
            {
                "fields": [
                    ("drop_percent", "drop_z"),
                    ("drop_active_weeks", "drop_active_minutes"),
                    "implausible_focus_hours",
                ]
            },
        ),
        (
            "Risk points",
            {
                "fields": [
                    "inactive_risk",
                    "idle_risk",
                    "low_engagement_risk",
                    "overdue_assignment_risk",
                    "failing_quizzes_risk",
                    "engagement_drop_risk",
                    "never_started_risk",
                ]
            },
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(RefreshRun)
class RefreshRunAdmin(EvidenceAdmin):
    list_display = ["id", "started_at", "finished_at", "status", "trigger", "tier", "error"]
    list_filter = ["status", "trigger", "tier"]
    date_hierarchy = "started_at"
    ordering = ["-pk"]


@admin.register(Stamp)
class StampAdmin(EvidenceAdmin):
    list_display = ["refresh", "computed_at"]
    list_select_related = ["refresh"]


@admin.register(AuditEntry)
class AuditEntryAdmin(EvidenceAdmin):
    list_display = ["id", "at", "actor", "action", "learner", "request_id"]
    list_filter = ["action"]
    search_fields = ["=actor", "=learner", "=request_id"]
    fields = ["id", "at", "actor", "action", "learner", "request_id", "detail"]
    ordering = ["-id"]
