"""The two ways in for pulses: one, and many."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.problems import FieldError, InvalidInput, ProblemError, problem_body
from tracking import pulse_limit
from tracking.payloads import (
    AddressedPulse,
    PulseBatch,
    PulseBatchSchema,
    SinglePulse,
    read_payload,
)
from tracking.pulses import PulseClaim, PulseOutcome, PulseStatus, record_pulses
from tracking.serializers import PulseBatchResponse, PulseResponse
from tracking.views.auth import learner_of
from tracking.views.idempotency import IDEMPOTENCY_KEY, idempotency_key


class PulseView(APIView):
    """A heartbeat, a click or a completion."""

    @extend_schema(request=SinglePulse, responses=PulseResponse, parameters=[IDEMPOTENCY_KEY])
    def post(self, request: Request, module: int, resource: int) -> Response:
        received_at = timezone.now()
        pulse = read_payload(SinglePulse, request.data)
        header_key = idempotency_key(request)
        if header_key and pulse.pulse_id and header_key != pulse.pulse_id:
            raise InvalidInput([FieldError("pulse_id", "differs from the Idempotency-Key header")])
        pulse_limit.spend(learner_of(request).pk, pulses=1)
        claim = pulse.model_copy(update={"pulse_id": pulse.pulse_id or header_key}).claim(
            module, resource
        )
        (outcome,) = _record(request, [claim], pulse.sent_at, received_at)
        if outcome.problem:
            raise outcome.problem
        return Response(_accepted(outcome) | {"server_time": received_at})


class PulseBatchView(APIView):
    """Up to `MAX_BATCH_PULSES` pulses; one bad pulse does not spoil the others."""

    @extend_schema(
        request=PulseBatchSchema,
        responses=PulseBatchResponse,
        description="One result for each pulse, in order. A rejected one carries its problem.",
    )
    def post(self, request: Request) -> Response:
        received_at = timezone.now()
        body = read_payload(PulseBatch, request.data)
        if not 1 <= len(body.pulses) <= settings.MAX_BATCH_PULSES:
            raise InvalidInput(
                [FieldError("pulses", f"must hold 1 to {settings.MAX_BATCH_PULSES} pulses")]
            )
        pulse_limit.spend(learner_of(request).pk, pulses=len(body.pulses))
        claims: dict[int, PulseClaim] = {}
        results: dict[int, dict[str, Any]] = {}
        for index, item in enumerate(body.pulses):
            try:
                pulse = read_payload(AddressedPulse, item, at=f"pulses.{index}")
                claims[index] = pulse.claim(pulse.module, pulse.resource)
            except InvalidInput as problem:
                results[index] = _rejected(request, problem, _pulse_id_in(item))
        outcomes = _record(request, list(claims.values()), body.sent_at, received_at)
        for index, outcome in zip(claims, outcomes, strict=True):
            results[index] = (
                _rejected(request, _in_batch(outcome.problem, index), str(outcome.pulse_id))
                if outcome.problem
                else _accepted(outcome)
            )
        return Response(
            {"results": [results[index] for index in sorted(results)], "server_time": received_at}
        )


def _record(
    request: Request,
    claims: list[PulseClaim],
    sent_at: dt.datetime | None,
    received_at: dt.datetime,
) -> list[PulseOutcome]:
    return record_pulses(
        learner_id=learner_of(request).pk,
        claims=claims,
        received_at=received_at,
        clock_offset=received_at - sent_at if sent_at else dt.timedelta(0),
        max_age=settings.MAX_PULSE_AGE,
    )


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


def _rejected(request: Request, problem: ProblemError, pulse_id: str | None) -> dict[str, Any]:
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
