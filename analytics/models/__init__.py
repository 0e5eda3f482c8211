"""What the read path keeps (runs), builds (views) and reads (contract)."""

from analytics.models.audit import AuditEntry
from analytics.models.contract import (
    LearnerModule,
    LearnerRisk,
    LearnerSnapshot,
    RefreshStatus,
    TeamSummary,
)
from analytics.models.policy import Policy
from analytics.models.runs import RefreshRun, Stamp
from analytics.models.views import (
    LearnerAssignmentTotals,
    LearnerAttemptTotals,
    LearnerModuleTotals,
    LearnerResourceTotals,
    LearnerScores,
    LearnerTotals,
    PolicyInForce,
    TeamTotals,
)

__all__ = [
    "AuditEntry",
    "LearnerAssignmentTotals",
    "LearnerAttemptTotals",
    "LearnerModule",
    "LearnerModuleTotals",
    "LearnerResourceTotals",
    "LearnerRisk",
    "LearnerScores",
    "LearnerSnapshot",
    "LearnerTotals",
    "Policy",
    "PolicyInForce",
    "RefreshRun",
    "RefreshStatus",
    "Stamp",
    "TeamSummary",
    "TeamTotals",
]
