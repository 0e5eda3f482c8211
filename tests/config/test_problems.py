"""One shape for every error, wherever it comes from."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import DataError, InterfaceError, OperationalError, connection
from django.http import Http404
from django.test import Client
from rest_framework import exceptions as drf
from rest_framework.test import APIClient

from config.json_body import BodyTooLarge
from config.problems import (
    CONTENT_TYPE,
    FieldError,
    InvalidInput,
    ProblemError,
    ProblemType,
    Unavailable,
    as_problem,
)
from tests.factories import client_of, make_learner, make_module

MEMBERS = ["type", "title", "status", "detail", "instance", "request_id"]
TYPES = {problem_type.uri: problem_type for problem_type in ProblemType}


def problem_of(response: Any) -> dict[str, Any]:
    """The problem in a response, after a look at every member of its shape."""
    assert response["Content-Type"] == CONTENT_TYPE, (response.status_code, response.content[:300])
    body: dict[str, Any] = response.json()
    assert list(body) in (MEMBERS, [*MEMBERS, "errors"])
    problem_type = TYPES[body["type"]]
    assert (body["status"], body["title"]) == (problem_type.status, problem_type.title)
    assert response.status_code == problem_type.status
    assert isinstance(body["detail"], str)
    assert body["detail"]
    assert body["instance"] == response.wsgi_request.path
    assert body["request_id"] == response["X-Request-ID"]
    for error in body.get("errors", []):
        assert list(error) == ["field", "reason"]
        assert error["field"]
        assert error["reason"]
    return body


def type_of(response: Any) -> ProblemType:
    return TYPES[problem_of(response)["type"]]


@pytest.fixture
def raised_by_me(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], Any]:
    """Ask `GET /api/me/` of a server whose view raises the given exception."""

    def get(exc: Exception) -> Any:
        def raising(*args: Any) -> None:
            raise exc

        monkeypatch.setattr("tracking.views.catalogue.MeView.get", raising)
        return client_of(make_learner()).get("/api/me/")

    return get


@contextmanager
def database_down() -> Iterator[None]:
    """Nobody listens where the database was. For tests with `committed`: the connection is lost."""
    connection.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(connection.settings_dict, "HOST", "/nonexistent")
        yield
    connection.close()


RAISED: list[tuple[Exception, ProblemType]] = [
    (drf.ParseError(), ProblemType.MALFORMED_BODY),
    (drf.ValidationError({"a": ["no"]}), ProblemType.INVALID_INPUT),
    (InvalidInput([FieldError("a", "no")]), ProblemType.INVALID_INPUT),
    (DataError("out of range"), ProblemType.INVALID_INPUT),
    (drf.NotAuthenticated(), ProblemType.NOT_AUTHENTICATED),
    (drf.AuthenticationFailed(), ProblemType.NOT_AUTHENTICATED),
    (drf.PermissionDenied(), ProblemType.PERMISSION_DENIED),
    (PermissionDenied(), ProblemType.PERMISSION_DENIED),
    (drf.NotFound(), ProblemType.NOT_FOUND),
    (Http404(), ProblemType.NOT_FOUND),
    (drf.MethodNotAllowed("PUT"), ProblemType.METHOD_NOT_ALLOWED),
    (drf.NotAcceptable(), ProblemType.NOT_ACCEPTABLE),
    (BodyTooLarge(1), ProblemType.BODY_TOO_LARGE),
    (drf.UnsupportedMediaType("text/plain"), ProblemType.UNSUPPORTED_MEDIA_TYPE),
    (ProblemError(ProblemType.CONTENT_CONFLICT, "used"), ProblemType.CONTENT_CONFLICT),
    (drf.Throttled(wait=7), ProblemType.RATE_LIMITED),
    (RuntimeError("a defect"), ProblemType.INTERNAL_ERROR),
    (OperationalError("gone"), ProblemType.UNAVAILABLE),
    (InterfaceError("gone"), ProblemType.UNAVAILABLE),
    (Unavailable("busy"), ProblemType.UNAVAILABLE),
    (
        ProblemError(ProblemType.NOT_COMPUTED, "wait", retry_after_seconds=60),
        ProblemType.NOT_COMPUTED,
    ),
]


@pytest.mark.django_db
class TestOneShape:
    @pytest.mark.parametrize(
        ("exc", "expected"), RAISED, ids=[type(exc).__name__ for exc, _ in RAISED]
    )
    def test_every_exception_of_a_view_becomes_its_problem(
        self,
        raised_by_me: Callable[[Exception], Any],
        exc: Exception,
        expected: ProblemType,
    ) -> None:
        assert type_of(raised_by_me(exc)) is expected

    def test_the_table_above_reaches_every_type(self) -> None:
        assert {expected for _, expected in RAISED} == set(ProblemType)

    @pytest.mark.parametrize(
        ("exc", "seconds"),
        [(drf.Throttled(wait=7), "7"), (OperationalError("gone"), "5"), (Unavailable("busy"), "5")],
    )
    def test_what_may_pass_says_when_to_come_back(
        self, raised_by_me: Callable[[Exception], Any], exc: Exception, seconds: str
    ) -> None:
        assert raised_by_me(exc)["Retry-After"] == seconds

    def test_a_problem_says_no_retry_after_where_waiting_does_not_help(
        self, raised_by_me: Callable[[Exception], Any]
    ) -> None:
        assert "Retry-After" not in raised_by_me(drf.NotFound())

    def test_every_type_is_documented_where_its_uri_points(self) -> None:
        response = APIClient().get("/api/problems/")

        assert response.status_code == 200
        assert {entry["type"]: entry["status"] for entry in response.json().values()} == {
            problem_type.uri: problem_type.status for problem_type in ProblemType
        }

    def test_the_database_refuses_a_value_and_nothing_is_said_of_the_database(
        self, raised_by_me: Callable[[Exception], Any]
    ) -> None:
        body = problem_of(raised_by_me(DataError("invalid byte sequence for encoding")))

        assert body["detail"] == "A value does not fit where it is kept."

    @pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense"])
    def test_what_the_api_does_not_speak_is_406(self, accept: str) -> None:
        response = client_of(make_learner()).get("/api/me/", headers={"Accept": accept})

        assert type_of(response) is ProblemType.NOT_ACCEPTABLE

    def test_nested_reasons_of_a_serializer_carry_their_path(self) -> None:
        problem = as_problem(
            drf.ValidationError(
                {
                    "name": ["too long", "too odd"],
                    "rows": [{}, {"cell": ["empty"]}],
                    "non_field_errors": ["at odds"],
                }
            )
        )

        assert problem.errors == (
            FieldError("name", "too long"),
            FieldError("name", "too odd"),
            FieldError("rows.1.cell", "empty"),
            FieldError("body", "at odds"),
        )


@pytest.mark.django_db
class TestDefects:
    def test_a_defect_shows_nothing_of_itself(
        self, raised_by_me: Callable[[Exception], Any]
    ) -> None:
        response = raised_by_me(RuntimeError("the secret is 1234"))

        assert type_of(response) is ProblemType.INTERNAL_ERROR
        assert "secret" not in response.content.decode()
        assert "Traceback" not in response.content.decode()

    def test_a_defect_is_logged_once_with_the_request_id(
        self,
        raised_by_me: Callable[[Exception], Any],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        id_filter = next(one for handler in logging.getLogger().handlers for one in handler.filters)
        caplog.handler.addFilter(id_filter)

        response = raised_by_me(RuntimeError("the reason"))

        errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
        assert [getattr(record, "request_id", None) for record in errors] == [
            response["X-Request-ID"]
        ]
        assert errors[0].exc_info is not None
        assert str(errors[0].exc_info[1]) == "the reason"

    def test_a_defect_outside_the_api_has_the_same_shape(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def raising() -> None:
            raise RuntimeError("the secret is 1234")

        monkeypatch.setattr("config.health._unapplied_migrations", raising)

        response = Client(raise_request_exception=False).get("/readyz")

        assert type_of(response) is ProblemType.INTERNAL_ERROR
        assert "secret" not in response.content.decode()


@pytest.mark.usefixtures("committed")
class TestDatabaseDown:
    def test_a_write_is_told_to_come_back(self) -> None:
        learner, module = make_learner(), make_module()
        client = client_of(learner)
        path = f"/api/modules/{module.pk}/resources/{module.resources.get().pk}/complete/"

        with database_down():
            response = client.post(path, {"duration_delta": 15}, format="json")

        assert type_of(response) is ProblemType.UNAVAILABLE
        assert response["Retry-After"] == "5"

    def test_signing_in_is_told_to_come_back(self) -> None:
        with database_down():
            response = APIClient().post(
                "/api/auth/token/", {"username": "somebody", "password": "x"}, format="json"
            )

        assert type_of(response) is ProblemType.UNAVAILABLE
        assert "/nonexistent" not in response.content.decode()


@pytest.mark.django_db
class TestOutsideAnyView:
    @pytest.mark.parametrize(
        "path",
        [
            "/nowhere.txt",
            "/api/nowhere/",
            "/api/modules/abc/",
            "/api/modules/%00/",
            "/api/%ED%A0%80/",
        ],
    )
    def test_an_unknown_address_is_not_found(self, path: str) -> None:
        assert type_of(Client().get(path)) is ProblemType.NOT_FOUND

    def test_an_unknown_host_is_a_bad_request(self) -> None:
        response = Client().get("/api/me/", headers={"Host": "elsewhere.example"})

        assert type_of(response) is ProblemType.INVALID_INPUT
        assert settings.DEBUG is False


@pytest.mark.django_db
class TestRequestId:
    @pytest.mark.parametrize("given", ["12345678", "a" * 64, "01J9-x.y_z"])
    def test_a_well_formed_id_of_the_proxy_is_kept(self, given: str) -> None:
        response = Client().get("/api/nowhere/", headers={"X-Request-ID": given})

        assert problem_of(response)["request_id"] == given

    @pytest.mark.parametrize(
        "given", ["", "1234567", "a" * 65, "two words", "line\u2028break", "<script>", "12345678\n"]
    )
    def test_any_other_id_is_replaced(self, given: str) -> None:
        response = Client().get("/api/nowhere/", headers={"X-Request-ID": given})

        made = problem_of(response)["request_id"]
        assert made != given
        assert len(made) == 32

    def test_every_response_carries_its_id(self) -> None:
        client = Client()

        first, second = client.get("/healthz"), client.get("/healthz")

        assert first["X-Request-ID"] != second["X-Request-ID"]
