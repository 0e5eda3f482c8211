"""What a client may send, checked strictly: no coercion, no unknown field, every limit named.

Pydantic rather than serializers, as a batch holds up to 500 pulses and each is checked alone.
"""

import datetime as dt
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, TypeVar
from uuid import UUID

from django.conf import settings
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
)

from config.problems import FieldError, InvalidInput
from tracking.pulses import PulseClaim

MAX_ID = 2**63 - 1
MAX_MEDIA_SECONDS = 86_400
MAX_PLAYED_INTERVALS = 100
MAX_TRACE_CHARACTERS = 200


def _time(value: Any) -> dt.datetime:
    try:
        parsed = dt.datetime.fromisoformat(value)
    except (ValueError, TypeError):
        raise ValueError("must be an ISO 8601 time such as 2026-02-10T07:35:00Z") from None
    if parsed.tzinfo is dt.UTC:
        return parsed
    if parsed.tzinfo is None:
        raise ValueError("must name its time zone, such as Z or +02:00")
    try:
        return parsed.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError("is outside the calendar") from None


def _seconds_within_limit(value: int) -> int:
    if not 0 <= value <= settings.MAX_PULSE_SECONDS:
        raise ValueError(f"must be from 0 to {settings.MAX_PULSE_SECONDS} seconds")
    return value


def _trace(value: Any) -> Any:
    if value is not None and (isinstance(value, bool) or not isinstance(value, str | int | float)):
        raise ValueError("must be a string or a number")
    if len(value if isinstance(value, str) else json.dumps(value)) > MAX_TRACE_CHARACTERS:
        raise ValueError(f"must be at most {MAX_TRACE_CHARACTERS} characters long")
    return value


def _interval(value: Any) -> tuple[int, int]:
    """Seconds as a client says them, in milliseconds."""
    if not (isinstance(value, list) and len(value) == 2 and _NUMBERS.issuperset(map(type, value))):
        raise ValueError("must be a pair of seconds: [from, to]")
    start, end = value
    if not 0 <= start < end <= MAX_MEDIA_SECONDS:
        raise ValueError(f"must have 0 <= from < to <= {MAX_MEDIA_SECONDS}")
    return round(start * 1000), round(end * 1000)


# What JSON calls numbers; `True` is an int for Python alone.
_NUMBERS = {int, float}


def _each_once(values: list[int]) -> list[int]:
    if len(set(values)) < len(values):
        raise ValueError("must name nobody twice")
    return values


