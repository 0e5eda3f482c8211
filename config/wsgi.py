"""The WSGI application that the web processes serve."""

import os
from io import BytesIO
from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponseBase
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class Application(WSGIHandler):
    """Django's handler, for two kinds of request that it would misread before any code of ours."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> HttpResponseBase:
        _name_unreadable_content_type(environ)
        _measure_chunked_body(environ)
        return super().__call__(environ, start_response)


def _name_unreadable_content_type(environ: dict[str, Any]) -> None:
    """Django fails on such a header; it names no type that is supported, which is 415."""
    try:
        parse_header_parameters(environ.get("CONTENT_TYPE", ""))
    except (ValueError, LookupError):
        environ["CONTENT_TYPE"] = "unreadable"


def _measure_chunked_body(environ: dict[str, Any]) -> None:
    """Django takes a body without a length for an empty one.

    One byte more than is accepted anywhere is enough to have it refused as too large.
    """
    is_chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
    if is_chunked and not environ.get("CONTENT_LENGTH"):
        limit = max(settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0, settings.MAX_BODY_BYTES)
        body = environ["wsgi.input"].read(limit + 1)
        environ["wsgi.input"] = BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))


django.setup(set_prefix=False)

application = Application()
