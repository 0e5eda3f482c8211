"""Figures over the learners of teams."""

from drf_spectacular.utils import extend_schema, extend_schema_view

from analytics.models import AuditEntry
from analytics.queries import teams
from analytics.queries.answer import Figures, Page
from analytics.queries.standing import Scope
from analytics.queries.trends import trends
from analytics.serializers.answers import (
    BreakdownAnswer,
    TeamRow,
    TeamSummaryAnswer,
    TrendsAnswer,
)
from analytics.serializers.parameters import PageParameters, TeamParameters, TrendsParameters
from analytics.views.manager import (
    ScreenView,
    Wanted,
    page_of,
)

DEFAULT_DAYS = 30


@extend_schema_view(get=extend_schema(parameters=[TeamParameters], responses=TeamSummaryAnswer))
class TeamSummaryView(ScreenView):
    """The six figures over all learners in scope, or over one team."""

    action = AuditEntry.Action.READ_TEAM_SUMMARY
    parameters = TeamParameters

    def read(self, scope: Scope, wanted: Wanted, **address: int) -> Figures | Page:
        return Figures(*teams.team_summary(scope))


@extend_schema_view(get=extend_schema(parameters=[TeamParameters], responses=BreakdownAnswer))
class BreakdownView(ScreenView):
    """How many learners are of each status and of each risk level."""

    action = AuditEntry.Action.READ_BREAKDOWN
    parameters = TeamParameters

    def read(self, scope: Scope, wanted: Wanted, **address: int) -> Figures | Page:
        return teams.breakdown(scope)


@extend_schema_view(get=extend_schema(parameters=[PageParameters], responses=TeamRow(many=True)))
class TeamListView(ScreenView):
    """Each team in scope with its six figures, by name."""

    action = AuditEntry.Action.READ_TEAMS
    parameters = PageParameters

    def read(self, scope: Scope, wanted: Wanted, **address: int) -> Figures | Page:
        return teams.teams(scope, page_of(wanted))


@extend_schema_view(get=extend_schema(parameters=[TrendsParameters], responses=TrendsAnswer))
class TrendsView(ScreenView):
    """Activity day by day, the oldest first, today included."""

    action = AuditEntry.Action.READ_TRENDS
    parameters = TrendsParameters

    def read(self, scope: Scope, wanted: Wanted, **address: int) -> Figures | Page:
        return trends(scope, wanted.get("days", DEFAULT_DAYS))
