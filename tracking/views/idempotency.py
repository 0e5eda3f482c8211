"""The `Idempotency-Key` header: the same request sent again has no second effect."""

from uuid import UUID

from django.http import HttpRequest
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from config.problems import FieldError, InvalidInput

IDEMPOTENCY_KEY = OpenApiParameter(
    name="Idempotency-Key",
    type=OpenApiTypes.UUID,
    location=OpenApiParameter.HEADER,
    description="A UUID made before the first try; a retry sends the same.",
)


def idempotency_key(request: Request | HttpRequest) -> UUID | None:
    """The key, if one was sent. Raises `InvalidInput` for one that is not a UUID."""
    given = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if given is None:
        return None
    try:
        return UUID(given)
    except ValueError:
        raise InvalidInput([FieldError("Idempotency-Key", "must be a UUID")]) from None
