"""What managers download: the rows of the screen, as CSV."""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.http import FileResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from analytics.exports import CsvFile, place_for_an_export
from analytics.models import AuditEntry
from analytics.queries import learners
from analytics.queries.answer import Figures
from analytics.queries.standing import Freshness, Standing
from analytics.serializers.answers import LearnerRow
from analytics.serializers.parameters import LearnerFilterParameters
from analytics.views.learners import filter_of
from analytics.views.manager import FiguresView, Reply, Wanted

CSV = "text/csv"
FILE = {(200, CSV): OpenApiResponse(OpenApiTypes.BINARY, description="UTF-8, with a header.")}

DETAIL_COLUMNS = (
    "section",
    "id",
    "timestamp",
    "title",
    "type",
    "status",
    "progress_percent",
    "focus_time_mins",
    "score",
    "passed",
    "due_at",
    "submitted_at",
    "grade",
    "computed_at",
)


class CsvRenderer(JSONRenderer):
    """Says that there is such a format. The answer is a file; what is rendered are problems."""

    media_type = CSV
    format = "csv"


class ExportView(FiguresView):
    renderer_classes = [CsvRenderer]

    def get(self, request: Request, **address: int) -> HttpResponseBase:
        response = super().get(request, **address)
        # The rows are in the file: whoever takes long to read it keeps no connection from others.
        connection.close()
        return response


@extend_schema_view(get=extend_schema(parameters=[LearnerFilterParameters], responses=FILE))
class LearnersCsvView(ExportView):
    """The learners of the list, on one page: the same filters, order and figures."""

    parameters = LearnerFilterParameters
    action = AuditEntry.Action.EXPORT_LEARNERS

    def reply(self, request: Request, standing: Standing, wanted: Wanted, **address: int) -> Reply:
        with (
            place_for_an_export(),
            learners.all_learners(standing.scope, filter_of(wanted)) as (rows, freshness),
        ):
            file = CsvFile(tuple(LearnerRow().fields))
            file.write(rows)
        return _download(file, freshness, "learners")


@extend_schema_view(get=extend_schema(responses=FILE))
class LearnerDetailsCsvView(ExportView):
    """The four lists of one learner below one another; `section` says of which a row is."""

    action = AuditEntry.Action.EXPORT_DETAILS

    def reply(self, request: Request, standing: Standing, wanted: Wanted, **address: int) -> Reply:
        details = learners.learner_details(standing.scope, address["learner"])
        file = CsvFile(DETAIL_COLUMNS)
        file.write(_detail_rows(details))
        return _download(file, details.freshness, f"learner-{address['learner']}")


def _detail_rows(details: Figures) -> Iterator[dict[str, Any]]:
    blank = dict.fromkeys(DETAIL_COLUMNS) | {"computed_at": details.freshness.computed_at}
    for event in details.members["timeline"]:
        yield blank | {"section": "timeline", "title": event["event"]} | _common(event)
    for module in details.members["modules"]:
        yield blank | {"section": "modules"} | _common(module)
    for attempt in details.members["quiz_performance"]:
        of_attempt = {"id": attempt["quiz_id"], "title": attempt["module_title"]}
        yield blank | {"section": "quiz_performance"} | of_attempt | _common(attempt)
    for assignment in details.members["assignments"]:
        title = {"title": assignment["module_title"]}
        yield blank | {"section": "assignments"} | title | _common(assignment)


def _common(row: dict[str, Any]) -> dict[str, Any]:
    """The members that the file has a column for."""
    return {name: value for name, value in row.items() if name in DETAIL_COLUMNS}


def _download(file: CsvFile, freshness: Freshness, name: str) -> Reply:
    response = FileResponse(
        file.content,
        as_attachment=True,
        filename=f"{name}-{freshness.computed_at:%Y-%m-%dT%H%M%SZ}.csv",
        content_type=f"{CSV}; charset=utf-8",
    )
    response["X-Total-Count"] = str(file.rows)
    return Reply(response, freshness, rows=file.rows, discard=file.discard)
