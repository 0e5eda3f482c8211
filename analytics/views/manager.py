"""What the manager endpoints have in common: parameters, scope, entity tag, record, stamp."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, cast
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase, QueryDict
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from analytics.answers import AnswerMemory, printed
from analytics.disclosure import disclose
from analytics.encoding import json_bytes, utc_text
from analytics.models import AuditEntry
from analytics.queries.answer import Figures, Page, PageOf
from analytics.queries.standing import Freshness, Scope, Standing, standing_of
from analytics.serializers.parameters import NoParameters, Parameters, read_parameters
from analytics.validators import asks_for_any, entity_tag, is_known
from config.permissions import IsManager

Wanted = Mapping[str, Any]

_memory = AnswerMemory()


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

    def reply(self, request: Request, standing: Standing, wanted: Wanted, **address: int) -> Reply:
        raise NotImplementedError

    def get(self, request: Request, **address: int) -> HttpResponseBase:
        wanted = self.wanted(request)
        standing = standing_of(asker_id(request), team=wanted.get("team"))
        tag = entity_tag(request, standing.scope, standing.freshness)
        if is_known(request, tag):
            return _stamped(_not_modified(), standing.freshness, tag)
        reply = self.reply(request, standing, wanted, **address)
        if reply.freshness is not standing.freshness:
            # A refresh may have finished since: the tag is that of what was read.
            tag = entity_tag(request, standing.scope, reply.freshness)
        if asks_for_any(request):
            reply.discard()
            return _stamped(_not_modified(), reply.freshness, tag)
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


class ScreenView(FiguresView):
    """Answers with what `read` brings, or brought before to the same question of this refresh."""

    def read(self, scope: Scope, wanted: Wanted, **address: int) -> Figures | Page:
        raise NotImplementedError

    def reply(self, request: Request, standing: Standing, wanted: Wanted, **address: int) -> Reply:
        question = (request.path, tuple(sorted(wanted.items())), standing.scope.team_ids)
        answer = _memory.recall(standing.freshness, question)
        freshness = standing.freshness
        if answer is None:
            answer = printed(self.read(standing.scope, wanted, **address))
            freshness = answer.freshness
            _memory.keep(question, answer)
        response = HttpResponse(answer.at(freshness), content_type="application/json")
        if answer.total is not None:
            _name_pages(response, request, page_of(wanted), answer.total)
        return Reply(response, freshness, answer.rows)


def asker_id(request: Request) -> int:
    return cast(int, request.user.pk)


def rows_response(
    request: Request, part: PageOf, rows: list[dict[str, Any]], total: int
) -> HttpResponse:
    response = json_response(rows)
    _name_pages(response, request, part, total)
    return response


def _name_pages(response: HttpResponse, request: Request, part: PageOf, total: int) -> None:
    response["X-Total-Count"] = str(total)
    address = f"{request.scheme}://{request.get_host()}{request.path}"
    response["Link"] = _links(address, request.META.get("QUERY_STRING", ""), part, total)


def page_of(wanted: Wanted) -> PageOf:
    return PageOf(**{name: wanted[name] for name in ("page", "page_size") if name in wanted})


def json_response(content: Any) -> HttpResponse:
    return HttpResponse(json_bytes(content), content_type="application/json")


def _not_modified() -> HttpResponse:
    response = HttpResponse(status=304)
    # There is no body for it to be of.
    del response["Content-Type"]
    return response


def _stamped(response: HttpResponseBase, freshness: Freshness, tag: str) -> HttpResponseBase:
    response["ETag"] = tag
    response["X-Data-Status"] = freshness.data_status
    response["X-Refresh-Id"] = str(freshness.refresh_id)
    response["X-Computed-At"] = utc_text(freshness.computed_at)
    response["X-Data-Freshness-Seconds"] = str(freshness.age_seconds)
    response["Cache-Control"] = "private, no-cache"
    response["Vary"] = "Authorization"
    return response


@lru_cache(maxsize=1_000)
def _links(address: str, query_string: str, part: PageOf, total: int) -> str:
    """RFC 8288 links to the first, previous, next and last page."""
    last = max(-(-total // part.page_size), 1)
    numbers = {"first": 1, "last": last}
    if part.page > 1:
        numbers["prev"] = min(part.page - 1, last)
    if part.page < last:
        numbers["next"] = part.page + 1
    given = {**QueryDict(query_string).dict(), "page_size": str(part.page_size)}
    return ", ".join(
        f'<{address}?{urlencode({**given, "page": number})}>; rel="{relation}"'
        for relation, number in numbers.items()
    )
