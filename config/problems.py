"""Every error of the API in one shape: RFC 9457 `application/problem+json`.

    Exception
    ├── ProblemError            what this project raises, with its ProblemType
    │   ├── InvalidInput        400, with the fields and the reasons
    │   └── Unavailable         503, with Retry-After
    ├── rest_framework APIException, Http404, PermissionDenied
    └── django.db errors        DataError → 400; IntegrityError (a race with a deletion),
                            OperationalError and InterfaceError → 503

Anything else is a defect: 500, logged with its request id, and nothing of it shown.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions as drf
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, set_rollback

from config.json_body import BodyTooLarge
from config.request_id import current_request_id

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"


class ProblemType(Enum):
    """Slug, HTTP status, title, and what it means to the caller."""

    MALFORMED_BODY = (
        "malformed-body",
        400,
        "The body cannot be read",
        "It is not strict UTF-8 JSON. Nothing was applied; correct it before sending again.",
    )
    INVALID_INPUT = (
        "invalid-input",
        400,
        "The request is not valid",
        "Each entry of `errors` names a field and the reason. Nothing was applied.",
    )
    NOT_AUTHENTICATED = (
        "not-authenticated",
        401,
        "Sign in first",
        "The access token is missing, expired or revoked. Refresh it, or sign in, and send again.",
    )
    PERMISSION_DENIED = (
        "permission-denied",
        403,
        "Not allowed",
        "The signed-in person's role does not allow this.",
    )
    NOT_FOUND = (
        "not-found",
        404,
        "Not found",
        "There is no such thing, or it is outside what the signed-in person may see.",
    )
    METHOD_NOT_ALLOWED = (
        "method-not-allowed",
        405,
        "Method not allowed",
        "The `Allow` header lists what this address takes.",
    )
    NOT_ACCEPTABLE = (
        "not-acceptable",
        406,
        "Not acceptable",
        "The API answers in application/json.",
    )
    BODY_TOO_LARGE = (
        "body-too-large",
        413,
        "The body is too large",
        "Send it in smaller parts.",
    )
    UNSUPPORTED_MEDIA_TYPE = (
        "unsupported-media-type",
        415,
        "Unsupported media type",
        "Send application/json.",
    )
    CONTENT_CONFLICT = (
        "content-conflict",
        422,
        "The id was used for other content",
        "An id stands for one content for ever. What was recorded first stands; this was refused.",
    )
    RATE_LIMITED = (
        "rate-limited",
        429,
        "Too many requests",
        "Nothing was applied. Send the same again after `Retry-After`.",
    )
    INTERNAL_ERROR = (
        "internal-error",
        500,
        "Internal error",
        "A defect of the server, logged under `request_id`. Nothing was half-applied.",
    )
    UNAVAILABLE = (
        "unavailable",
        503,
        "Temporarily unavailable",
        "Something the server needs does not answer. Send the same again after `Retry-After`.",
    )
    NOT_COMPUTED = (
        "not-computed",
        503,
        "Nothing is computed yet",
        "No refresh has finished since the views were built. Ask again after `Retry-After`.",
    )

    def __init__(self, slug: str, status: int, title: str, meaning: str) -> None:
        self.slug = slug
        self.status = status
        self.title = title
        self.meaning = meaning

    @property
    def uri(self) -> str:
        return f"/api/problems/#{self.slug}"


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with the input: the dotted path of the field, and why."""

    field: str
    reason: str


