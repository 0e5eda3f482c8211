"""Learners: the list, and one of them in detail."""

from drf_spectacular.utils import extend_schema, extend_schema_view

from analytics.models import AuditEntry
from analytics.queries import learners
from analytics.queries.anomalies import anomalies
from analytics.queries.answer import Figures, Page
from analytics.queries.learners import LearnerFilter
from analytics.queries.standing import Scope
from analytics.serializers.answers import (
    AnomalyRow,
    LearnerDetailsAnswer,
    LearnerRiskAnswer,
    LearnerRow,
)
from analytics.serializers.parameters import AnomalyListParameters, LearnerListParameters
from analytics.views.manager import (
    ScreenView,
    Wanted,
    page_of,
)

FILTERS = ("search", "ordering", "risk_level", "status")


@extend_schema_view(
    get=extend_schema(parameters=[LearnerListParameters], responses=LearnerRow(many=True))
)
class LearnerListView(ScreenView):
    """The learners in scope; totals and pages are in `X-Total-Count` and `Link`."""

    action = AuditEntry.Action.READ_LEARNERS
    parameters = LearnerListParameters

    def read(self, scope: Scope, wanted: Wanted, **address: int) -> Figures | Page:
        return learners.learners(scope, filter_of(wanted), page_of(wanted))


def filter_of(wanted: Wanted) -> LearnerFilter:
    return LearnerFilter(**{name: wanted[name] for name in FILTERS if name in wanted})


@extend_schema_view(get=extend_schema(responses=LearnerDetailsAnswer))
class LearnerDetailsView(ScreenView):
    """Timeline, modules, quiz attempts and assignments of one learner."""

    action = AuditEntry.Action.READ_DETAILS

    def read(self, scope: Scope, wanted: Wanted, **address: int) -> Figures | Page:
        return learners.learner_details(scope, address["learner"])


@extend_schema_view(get=extend_schema(responses=LearnerRiskAnswer))
class LearnerRiskView(ScreenView):
    """One learner's risk, with the factors behind it and their evidence."""

    action = AuditEntry.Action.READ_RISK

    def read(self, scope: Scope, wanted: Wanted, **address: int) -> Figures | Page:
        return learners.learner_risk(scope, address["learner"])


@extend_schema_view(
    get=extend_schema(parameters=[AnomalyListParameters], responses=AnomalyRow(many=True))
)
class AnomalyListView(ScreenView):
    """What is out of the ordinary with learners in scope, the newest first."""

    action = AuditEntry.Action.READ_ANOMALIES
    parameters = AnomalyListParameters

    def read(self, scope: Scope, wanted: Wanted, **address: int) -> Figures | Page:
        return anomalies(scope, wanted.get("code"), wanted.get("learner"), page_of(wanted))
