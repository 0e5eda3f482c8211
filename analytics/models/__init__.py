"""What the read path keeps (runs), builds (views) and reads (contract)."""

from analytics.models.audit import AuditEntry
from analytics.models.contract import (
    LearnerAnomaly,
    LearnerModule,
    LearnerRisk,
    LearnerSnapshot,
    RefreshStatus,
    TeamDay,
    TeamSummary,
)
from analytics.models.policy import Policy
from analytics.models.runs import RefreshRun, Stamp
from analytics.models.touched import Base, Touched
from analytics.models.views import PolicyInForce, TeamTotals

__all__ = [
    "AuditEntry",
    "Base",
    "LearnerAnomaly",
    "LearnerModule",
    "LearnerRisk",
    "LearnerSnapshot",
    "Policy",
    "PolicyInForce",
    "RefreshRun",
    "RefreshStatus",
    "Stamp",
    "TeamDay",
    "TeamSummary",
    "TeamTotals",
    "Touched",
]
