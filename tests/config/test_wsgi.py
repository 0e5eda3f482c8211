"""The outermost layer: nothing a client sends gets past it as a crash, or gets lost in it."""

import json
from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from config.wsgi import application

SIGN_IN = json.dumps({"username": "nobody", "password": "wrong"}).encode()


def answer_to(body: bytes, **environ: str) -> str:
    """The status line of a sign-in with the given body and WSGI variables."""
    request: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/api/auth/token/",
        "CONTENT_TYPE": "application/json",
        "HTTP_HOST": "localhost",
        "wsgi.input": BytesIO(body),
        **environ,
    }
    setup_testing_defaults(request)
    statuses: list[str] = []
    application(request, lambda status, headers: statuses.append(status))
    (status,) = statuses
    return status


@pytest.mark.parametrize("content_type", ["application/json; x*=bogus''a", "text/plain; a*=b'c'd"])
@pytest.mark.django_db
def test_a_content_type_that_cannot_be_read_is_not_supported(content_type: str) -> None:
    status = answer_to(SIGN_IN, CONTENT_TYPE=content_type, CONTENT_LENGTH=str(len(SIGN_IN)))

    assert status == "415 Unsupported Media Type"


@pytest.mark.usefixtures("committed")
def test_a_chunked_body_is_read() -> None:
    assert answer_to(SIGN_IN, HTTP_TRANSFER_ENCODING="chunked") == "401 Unauthorized"


@pytest.mark.django_db
def test_a_chunked_body_has_the_same_limit() -> None:
    body = b'"' + b"x" * 256 * 1024 + b'"'

    status = answer_to(body, HTTP_TRANSFER_ENCODING="chunked")

    assert status == "413 Request Entity Too Large"
