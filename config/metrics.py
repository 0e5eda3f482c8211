"""`/metrics`, for a monitoring system that holds the token."""

import hmac

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from prometheus_client.exposition import choose_encoder

from analytics.metrics import registry
from config.problems import ProblemError, ProblemType, problem_response


def metrics(request: HttpRequest) -> HttpResponse:
    """All metrics as text; 401 without the token, 404 where there is none to hold.

    The embedded demo, which listens on loopback only, asks for none.
    """
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        expected = f"Bearer {settings.METRICS_TOKEN}"
        if not hmac.compare_digest(given.encode(), expected.encode()):
            return _unauthenticated(request)
    elif not settings.EMBEDDED:
        raise Http404
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(
        encode(registry()), content_type=content_type, headers={"Cache-Control": "no-store"}
    )


def _unauthenticated(request: HttpRequest) -> HttpResponse:
    problem = ProblemError(
        ProblemType.NOT_AUTHENTICATED, "Send `Authorization: Bearer` with the METRICS_TOKEN."
    )
    response = problem_response(request, problem)
    response["WWW-Authenticate"] = "Bearer"
    return response
