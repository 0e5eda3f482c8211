"""The refresh token in a cookie that no script reads: for browsers.

Another site cannot make a browser send it (SameSite), and another origin of the same site can send
no JSON without asking first, which nobody here allows. So what acts on the cookie asks for JSON,
also where the body is empty.
"""

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response

NAME = "pulseboard_refresh"
PATH = "/api/auth/"

COOKIE = OpenApiParameter(
    name=NAME,
    type=str,
    location=OpenApiParameter.COOKIE,
    description="The refresh token, where the body holds none.",
)


def give(response: Response, refresh: str) -> Response:
    """Have the browser keep the token for as long as it is good."""
    response.set_cookie(
        NAME,
        refresh,
        max_age=settings.REFRESH_TOKEN_LIFETIME,
        path=PATH,
        secure=settings.SECURE_TLS,
        httponly=True,
        samesite="Strict",
    )
    return response


def take(request: Request) -> str | None:
    """The token that the browser sent along. Raises `UnsupportedMediaType` if not with JSON."""
    token = request.COOKIES.get(NAME)
    if token is None:
        return None
    media_type = (request.content_type or "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaType(
            media_type, "With the cookie the request has to be declared as application/json."
        )
    return str(token)


def withdraw(response: Response) -> Response:
    """Have the browser forget the token."""
    response.delete_cookie(NAME, path=PATH, samesite="Strict")
    return response
