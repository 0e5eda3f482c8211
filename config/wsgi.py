"""The WSGI application that the web processes serve."""

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponseBase
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class Application(WSGIHandler):
    """Django's handler, which fails on a Content-Type it cannot read before any code of ours.

    Such a header names no type that is supported, and that is what the API answers: 415.
    """

    def __call__(self, environ: dict[str, Any], start_response: Any) -> HttpResponseBase:
        try:
            parse_header_parameters(environ.get("CONTENT_TYPE", ""))
        except (ValueError, LookupError):
            environ["CONTENT_TYPE"] = "unreadable"
        return super().__call__(environ, start_response)


django.setup(set_prefix=False)

application = Application()
