"""Middleware of pages that people look at: the API does without.

The API has no sessions, no forms and no static files, and all of this would be spent on each pulse.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponseBase, HttpResponseForbidden
from django.middleware.csrf import CsrfViewMiddleware
from whitenoise.middleware import WhiteNoiseMiddleware

API = "/api/"
# Its page is looked at by people.
API_PAGES = "/api/docs/"


def is_page(request: HttpRequest) -> bool:
    """Whether an address is one that people look at."""
    path = request.path_info
    return not path.startswith(API) or path.startswith(API_PAGES)


class ForPages:
    """Comes before a class of middleware, and has it left out for the API."""

    def __call__(self, request: HttpRequest) -> Any:
        if is_page(request):
            return super().__call__(request)  # type: ignore[misc]
        return self.get_response(request)  # type: ignore[attr-defined]


class ContentPolicy(ForPages, CSPMiddleware):
    """What an answer may load: the same for every one of the API, so it is put together once."""

    def __call__(self, request: HttpRequest) -> Any:
        response = super().__call__(request)
        if not is_page(request):
            response[HEADER] = self._policy
        return response

    @cached_property
    def _policy(self) -> str:
        return build_policy()


class StaticFiles(ForPages, WhiteNoiseMiddleware):  # type: ignore[misc]
    """Static files."""


class Sessions(ForPages, SessionMiddleware):
    """Sessions of the admin site."""


class Forms(ForPages, CsrfViewMiddleware):
    """Protection of forms against other sites."""

    def process_view(
        self,
        request: HttpRequest,
        callback: Callable[..., HttpResponseBase],
        callback_args: tuple[Any, ...],
        callback_kwargs: dict[str, Any],
    ) -> HttpResponseForbidden | None:
        if is_page(request):
            return super().process_view(request, callback, callback_args, callback_kwargs)
        return None


class SignedIn(ForPages, AuthenticationMiddleware):
    """`request.user` of a session."""


class Messages(ForPages, MessageMiddleware):
    """Messages of the admin site."""
