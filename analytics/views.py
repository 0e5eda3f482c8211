"""The manager endpoints: scope in, precomputed rows out, each with its age."""

from typing import Any, cast
from urllib.parse import urlencode

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics import queries
from analytics.permissions import IsManager
from analytics.queries import Freshness, LearnerFilter, LearnerPage, Manager, Scope
from analytics.serializers import (
    LearnerDetailsResponse,
    LearnerListQuery,
    LearnerRiskResponse,
    LearnerRow,
    TeamSummaryResponse,
)
from config.problems import FieldError, InvalidInput


class ManagerView(APIView):
    permission_classes: list[type[BasePermission]] = [IsManager]
    query_fields: frozenset[str] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # A misspelt filter that is ignored would show other learners than were asked for.
        unknown = sorted(set(request.query_params) - self.query_fields)
        if unknown:
            raise InvalidInput(
                FieldError(name, "is not a parameter of this address") for name in unknown
            )


def _scope(request: Request) -> Scope:
    return queries.scope_of(cast("Manager", request.user))


def _with_freshness(body: dict[str, Any], freshness: Freshness) -> Response:
    return _stamped(
        Response(
            body
            | {
                "computed_at": freshness.computed_at,
                "data_freshness_seconds": freshness.age_seconds,
            }
        ),
        freshness,
    )


def _stamped(response: Response, freshness: Freshness) -> Response:
    response["X-Data-Status"] = freshness.data_status
    response["X-Refresh-Id"] = str(freshness.refresh_id)
    response["X-Computed-At"] = freshness.computed_at.isoformat().replace("+00:00", "Z")
    response["X-Data-Freshness-Seconds"] = str(freshness.age_seconds)
    response["Cache-Control"] = "private, no-cache"
    response["Vary"] = "Authorization"
    return response


class TeamSummaryView(ManagerView):
    @extend_schema(responses=TeamSummaryResponse)
    def get(self, request: Request) -> Response:
        figures, freshness = queries.team_summary(_scope(request))
        return _with_freshness(figures, freshness)


class LearnerListView(ManagerView):
    """The learners in scope; totals and pages are in `X-Total-Count` and `Link`."""

    query_fields = frozenset(LearnerListQuery().fields)

    @extend_schema(parameters=[LearnerListQuery], responses=LearnerRow(many=True))
    def get(self, request: Request) -> Response:
        query = LearnerListQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        wanted = LearnerFilter(**query.validated_data)
        page = queries.learners(_scope(request), wanted)
        response = _stamped(Response(page.rows), page.freshness)
        response["X-Total-Count"] = str(page.total)
        response["Link"] = _links(request, wanted, page)
        return response


def _links(request: Request, wanted: LearnerFilter, page: LearnerPage) -> str:
    """RFC 8288 links to the first, previous, next and last page."""
    last = max(-(-page.total // wanted.page_size), 1)
    numbers = {"first": 1, "last": last}
    if wanted.page > 1:
        numbers["prev"] = min(wanted.page - 1, last)
    if wanted.page < last:
        numbers["next"] = wanted.page + 1
    given = {**request.query_params.dict(), "page_size": str(wanted.page_size)}
    return ", ".join(
        f"<{request.build_absolute_uri(request.path)}?"
        f'{urlencode({**given, "page": number})}>; rel="{relation}"'
        for relation, number in numbers.items()
    )


class LearnerDetailsView(ManagerView):
    @extend_schema(responses=LearnerDetailsResponse)
    def get(self, request: Request, learner: int) -> Response:
        details, freshness = queries.learner_details(_scope(request), learner)
        return _with_freshness(details, freshness)


class LearnerRiskView(ManagerView):
    @extend_schema(responses=LearnerRiskResponse)
    def get(self, request: Request, learner: int) -> Response:
        risk, freshness = queries.learner_risk(_scope(request), learner)
        return _with_freshness(risk, freshness)
