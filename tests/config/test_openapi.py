"""The schema of the API: complete, without a warning, and shown without the internet."""

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator

# What is about the API rather than of it.
ABOUT = {"/api/docs/", "/api/schema/", "/api/problems/"}


def api_routes() -> Iterator[tuple[str, Any]]:
    """The path template and the view class of every address under /api/."""
    for path, pattern in _patterns(get_resolver().url_patterns, "/"):
        if path.startswith("/api/"):
            yield (
                path,
                getattr(pattern.callback, "view_class", None)
                or getattr(pattern.callback, "cls", None),
            )


def _patterns(
    entries: list[URLPattern | URLResolver], prefix: str
) -> Iterator[tuple[str, URLPattern]]:
    for entry in entries:
        path = prefix + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(entry.pattern))
        if isinstance(entry, URLResolver):
            yield from _patterns(entry.url_patterns, path)
        else:
            yield path, entry


def test_the_schema_is_made_without_an_error_or_a_warning(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn")

    assert capsys.readouterr().err == ""


def test_every_address_of_the_api_is_in_the_schema() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]

    assert set(schema["paths"]) == {path for path, _ in api_routes()} - ABOUT


def test_every_operation_has_a_reply_with_a_body_or_says_that_there_is_none() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]

    silent = [
        (path, method)
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
        for status, reply in operation["responses"].items()
        if "content" not in reply and status != "204"
    ]
    assert silent == []


@pytest.mark.django_db
class TestSwaggerUI:
    def test_the_page_loads_from_nowhere_else(self) -> None:
        page = Client().get("/api/docs/").content.decode()

        assert "swagger-ui" in page
        assert re.findall(r"https?://[^\s\"'<>]+", page) == []
        assert re.findall(r"""(?:src|href)=["']//""", page) == []

    def test_everything_the_page_loads_is_there(self) -> None:
        page = Client().get("/api/docs/").content.decode()

        assets = re.findall(r"""(?:src|href)="(/[^"]+)\"""", page)
        assert assets
        assert {path: status_of(path) for path in assets} == dict.fromkeys(assets, 200)


def status_of(path: str) -> int:
    with closing(Client().get(path)) as response:
        return int(response.status_code)
