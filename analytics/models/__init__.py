"""What the read path keeps (runs), builds (views) and reads (contract)."""

from analytics.models.audit import AuditEntry
from analytics.models.contract import (
    DataQuality,
    LearnerAnomaly,
    LearnerModule,
    LearnerRisk,
    LearnerSnapshot,
    RefreshStatus,
    TeamDay,
    TeamSummary,
)
from analytics.models.policy import Policy
from analytics.models.quality import QualityCheck
from analytics.models.runs import RefreshRun, Stamp
from analytics.models.touched import Base, Touched
from analytics.models.views import PolicyInForce, TeamTotals

__all__ = [
    "AuditEntry",
    "Base",
    "DataQuality",
    "LearnerAnomaly",
    "LearnerModule",
    "LearnerRisk",
    "LearnerSnapshot",
    "Policy",
    "PolicyInForce",
    "QualityCheck",
    "RefreshRun",
    "RefreshStatus",
    "Stamp",
    "TeamDay",
    "TeamSummary",
    "TeamTotals",
    "Touched",
]
