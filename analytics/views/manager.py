"""What the manager endpoints have in common: parameters, scope, entity tag, record, stamp."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, cast
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from analytics.disclosure import disclose
from analytics.encoding import json_bytes, utc_text
from analytics.models import AuditEntry
from analytics.queries.answer import Figures, Page, PageOf
from analytics.queries.standing import Freshness, Scope, standing_of
from analytics.serializers.parameters import NoParameters, Parameters, read_parameters
from analytics.validators import asks_for_any, entity_tag, is_known
from config.permissions import IsManager

Wanted = Mapping[str, Any]


@dataclass(frozen=True)
class Reply:
    """An answer, the refresh it is of, and how many rows it shows where it is an array."""

    response: HttpResponseBase
    freshness: Freshness
    rows: int | None = None
    # Called for an answer that is not sent.
    discard: Callable[[], None] = lambda: None


class ManagerView(APIView):
    """Whoever asks is a manager, with parameters that this address knows."""

    permission_classes: list[type[BasePermission]] = [IsManager]
    parameters: ClassVar[type[Parameters]] = NoParameters

    def wanted(self, request: Request) -> Wanted:
        return read_parameters(self.parameters, request.META.get("QUERY_STRING", ""))


class FiguresView(ManagerView):
    """Answers GET and HEAD: 304 by the stamp alone, or what `reply` brings, put on record."""

    action: ClassVar[AuditEntry.Action]

    def reply(self, request: Request, scope: Scope, wanted: Wanted, **address: int) -> Reply:
        raise NotImplementedError

    def get(self, request: Request, **address: int) -> HttpResponseBase:
        wanted = self.wanted(request)
        standing = standing_of(asker_id(request), team=wanted.get("team"))
        tag = entity_tag(request, standing.scope, standing.freshness)
        if is_known(request, tag):
            return _stamped(HttpResponse(status=304), standing.freshness, tag)
        reply = self.reply(request, standing.scope, wanted, **address)
        # A refresh may have finished since: the tag is that of what was read.
        tag = entity_tag(request, standing.scope, reply.freshness)
        if asks_for_any(request):
            reply.discard()
            return _stamped(HttpResponse(status=304), reply.freshness, tag)
        self._put_on_record(request, wanted, reply, address)
        return _stamped(reply.response, reply.freshness, tag)

    def _put_on_record(
        self, request: Request, wanted: Wanted, reply: Reply, address: dict[str, int]
    ) -> None:
        detail = {"refresh_id": reply.freshness.refresh_id, "query": dict(wanted)}
        try:
            disclose(
                actor_id=asker_id(request),
                action=self.action,
                learner_id=address.get("learner"),
                detail=detail if reply.rows is None else {**detail, "rows": reply.rows},
            )
        except BaseException:
            reply.discard()
            raise


def asker_id(request: Request) -> int:
    return cast(int, request.user.pk)


def object_reply(figures: Figures) -> Reply:
    """One object, with its age."""
    freshness = figures.freshness
    content = {
        **figures.members,
        "computed_at": freshness.computed_at,
        "data_freshness_seconds": freshness.age_seconds,
    }
    return Reply(json_response(content), freshness)


def page_reply(request: Request, part: PageOf, page: Page) -> Reply:
    """A bare array; the total and the other pages are in the headers."""
    return Reply(
        rows_response(request, part, page.rows, page.total), page.freshness, len(page.rows)
    )


def rows_response(
    request: Request, part: PageOf, rows: list[dict[str, Any]], total: int
) -> HttpResponse:
    response = json_response(rows)
    response["X-Total-Count"] = str(total)
    response["Link"] = _links(request, part, total)
    return response


def page_of(wanted: Wanted) -> PageOf:
    return PageOf(**{name: wanted[name] for name in ("page", "page_size") if name in wanted})


def json_response(content: Any) -> HttpResponse:
    return HttpResponse(json_bytes(content), content_type="application/json")


def _stamped(response: HttpResponseBase, freshness: Freshness, tag: str) -> HttpResponseBase:
    response["ETag"] = tag
    response["X-Data-Status"] = freshness.data_status
    response["X-Refresh-Id"] = str(freshness.refresh_id)
    response["X-Computed-At"] = utc_text(freshness.computed_at)
    response["X-Data-Freshness-Seconds"] = str(freshness.age_seconds)
    response["Cache-Control"] = "private, no-cache"
    response["Vary"] = "Authorization"
    return response


def _links(request: Request, part: PageOf, total: int) -> str:
    """RFC 8288 links to the first, previous, next and last page."""
    last = max(-(-total // part.page_size), 1)
    numbers = {"first": 1, "last": last}
    if part.page > 1:
        numbers["prev"] = min(part.page - 1, last)
    if part.page < last:
        numbers["next"] = part.page + 1
    given = {**request.query_params.dict(), "page_size": str(part.page_size)}
    address = request.build_absolute_uri(request.path)
    return ", ".join(
        f'<{address}?{urlencode({**given, "page": number})}>; rel="{relation}"'
        for relation, number in numbers.items()
    )
