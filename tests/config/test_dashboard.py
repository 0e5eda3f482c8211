"""The dashboard's page and files: where they are, how long they are kept, what they may do."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from config import bundle
from config.embedded.addresses import CHECKOUT
from config.stack.errors import StackError
from config.stack.preflight import check_dashboard

# Besides "/", some that the page knows and some that nobody does.
PAGES = ["/", "/learners", "/learners/5", "/learners/5/", "/sign-in", "/no/such/page", "/apiary"]
NOT_PAGES = [
    "/api",
    "/api/",
    "/api/no-such-thing/",
    "/api/analytics/manager/no-such-thing/",
    "/static/dashboard/assets/index-AAAAAAAA.js",
    "/static/no-such-file",
    "/assets/index.js",
    "/favicon.ico",
    "/learners/5.json",
    "/.well-known/security.txt",
    "/healthz/",
    "/readyz/",
    "/metrics/",
]

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "media-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


@contextmanager
def answer_to(path: str, method: str = "GET", **headers: str) -> Iterator[Any]:
    """What a browser is told; files are closed at the end."""
    response = Client(enforce_csrf_checks=True).generic(method, path, headers=headers)
    try:
        yield response
    finally:
        response.close()


def policy_of(response: Any) -> dict[str, str]:
    directives = [entry.strip() for entry in response["Content-Security-Policy"].split(";")]
    return {name: sources for name, _, sources in (entry.partition(" ") for entry in directives)}


def files_of_the_page() -> list[str]:
    """The addresses of everything that the page loads."""
    return re.findall(r'(?:src|href)="([^"]+)"', bundle.PAGE.read_text(encoding="utf-8"))


class TestPage:
    @pytest.mark.parametrize("path", PAGES)
    def test_every_address_of_the_client_gets_the_page_and_asks_again_each_time(
        self, path: str
    ) -> None:
        with answer_to(path) as response:
            assert (response.status_code, response.content) == (200, bundle.PAGE.read_bytes())
            assert response["Content-Type"] == "text/html; charset=utf-8"
            assert response["Cache-Control"] == "no-cache"
            known = response["ETag"]

        with answer_to(path, **{"If-None-Match": known}) as response:
            assert (response.status_code, response.content) == (304, b"")
            assert response["Cache-Control"] == "no-cache"

    @pytest.mark.parametrize("path", NOT_PAGES)
    def test_nothing_of_the_server_and_no_file_gets_the_page(self, path: str) -> None:
        with answer_to(path, Accept="text/html") as response:
            assert response.status_code == 404
            assert response["Content-Type"] == "application/problem+json"

    def test_the_address_of_the_admin_without_a_slash_still_leads_there(self) -> None:
        with answer_to("/admin") as response:
            assert (response.status_code, response["Location"]) == (301, "/admin/")

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
    def test_a_page_can_only_be_read(self, method: str) -> None:
        with answer_to("/learners", method) as response:
            assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
            assert response["Content-Type"] == "application/problem+json"

    def test_a_head_request_has_the_same_headers(self) -> None:
        with answer_to("/") as got, answer_to("/", "HEAD") as told:
            assert (told.status_code, told.content) == (200, b"")
            for header in ("Content-Type", "Content-Length", "Cache-Control"):
                assert told[header] == got[header]


class TestFiles:
    @pytest.fixture(params=[True, False], ids=["found on demand", "listed at the start"])
    def served(self, request: pytest.FixtureRequest, settings: Any) -> None:
        settings.WHITENOISE_AUTOREFRESH = request.param

    @pytest.mark.usefixtures("served")
    def test_what_the_page_loads_is_there_and_kept_for_ever(self) -> None:
        paths = files_of_the_page()
        assert {path.rpartition(".")[2] for path in paths} >= {"js", "css"}
        for path in paths:
            with answer_to(path) as response:
                assert response.status_code == 200, path
                assert "text/html" not in response["Content-Type"]
                cached = response["Cache-Control"]
                assert cached == "max-age=315360000, public, immutable", path

    def test_every_file_that_never_changes_has_a_digest_in_its_name(self) -> None:
        for path in (bundle.DIRECTORY / "assets").iterdir():
            if path.suffix == ".gz":
                continue
            with answer_to(f"/static/dashboard/assets/{path.name}") as response:
                assert "immutable" in response["Cache-Control"], path.name

    @pytest.mark.usefixtures("served")
    def test_scripts_and_styles_come_compressed_to_whoever_takes_them_so(self) -> None:
        for path in files_of_the_page():
            if path.endswith((".js", ".css")):
                with answer_to(path, **{"Accept-Encoding": "gzip"}) as response:
                    assert response["Content-Encoding"] == "gzip"
                    assert response["Vary"] == "Accept-Encoding"

    def test_other_static_files_may_change(self) -> None:
        with answer_to("/static/admin/css/base.css") as response:
            assert response.status_code == 200
            assert "immutable" not in response["Cache-Control"]

    def test_collectstatic_gathers_them(self, settings: Any, tmp_path: Path) -> None:
        settings.STATIC_ROOT = tmp_path
        call_command("collectstatic", interactive=False, verbosity=0)

        for path in files_of_the_page():
            assert (tmp_path / path.removeprefix("/static/")).is_file()


class TestHeaders:
    @pytest.mark.parametrize(
        "path", ["/", "/learners", "/static/admin/css/base.css", "/healthz", "/api/nothing/"]
    )
    def test_every_answer_allows_as_little_as_it_can(self, path: str) -> None:
        with answer_to(path) as response:
            assert policy_of(response) == POLICY
            assert response["X-Content-Type-Options"] == "nosniff"
            assert response["Referrer-Policy"] == "same-origin"
            for feature in ("camera", "geolocation", "microphone", "payment"):
                assert f"{feature}=()" in response["Permissions-Policy"]

    def test_the_page_has_nothing_that_the_policy_forbids(self) -> None:
        page = bundle.PAGE.read_text(encoding="utf-8")

        assert re.findall(r"<script(?![^>]*\ssrc=)", page) == []
        assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:|https?://|<base", page) == []

    def test_only_the_page_that_tries_the_api_may_have_styles_of_its_own(self) -> None:
        with answer_to("/api/docs/") as response:
            assert policy_of(response) == {
                **POLICY,
                "style-src": "'self' 'unsafe-inline'",
                "img-src": "'self' data:",
            }
            assert re.findall(r"<script(?![^>]*\ssrc=)", response.content.decode()) == []

    def test_media_may_come_from_the_origins_that_are_named(self) -> None:
        show = "from config.settings import CONTENT_SECURITY_POLICY as policy;"
        show += 'print(*policy["DIRECTIVES"]["media-src"])'
        shown = subprocess.run(
            [sys.executable, "-c", show],
            cwd=CHECKOUT,
            env={**os.environ, "MEDIA_ORIGINS": "https://video.example,https://cdn.example"},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout

        assert shown == "'self' https://video.example https://cdn.example\n"


class TestMissing:
    @pytest.fixture(autouse=True)
    def no_page(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(bundle, "PAGE", tmp_path / "index.html")

    def test_a_browser_is_told_what_is_missing(self) -> None:
        with answer_to("/") as response:
            problem = response.json()

        assert (response.status_code, problem["type"]) == (503, "/api/problems/#unavailable")
        assert "there is no frontend/dashboard/dist/index.html" in problem["detail"]
        assert "make frontend" in problem["detail"]
        assert response["Retry-After"] == "5"

    def test_a_stack_does_not_start_without_it(self) -> None:
        with pytest.raises(StackError, match="make frontend"):
            check_dashboard()
