"""Who gets what: every address of the API for everybody, also about what is not theirs.

Each operation has a line for what exists and is in reach of the team's manager; where its address
or its parameters name something, it has further lines for what is foreign, hidden or not there. An
operation without its lines fails.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest
from django.core.management import call_command
from django.db import connection
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from config.problems import ProblemType
from tests.config.test_openapi import ABOUT, api_routes
from tests.factories import (
    ZERO,
    client_of,
    make_learner,
    make_module,
    make_team,
    make_user,
)
from tracking.assignments import submit
from tracking.models import User

MANAGER = "/api/analytics/manager"
MODULE = "/api/modules/{module}"
PULSE = f"{MODULE}/resources/{{resource}}/complete/"
NOBODY = 10**17


class Expected(NamedTuple):
    """The status for each of them; `foreign` manages another team."""

    anonymous: int
    learner: int
    manager: int
    foreign: int
    admin: int


SIGNED_IN = Expected(401, 200, 200, 200, 200)
MAKES = Expected(401, 201, 201, 201, 201)
MISSING = Expected(401, 404, 404, 404, 404)
MANAGERS = Expected(401, 403, 200, 200, 200)
OF_THE_TEAM = Expected(401, 403, 200, 404, 200)
OF_ANOTHER_TEAM = Expected(401, 403, 404, 200, 200)
OF_NO_ONE = Expected(401, 403, 404, 404, 404)


@dataclass(frozen=True)
class Line:
    """A request, with the names of what is in the world, and what it gets. `about` tells apart."""

    method: str
    address: str
    expected: Expected
    about: str = ""
    body: Callable[["World"], Any] | None = None

    @property
    def template(self) -> str:
        """The address as the routes have it."""
        return re.sub(r"\{(?:foreign|hidden|other|no)_(\w+)\}", r"{\1}", self.address.split("?")[0])


class World:
    """Two teams with a manager each; a submission, a visible and a hidden module in each."""

    def __init__(self) -> None:
        team, other_team = make_team("Ours"), make_team("Theirs")
        learner, foreign_learner = make_learner(team), make_learner(other_team)
        module = make_module(questions=1, has_assignment=True)
        other = make_module(questions=1, has_assignment=True)
        hidden = make_module(questions=1, has_assignment=True, is_published=False)
        self.people: dict[str, User | None] = {
            "anonymous": None,
            "learner": learner,
            "manager": make_user("manager", team=team),
            "foreign": make_user("manager", team=other_team),
            "admin": make_user("admin", team=other_team),
        }
        self.names = {
            "team": team.pk,
            "foreign_team": other_team.pk,
            "no_team": NOBODY,
            "learner": learner.pk,
            "foreign_learner": foreign_learner.pk,
            "no_learner": NOBODY,
            "module": module.pk,
            "hidden_module": hidden.pk,
            "no_module": NOBODY,
            "resource": module.resources.get().pk,
            "hidden_resource": hidden.resources.get().pk,
            "other_resource": other.resources.get().pk,
            "no_resource": NOBODY,
            "submission": self.handed_in(learner, module),
            "foreign_submission": self.handed_in(foreign_learner, module),
            "no_submission": NOBODY,
        }

    @staticmethod
    def handed_in(learner: User, module: Any) -> int:
        outcome = submit(learner=learner, module=module, text="done", url="", received_at=ZERO)
        return outcome.submission.pk


def assignment_of(learner: str, module: str = "module") -> Callable[[World], Any]:
    return lambda world: {"module": world.names[module], "learners": [world.names[learner]]}


def pulses_of(module: str, resource: str) -> Callable[[World], Any]:
    return lambda world: {
        "pulses": [
            {
                "module": world.names[module],
                "resource": world.names[resource],
                "duration_delta": 1,
            }
        ]
    }


def body(**members: Any) -> Callable[[World], Any]:
    return lambda world: members


def of_a_learner(address: str) -> Iterator[Line]:
    """Figures of one learner: of the team, of another one, of nobody."""
    yield Line("GET", f"{MANAGER}/{{learner}}/{address}", OF_THE_TEAM)
    yield Line("GET", f"{MANAGER}/{{foreign_learner}}/{address}", OF_ANOTHER_TEAM)
    yield Line("GET", f"{MANAGER}/{{no_learner}}/{address}", OF_NO_ONE)


def of_teams(address: str) -> Iterator[Line]:
    """Figures of all in scope, or of one team."""
    yield Line("GET", f"{MANAGER}/{address}", MANAGERS)
    yield Line("GET", f"{MANAGER}/{address}?team={{team}}", OF_THE_TEAM)
    yield Line("GET", f"{MANAGER}/{address}?team={{foreign_team}}", OF_ANOTHER_TEAM)
    yield Line("GET", f"{MANAGER}/{address}?team={{no_team}}", OF_NO_ONE)


def of_a_module(
    method: str, address: str, expected: Expected, sent: Callable[[World], Any] | None = None
) -> Iterator[Line]:
    yield Line(method, f"{MODULE}/{address}", expected, body=sent)
    yield Line(method, f"/api/modules/{{hidden_module}}/{address}", MISSING, body=sent)
    yield Line(method, f"/api/modules/{{no_module}}/{address}", MISSING, body=sent)


def of_a_submission(
    method: str, address: str, sent: Callable[[World], Any] | None = None
) -> Iterator[Line]:
    path = "/api/manager/submissions"
    yield Line(method, f"{path}/{{submission}}/{address}", OF_THE_TEAM, body=sent)
    yield Line(method, f"{path}/{{foreign_submission}}/{address}", OF_ANOTHER_TEAM, body=sent)
    yield Line(method, f"{path}/{{no_submission}}/{address}", OF_NO_ONE, body=sent)


WRONG = Expected(401, 401, 401, 401, 401)
GONE = Expected(204, 204, 204, 204, 204)
PULSE_BODY = body(duration_delta=1)

MATRIX = [
    Line("POST", "/api/auth/token/", WRONG, body=body(username="nobody", password="wrong")),
    Line("POST", "/api/auth/token/refresh/", WRONG, body=body(refresh="not.a.token")),
    Line("POST", "/api/auth/logout/", GONE, body=body(refresh="not.a.token")),
    Line("GET", "/api/me/", SIGNED_IN),
    Line("GET", "/api/modules/", SIGNED_IN),
    *of_a_module("GET", "", SIGNED_IN),
    *of_a_module("GET", "quiz/", SIGNED_IN),
    *of_a_module("POST", "quiz/attempts/", MAKES, body(answers={})),
    *of_a_module("POST", "assignment/submissions/", MAKES, body(text="done")),
    Line("POST", PULSE, SIGNED_IN, body=PULSE_BODY),
    Line("POST", f"{MODULE}/resources/{{other_resource}}/complete/", MISSING, body=PULSE_BODY),
    Line("POST", f"{MODULE}/resources/{{no_resource}}/complete/", MISSING, body=PULSE_BODY),
    Line(
        "POST",
        "/api/modules/{hidden_module}/resources/{hidden_resource}/complete/",
        MISSING,
        body=PULSE_BODY,
    ),
    Line("POST", "/api/tracking/pulses/", SIGNED_IN, body=pulses_of("module", "resource")),
    *of_teams("team-summary/"),
    *of_teams("breakdown/"),
    *of_teams("trends/"),
    *of_teams("learners/"),
    *of_teams("learners.csv"),
    *of_teams("anomalies/"),
    Line("GET", f"{MANAGER}/teams/", MANAGERS),
    Line("GET", f"{MANAGER}/audit/", MANAGERS),
    Line("GET", f"{MANAGER}/audit/?learner={{foreign_learner}}", MANAGERS),
    Line("POST", f"{MANAGER}/refresh/", Expected(401, 403, 202, 202, 202), body=body()),
    *of_a_learner("details/"),
    *of_a_learner("details.csv"),
    *of_a_learner("risk/"),
    Line(
        "POST",
        "/api/manager/assignments/",
        OF_THE_TEAM._replace(manager=201, admin=201),
        body=assignment_of("learner"),
    ),
    Line(
        "POST",
        "/api/manager/assignments/",
        OF_ANOTHER_TEAM._replace(foreign=201, admin=201),
        "of another team",
        body=assignment_of("foreign_learner"),
    ),
    Line(
        "POST",
        "/api/manager/assignments/",
        OF_NO_ONE,
        "of nobody",
        body=assignment_of("no_learner"),
    ),
    Line(
        "POST",
        "/api/manager/assignments/",
        OF_NO_ONE,
        "of a hidden module",
        body=assignment_of("learner", "hidden_module"),
    ),
    *of_a_submission("GET", ""),
    *of_a_submission("POST", "grade/", body(grade=50)),
]


def operations() -> set[tuple[str, str]]:
    """Method and address of everything that the API does."""
    return {
        (method.upper(), path)
        for path, view in api_routes()
        if path not in ABOUT
        for method in view.http_method_names
        if hasattr(view, method) and method not in {"options", "head"}
    }


def ask(client: APIClient, line: Line, world: World) -> Any:
    sent = line.body(world) if line.body else None
    path = line.address.format(**world.names)
    if line.method == "GET":
        return client.get(path)
    return client.generic(line.method, path, json.dumps(sent), "application/json")


def finish(response: Any) -> None:
    """Read to its end what is streamed: only then is it known to have worked."""
    if response.streaming:
        assert b"".join(response.streaming_content)
    response.close()


@pytest.fixture
def world(committed: None) -> World:
    world = World()
    call_command("refresh", verbosity=0)
    return world


def test_every_operation_has_its_line() -> None:
    assert {(line.method, line.template) for line in MATRIX} == operations()


def test_every_operation_that_names_something_has_a_line_for_what_is_out_of_reach() -> None:
    out_of_reach = {(line.method, line.template) for line in MATRIX if 404 in {*line.expected}}

    assert {(method, path) for method, path in operations() if "{" in path} - out_of_reach == set()


def test_everybody_gets_what_is_theirs_and_nothing_else(world: World) -> None:
    clients = {
        name: client_of(person) if person else APIClient() for name, person in world.people.items()
    }
    wrong = []
    for line in MATRIX:
        for name, client in clients.items():
            response = ask(client, line, world)
            expected = getattr(line.expected, name)
            if response.status_code != expected:
                wrong.append((line.method, line.address, line.about, name, response.status_code))
            elif expected >= 400:
                assert_says_nothing(response, world)
            finish(response)

    assert wrong == []


def assert_says_nothing(response: Any, world: World) -> None:
    """A refusal is a problem, and names nobody whom it refuses to show."""
    problem = response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert problem["type"] in {
        ProblemType.NOT_AUTHENTICATED.uri,
        ProblemType.PERMISSION_DENIED.uri,
        ProblemType.NOT_FOUND.uri,
    }
    text = response.content.decode()
    assert not [name for name in User.objects.values_list("username", flat=True) if name in text]


def test_what_is_foreign_looks_like_what_is_not_there(world: World) -> None:
    """Whoever tries ids cannot tell which ones exist."""
    manager = world.people["manager"]
    assert manager is not None
    client = client_of(manager)
    foreign = [
        line for line in MATRIX if "{foreign_" in line.address and line.expected.manager == 404
    ]

    assert foreign
    for line in foreign:
        nobody = Line(
            line.method, line.address.replace("{foreign_", "{no_"), line.expected, body=line.body
        )
        assert said(ask(client, line, world)) == said(ask(client, nobody, world))


def said(response: Any) -> Any:
    """The problem, without the ids that were in the request."""
    problem = response.json()
    for member in ("instance", "request_id"):
        del problem[member]
    problem["detail"] = re.sub(r"\d+", "N", problem["detail"])
    return problem


@pytest.mark.django_db
@pytest.mark.parametrize("path", sorted(ABOUT | {"/healthz"}))
def test_what_is_about_the_api_is_open(path: str) -> None:
    assert APIClient().get(path).status_code == 200


# --- What somebody types into the address bar ------------------------------------------------

HOSTILE = [
    "'",
    '"',
    "';drop table tracking_user;--",
    "1' or '1'='1",
    "1 or 1=1",
    "1) or (1=1",
    "username);select pg_sleep(9)--",
    "-(select password from tracking_user)",
    "password",
    "team__managers__password",
    "\\",
    "%",
    "_%_",
    "%s",
    "%(team_ids)s",
    "{0}",
    "$1",
    "\x00",
    "\ud83d\ude00",
    "\u202e",
    "999999999999999999999999999999",
    "-1",
    "1e309",
    "NaN",
    "null",
    "a" * 5_000,
]


def parameters() -> list[tuple[str, str]]:
    """Address and name of every parameter that is in a query."""
    schema: Any = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return [
        (path, parameter["name"])
        for path, operations in schema["paths"].items()
        for parameter in operations.get("get", {}).get("parameters", [])
        if parameter["in"] == "query"
    ]


def test_no_parameter_lets_anything_through_to_the_database(world: World) -> None:
    admin = world.people["admin"]
    assert admin is not None
    client = client_of(admin)
    before = tables()
    wrong = []
    for path, name in parameters():
        for value in HOSTILE:
            response = client.get(
                path.format(**world.names), {name: value.encode("utf-8", "surrogatepass")}
            )
            if response.status_code not in {200, 400, 404}:
                wrong.append((path, name, value, response.status_code))
            finish(response)

    assert len(parameters()) > 20
    assert wrong == []
    assert tables() == before


def tables() -> set[str]:
    return set(connection.introspection.table_names())
