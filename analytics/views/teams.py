"""Figures over the learners of teams."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request

from analytics.models import AuditEntry
from analytics.queries import teams
from analytics.queries.answer import Figures
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
    FiguresView,
    Reply,
    Wanted,
    object_reply,
    page_of,
    page_reply,
)

DEFAULT_DAYS = 30


@extend_schema_view(get=extend_schema(parameters=[TeamParameters], responses=TeamSummaryAnswer))
class TeamSummaryView(FiguresView):
    """The six figures over all learners in scope, or over one team."""

    action = AuditEntry.Action.READ_TEAM_SUMMARY
    parameters = TeamParameters

    def reply(self, request: Request, scope: Scope, wanted: Wanted, **address: int) -> Reply:
        return object_reply(Figures(*teams.team_summary(scope)))


@extend_schema_view(get=extend_schema(parameters=[TeamParameters], responses=BreakdownAnswer))
class BreakdownView(FiguresView):
    """How many learners are of each status and of each risk level."""

    action = AuditEntry.Action.READ_BREAKDOWN
    parameters = TeamParameters

    def reply(self, request: Request, scope: Scope, wanted: Wanted, **address: int) -> Reply:
        return object_reply(teams.breakdown(scope))


@extend_schema_view(get=extend_schema(parameters=[PageParameters], responses=TeamRow(many=True)))
class TeamListView(FiguresView):
    """Each team in scope with its six figures, by name."""

    action = AuditEntry.Action.READ_TEAMS
    parameters = PageParameters

    def reply(self, request: Request, scope: Scope, wanted: Wanted, **address: int) -> Reply:
        part = page_of(wanted)
        return page_reply(request, part, teams.teams(scope, part))


@extend_schema_view(get=extend_schema(parameters=[TrendsParameters], responses=TrendsAnswer))
class TrendsView(FiguresView):
    """Activity day by day, the oldest first, today included."""

    action = AuditEntry.Action.READ_TRENDS
    parameters = TrendsParameters

    def reply(self, request: Request, scope: Scope, wanted: Wanted, **address: int) -> Reply:
        return object_reply(trends(scope, wanted.get("days", DEFAULT_DAYS)))
