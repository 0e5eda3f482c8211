"""The outermost layer: nothing a client sends gets past it as a crash."""

from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from config.wsgi import application


@pytest.mark.parametrize("content_type", ["application/json; x*=bogus''a", "text/plain; a*=b'c'd"])
@pytest.mark.django_db
def test_a_content_type_that_cannot_be_read_is_not_supported(content_type: str) -> None:
    body = b'{"username": "x", "password": "x"}'
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/api/auth/token/",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "localhost",
        "wsgi.input": BytesIO(body),
    }
    setup_testing_defaults(environ)
    statuses: list[str] = []

    application(environ, lambda status, headers: statuses.append(status))

    assert statuses == ["415 Unsupported Media Type"]
