"""The audit log: an admin sees all of it, a manager what they did themselves."""

import datetime as dt
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from analytics.disclosure import disclose
from analytics.encoding import utc_text
from analytics.models import AuditEntry
from analytics.queries.audit import AuditFilter, audit_entries
from analytics.serializers.answers import AuditRow
from analytics.serializers.parameters import AuditParameters
from analytics.views.manager import ManagerView, Wanted, asker_id, page_of, rows_response

FILTERS = ("actor", "action", "learner", "since", "until")


class AuditListView(ManagerView):
    """What managers looked at, took away and changed, the newest first."""

    parameters = AuditParameters

    @extend_schema(parameters=[AuditParameters], responses=AuditRow(many=True))
    def get(self, request: Request) -> HttpResponse:
        wanted = self.wanted(request)
        part = page_of(wanted)
        entries = audit_entries(
            only_of=None if getattr(request.user, "role", "") == "admin" else asker_id(request),
            wanted=AuditFilter(**{name: wanted[name] for name in FILTERS if name in wanted}),
            part=part,
        )
        disclose(
            actor_id=asker_id(request),
            action=AuditEntry.Action.READ_AUDIT,
            detail={"query": _printed(wanted), "rows": len(entries.rows)},
        )
        response = rows_response(request, part, entries.rows, entries.total)
        response["Cache-Control"] = "private, no-store"
        response["Vary"] = "Authorization"
        return response


def _printed(wanted: Wanted) -> dict[str, Any]:
    return {
        name: utc_text(value) if isinstance(value, dt.datetime) else value
        for name, value in wanted.items()
    }
