"""Asking for a refresh."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from analytics.disclosure import disclose
from analytics.models import AuditEntry
from analytics.requests import request_refresh
from analytics.serializers.answers import RefreshRequestAnswer
from analytics.serializers.parameters import NoParameters
from analytics.views.manager import ManagerView, asker_id, json_response
from config.problems import FieldError, InvalidInput


class RefreshView(ManagerView):
    """Has the figures refreshed soon, however many ask for it."""

    @extend_schema(request=NoParameters, responses={202: RefreshRequestAnswer})
    def post(self, request: Request) -> HttpResponse:
        self.wanted(request)
        _refuse_members(request.data)
        asked = request_refresh()
        # Not before: who appends holds up all others, and the broker may take a second.
        disclose(
            actor_id=asker_id(request),
            action=AuditEntry.Action.REQUEST_REFRESH,
            detail={"status": asked.status, "refresh_id": asked.refresh_id},
        )
        response = json_response(
            {
                "status": asked.status,
                "refresh_id": asked.refresh_id,
                "computed_at": asked.computed_at,
                "data_freshness_seconds": asked.age_seconds,
            }
        )
        response.status_code = 202
        response["Cache-Control"] = "private, no-store"
        return response


def _refuse_members(body: object) -> None:
    if not isinstance(body, dict):
        raise InvalidInput([FieldError("body", "must be an object")])
    if body:
        raise InvalidInput(FieldError(name, "is not a field of this request") for name in body)