def _percent(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number")
    grade = Decimal(str(value))
    if not 0 <= grade <= 100:
        raise ValueError("must be from 0 to 100 percent")
    if grade != (rounded := grade.quantize(Decimal("0.01"))):
        raise ValueError("must have at most two decimals")
    return abs(rounded)


_TIME_SCHEMA = WithJsonSchema({"type": "string", "format": "date-time"})
_PERCENT_SCHEMA = WithJsonSchema(
    {"type": "number", "minimum": 0, "maximum": 100, "multipleOf": 0.01}
)
_INTERVAL_SCHEMA = WithJsonSchema(
    {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
)

Id = Annotated[int, Field(ge=1, le=MAX_ID)]
Time = Annotated[dt.datetime, BeforeValidator(_time), _TIME_SCHEMA]
Interval = Annotated[tuple[int, int], PlainValidator(_interval), _INTERVAL_SCHEMA]
TextUUID = Annotated[UUID, Field(strict=False)]


class Payload(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class PulseFields(Payload):
    """A pulse without its address."""

    duration_delta: Annotated[int, AfterValidator(_seconds_within_limit)] = Field(
        description="Whole seconds of focus since this page's last pulse; counted."
    )
    watch_time: Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)] | None = Field(
        default=None, description="The client's own running total; evidence only."
    )
    completed: bool = Field(default=False, description="The client's completion claim.")
    played: Annotated[list[Interval], Field(max_length=MAX_PLAYED_INTERVALS)] = Field(
        default=[], description="Media seen, in seconds: [[from, to], …]."
    )
    pulse_id: TextUUID | None = Field(
        default=None, description="Made before the first try (UUIDv7); a retry says the same."
    )
    occurred_at: Time | None = Field(default=None, description="When it happened; else now.")
    trace: Annotated[Any, BeforeValidator(_trace)] = Field(
        default=None, alias="_trace", description="Free time stamp; stored and returned."
    )

    def claim(self, module_id: int, resource_id: int, pulse_id: UUID | None = None) -> PulseClaim:
        """The claim that it makes, under `pulse_id` if it names none itself."""
        return PulseClaim(
            module_id=module_id,
            resource_id=resource_id,
            duration_delta=self.duration_delta,
            watch_time=self.watch_time,
            completed=self.completed,
            played_ms=tuple(self.played),
            pulse_id=self.pulse_id or pulse_id,
            occurred_at=self.occurred_at,
            trace=self.trace,
        )


class SinglePulse(PulseFields):
    """The body of `POST /api/modules/{module}/resources/{resource}/complete/`."""

    sent_at: Time | None = Field(
        default=None, description="The client's clock at this try; corrects its skew."
    )


class AddressedPulse(PulseFields):
    """One pulse of a batch."""

    module: Id
    resource: Id


class PulseBatch(Payload):
    """The body of `POST /api/tracking/pulses/`; each pulse is checked by itself, afterwards."""

    sent_at: Time | None = Field(
        default=None, description="The client's clock at this try; corrects its skew."
    )
    pulses: list[Any]


class PulseBatchSchema(Payload):
    """`PulseBatch` as the API's schema shows it."""

    sent_at: Time | None = None
    pulses: Annotated[list[AddressedPulse], Field(min_length=1, max_length=500)]


class QuizAnswers(Payload):
    """The body of a quiz attempt: choice by question, both by id."""

    answers: dict[str, Id]


class SubmissionBody(Payload):
    """The body of a submission: a text, an address, or both."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100_000)] = ""
    url: Annotated[
        str,
        StringConstraints(
            strip_whitespace=True, max_length=2000, pattern=r"(?i)^(https?://[^\s/]+\S*)?$"
        ),
    ] = ""


class AssignmentBody(Payload):
    """The body of `POST /api/manager/assignments/`."""

    module: Id
    learners: Annotated[list[Id], Field(min_length=1, max_length=500), AfterValidator(_each_once)]
    due_at: Time | None = Field(default=None, description="Until when; without, there is no end.")


class GradeBody(Payload):
    """The body of `POST /api/manager/submissions/{submission}/grade/`."""

    grade: Annotated[Decimal, BeforeValidator(_percent), _PERCENT_SCHEMA]
    feedback: Annotated[str, StringConstraints(max_length=10_000)] | None = Field(
        default=None, description="Without it, what was said before stays."
    )


PayloadType = TypeVar("PayloadType", bound=Payload)

# What pydantic calls these, a front-end developer should not have to look up.
_REASONS: Mapping[str, str] = {
    "missing": "is required",
    "extra_forbidden": "is not a field of this request",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "string_type": "must be a string",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "uuid_parsing": "must be a UUID",
    "uuid_type": "must be a UUID",
    "string_pattern_mismatch": "must be an address that begins with http:// or https://",
}


def read_payload(payload_class: type[PayloadType], body: Any, *, at: str = "") -> PayloadType:
    """`body` as a payload. Raises `InvalidInput` with every wrong field, each under path `at`."""
    try:
        return payload_class.model_validate(body)
    except ValidationError as error:
        raise InvalidInput(
            FieldError(
                ".".join([*([at] if at else []), *(str(part) for part in problem["loc"])])
                or "body",
                _reason(problem["type"], problem["msg"]),
            )
            for problem in error.errors(include_url=False, include_input=False)
        ) from error


def read_pulses(items: list[Any]) -> list[AddressedPulse | InvalidInput]:
    """Each pulse of a batch, or what is wrong with it under its place in the batch."""
    try:
        # All of them in one go, as nearly every batch is right from end to end.
        return [*_ALL_PULSES.validate_python(items)]
    except ValidationError:
        return [_read_pulse(item, index) for index, item in enumerate(items)]


_ALL_PULSES = TypeAdapter(list[AddressedPulse])


def _read_pulse(item: Any, index: int) -> AddressedPulse | InvalidInput:
    try:
        return read_payload(AddressedPulse, item, at=f"pulses.{index}")
    except InvalidInput as problem:
        return problem


def _reason(kind: str, message: str) -> str:
    known = _REASONS.get(kind)
    if known:
        return known
    reason = message.removeprefix("Value error, ")
    return reason[:1].lower() + reason[1:]