class ProblemError(Exception):
    """An error that the caller is told about."""

    def __init__(
        self,
        problem_type: ProblemType,
        detail: str,
        *,
        errors: Iterable[FieldError] = (),
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.problem_type = problem_type
        self.detail = detail
        self.errors = tuple(errors)
        self.retry_after_seconds = retry_after_seconds


class InvalidInput(ProblemError):
    """400 that names every wrong field."""

    def __init__(self, errors: Iterable[FieldError]) -> None:
        listed = tuple(errors)
        detail = "; ".join(f"{error.field}: {error.reason}" for error in listed)
        super().__init__(ProblemType.INVALID_INPUT, detail, errors=listed)


class Unavailable(ProblemError):
    """503: the same request may succeed later."""

    def __init__(self, detail: str, *, retry_after_seconds: int = 5) -> None:
        super().__init__(ProblemType.UNAVAILABLE, detail, retry_after_seconds=retry_after_seconds)


def problem_body(error: ProblemError, instance: str) -> dict[str, Any]:
    """The members of the problem document; `instance` is the path that was asked for."""
    body: dict[str, Any] = {
        "type": error.problem_type.uri,
        "title": error.problem_type.title,
        "status": error.problem_type.status,
        "detail": error.detail,
        "instance": instance,
        "request_id": current_request_id(),
    }
    if error.errors:
        body["errors"] = [asdict(field_error) for field_error in error.errors]
    return body


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> Response:
    """What Django REST framework calls for every exception of a view."""
    set_rollback()
    error = as_problem(exc)
    if error.problem_type is ProblemType.INTERNAL_ERROR:
        logger.error("unhandled exception", exc_info=exc)
    elif error.problem_type.status >= 500:
        logger.warning("%s: %s", error.problem_type.slug, exc)
    response = Response(
        problem_body(error, context["request"].path),
        status=error.problem_type.status,
        content_type=CONTENT_TYPE,
    )
    if error.retry_after_seconds is not None:
        response["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(exc, drf.APIException) and getattr(exc, "auth_header", None):
        response["WWW-Authenticate"] = exc.auth_header  # type: ignore[attr-defined]
    if isinstance(exc, drf.MethodNotAllowed):
        response["Allow"] = ", ".join(context["view"].allowed_methods)
    # Django would log it a second time, after the request id is gone.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


_DRF_TYPES: tuple[tuple[type[Exception], ProblemType], ...] = (
    (drf.NotAuthenticated, ProblemType.NOT_AUTHENTICATED),
    (drf.AuthenticationFailed, ProblemType.NOT_AUTHENTICATED),
    (drf.PermissionDenied, ProblemType.PERMISSION_DENIED),
    (PermissionDenied, ProblemType.PERMISSION_DENIED),
    (drf.NotFound, ProblemType.NOT_FOUND),
    (Http404, ProblemType.NOT_FOUND),
    (BodyTooLarge, ProblemType.BODY_TOO_LARGE),
    (drf.MethodNotAllowed, ProblemType.METHOD_NOT_ALLOWED),
    (drf.NotAcceptable, ProblemType.NOT_ACCEPTABLE),
    (drf.UnsupportedMediaType, ProblemType.UNSUPPORTED_MEDIA_TYPE),
    (drf.Throttled, ProblemType.RATE_LIMITED),
    (drf.ParseError, ProblemType.MALFORMED_BODY),
)


def as_problem(exc: Exception) -> ProblemError:
    """Any exception as the problem that the caller is told."""
    if isinstance(exc, ProblemError):
        return exc
    if isinstance(exc, drf.ValidationError):
        return InvalidInput(_flatten(exc.detail))
    if isinstance(exc, DataError):
        return ProblemError(ProblemType.INVALID_INPUT, "A value does not fit where it is kept.")
    if isinstance(exc, OperationalError | InterfaceError):
        return Unavailable("The database does not answer, or not in time.")
    if isinstance(exc, IntegrityError):
        return Unavailable("Something this request is about was changed or removed meanwhile.")
    return _framework_problem(exc) or ProblemError(
        ProblemType.INTERNAL_ERROR, ProblemType.INTERNAL_ERROR.meaning
    )


def _framework_problem(exc: Exception) -> ProblemError | None:
    for exception_class, problem_type in _DRF_TYPES:
        if isinstance(exc, exception_class):
            wait = getattr(exc, "wait", None)
            return ProblemError(
                problem_type,
                _detail_of(exc) or problem_type.meaning,
                retry_after_seconds=None if wait is None else max(int(wait), 1),
            )
    return None


def _detail_of(exc: Exception) -> str:
    detail = getattr(exc, "detail", "")
    if isinstance(detail, Mapping):
        detail = detail.get("detail", "")
    return str(detail)


def _flatten(detail: Any, path: str = "") -> Iterable[FieldError]:
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            name = "" if key == "non_field_errors" else str(key)
            yield from _flatten(value, ".".join(part for part in (path, name) if part))
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            nested = isinstance(value, Mapping | list)
            yield from _flatten(value, f"{path}.{index}" if nested and path else path)
    else:
        yield FieldError(path or "body", str(detail))


# --- Errors that happen before or outside a view of the API ----------------------------------


def problem_response(request: HttpRequest, error: ProblemError) -> HttpResponse:
    """The answer of a view that is not Django REST framework's."""
    response = JsonResponse(
        problem_body(error, request.path),
        status=error.problem_type.status,
        content_type=CONTENT_TYPE,
    )
    if error.retry_after_seconds is not None:
        response["Retry-After"] = str(error.retry_after_seconds)
    return response


def _outside_a_view(request: HttpRequest, problem_type: ProblemType) -> HttpResponse:
    return problem_response(request, ProblemError(problem_type, problem_type.meaning))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _outside_a_view(request, ProblemType.INVALID_INPUT)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _outside_a_view(request, ProblemType.PERMISSION_DENIED)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _outside_a_view(request, ProblemType.NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    return _outside_a_view(request, ProblemType.INTERNAL_ERROR)


class ProblemListView(APIView):
    """What every `type` of a problem means."""

    authentication_classes: list[type[BaseAuthentication]] = []
    permission_classes: list[type[BasePermission]] = [AllowAny]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(
            {
                problem_type.slug: {
                    "type": problem_type.uri,
                    "status": problem_type.status,
                    "title": problem_type.title,
                    "meaning": problem_type.meaning,
                }
                for problem_type in ProblemType
            }
        )
