"""The two ways in for pulses: one, and many.

Pulses are most of what the product is asked, so what is spent on each request counts here. A plain
request goes straight to the write path; one that asks for anything unusual takes the way of all
others through Django REST framework, and ends in the same place.
"""

import datetime as dt
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from pydantic_core import to_json
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.views import APIView

from config.json_body import read_json
from config.problems import FieldError, InvalidInput, ProblemError, problem_body
from tracking import pulse_limit
from tracking.payloads import (
    PulseBatch,
    PulseBatchSchema,
    SinglePulse,
    read_payload,
    read_pulses,
)
from tracking.pulses import PulseClaim, PulseOutcome, PulseStatus, record_pulses
from tracking.serializers import PulseBatchResponse, PulseResponse
from tracking.tokens import Caller, TokenAuthentication, caller_as
from tracking.views.auth import learner_of
from tracking.views.idempotency import IDEMPOTENCY_KEY, idempotency_key


class WriteView(APIView):
    """A POST that writes pulses: `take` is what becomes of it."""

    def take(self, caller: Caller, request: HttpRequest | Request, body: Any) -> dict[str, Any]:
        """Apply the body; the answer. Raises `ProblemError`.

        The address is in `self.kwargs`. The caller is confirmed once something was written.
        """
        raise NotImplementedError

    def post(self, request: Request, **address: int) -> HttpResponse:
        """What `dispatch` does, for a request that came through the framework."""
        return _json(self.take(caller_as(learner_of(request)), request, request.data))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST" or not _is_json_for_json(
            request.META.get("CONTENT_TYPE", ""), request.META.get("HTTP_ACCEPT", "*/*")
        ):
            return super().dispatch(request, *args, **kwargs)
        try:
            caller = TokenAuthentication().caller(request)
            try:
                answer = self.take(caller, request, read_json(request))
            except (ProblemError, APIException):
                # Who may not ask is told that, and nothing about what was asked.
                caller.confirm()
                raise
            caller.confirm()
        except Exception as error:  # noqa: BLE001 - as the framework does, to name the problem
            return self._refuse(request, error)
        return _json(answer)

    def _refuse(self, request: HttpRequest, error: Exception) -> HttpResponseBase:
        """What the framework makes of an error."""
        wrapped = self.initialize_request(request, *self.args, **self.kwargs)
        self.headers = self.default_response_headers
        return self.finalize_response(wrapped, self.handle_exception(error))


@extend_schema_view(
    post=extend_schema(request=SinglePulse, responses=PulseResponse, parameters=[IDEMPOTENCY_KEY])
)
class PulseView(WriteView):
    """A heartbeat, a click or a completion."""

    def take(self, caller: Caller, request: HttpRequest | Request, body: Any) -> dict[str, Any]:
        received_at = timezone.now()
        pulse = read_payload(SinglePulse, body)
        header_key = idempotency_key(request)
        if header_key and pulse.pulse_id and header_key != pulse.pulse_id:
            raise InvalidInput([FieldError("pulse_id", "differs from the Idempotency-Key header")])
        pulse_limit.spend(caller.user_id, pulses=1)
        claim = pulse.claim(self.kwargs["module"], self.kwargs["resource"], header_key)
        (outcome,) = _record(caller, [claim], pulse.sent_at, received_at)
        if outcome.problem:
            raise outcome.problem
        return _accepted(outcome) | {"server_time": received_at}


@extend_schema_view(
    post=extend_schema(
        request=PulseBatchSchema,
        responses=PulseBatchResponse,
        description="One result for each pulse, in order. A rejected one carries its problem.",
    )
)
class PulseBatchView(WriteView):
    """Up to `MAX_BATCH_PULSES` pulses; one bad pulse does not spoil the others."""

    def take(self, caller: Caller, request: HttpRequest | Request, body: Any) -> dict[str, Any]:
        received_at = timezone.now()
        batch = read_payload(PulseBatch, body)
        if not 1 <= len(batch.pulses) <= settings.MAX_BATCH_PULSES:
            raise InvalidInput(
                [FieldError("pulses", f"must hold 1 to {settings.MAX_BATCH_PULSES} pulses")]
            )
        pulse_limit.spend(caller.user_id, pulses=len(batch.pulses))
        pulses = read_pulses(batch.pulses)
        claims = [
            pulse.claim(pulse.module, pulse.resource)
            for pulse in pulses
            if not isinstance(pulse, InvalidInput)
        ]
        outcomes = iter(_record(caller, claims, batch.sent_at, received_at))
        results = [
            _rejected(request, pulse, _pulse_id_in(batch.pulses[index]))
            if isinstance(pulse, InvalidInput)
            else _result(request, next(outcomes), index)
            for index, pulse in enumerate(pulses)
        ]
        return {"results": results, "server_time": received_at}


@lru_cache(maxsize=1000)
def _is_json_for_json(content_type: str, accept: str) -> bool:
    """Whether a request sends and takes JSON in as many words, as nearly all of them do."""
    return content_type in {"application/json", "application/json; charset=utf-8"} and any(
        kind.strip() in {"application/json", "*/*"} for kind in accept.split(",")
    )


def _json(answer: dict[str, Any]) -> HttpResponse:
    # pydantic's serializer: it writes ids and times by itself, and quickly.
    return HttpResponse(to_json(answer), content_type="application/json")


def _record(
    caller: Caller,
    claims: list[PulseClaim],
    sent_at: dt.datetime | None,
    received_at: dt.datetime,
) -> list[PulseOutcome]:
    outcomes = record_pulses(
        learner_id=caller.user_id,
        password=caller.password,
        claims=claims,
        received_at=received_at,
        clock_offset=received_at - sent_at if sent_at else dt.timedelta(0),
        max_age=settings.MAX_PULSE_AGE,
    )
    caller.is_confirmed = True
    return outcomes


def _result(request: HttpRequest | Request, outcome: PulseOutcome, index: int) -> dict[str, Any]:
    """What becomes of one pulse of a batch."""
    if outcome.problem:
        return _rejected(request, _in_batch(outcome.problem, index), str(outcome.pulse_id))
    return _accepted(outcome)


def _accepted(outcome: PulseOutcome) -> dict[str, Any]:
    reply: dict[str, Any] = {
        "status": outcome.status,
        "pulse_id": outcome.pulse_id,
        "resource": vars(outcome.resource) if outcome.resource else None,
        "module": vars(outcome.module) if outcome.module else None,
    }
    if outcome.claim.trace is not None:
        reply["_trace"] = outcome.claim.trace
    return reply


def _rejected(
    request: HttpRequest | Request, problem: ProblemError, pulse_id: str | None
) -> dict[str, Any]:
    return {
        "status": PulseStatus.REJECTED,
        "pulse_id": pulse_id,
        "problem": problem_body(problem, request.path),
    }


def _in_batch(problem: ProblemError, index: int) -> ProblemError:
    """The same problem, its fields named from the batch's root."""
    if not isinstance(problem, InvalidInput):
        return problem
    return InvalidInput(
        FieldError(f"pulses.{index}.{error.field}", error.reason) for error in problem.errors
    )


def _pulse_id_in(item: Any) -> str | None:
    """The id of a pulse that could not be read, so that its client can tell which one it was."""
    try:
        return str(UUID(item["pulse_id"]))
    except (TypeError, KeyError, ValueError, AttributeError):
        return None
