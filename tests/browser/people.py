"""Teams, each for one test, and a course for all of them, made once for the running stack.

`manage.py shell` runs `populate` on the stack's database; the tests read what it prints.
"""

import json
from dataclasses import dataclass
from typing import Any, Self

from django.contrib.auth.hashers import make_password

from tests.factories import make_module, make_team, make_user
from tests.flows.running_stack import Stack
from tracking.models import Module, User
from tracking.tokens import access_token_for

TEAMS = 30
PASSWORD = "correct horse battery"
COMMAND = "from tests.browser.people import populate; print(populate())"
# One of the demo's films, and its length.
FILM, FILM_SECONDS = "/static/demo/passwords.webm", 312


@dataclass(frozen=True)
class Person:
    id: int
    username: str
    full_name: str
    password_hash: str

    @property
    def access_token(self) -> str:
        """A token as a sign-in gives it."""
        return access_token_for(User(pk=self.id, password=self.password_hash))


@dataclass(frozen=True)
class Team:
    """One manager, who sees one learner."""

    id: int
    manager: Person
    learner: Person


@dataclass(frozen=True)
class Course:
    module_id: int
    title: str
    resource_ids: tuple[int, ...]


@dataclass
class People:
    """Whom the tests are about."""

    _teams: list[Team]
    # One video, and neither quiz nor assignment.
    film: Course
    # Two texts.
    reader: Course

    @classmethod
    def on(cls, stack: Stack) -> Self:
        made = json.loads(stack.manage("shell", "--verbosity=0", "--command", COMMAND))
        return cls(
            _teams=[
                Team(team["id"], Person(**team["manager"]), Person(**team["learner"]))
                for team in made["teams"]
            ],
            film=_course(made["film"]),
            reader=_course(made["reader"]),
        )

    def team(self) -> Team:
        """Return one that no test has had yet."""
        assert self._teams, f"make more than {TEAMS} teams"
        return self._teams.pop()


def populate() -> str:
    """Add the people and the courses; return them as JSON."""
    password_hash = make_password(PASSWORD)
    teams = []
    for number in range(TEAMS):
        team = make_team(f"Browser team {number}")
        people = {
            role: make_user(
                role,
                username=f"{role}-of-{number}",
                first_name=role.title(),
                last_name=f"No {number}",
                team=team,
                password=password_hash,
            )
            for role in ("manager", "learner")
        }
        teams.append({"id": team.pk} | {role: _who(one) for role, one in people.items()})
    film = make_module(title="A film", duration_seconds=FILM_SECONDS)
    film.resources.update(url=FILM)
    reader = make_module(title="A reader", resources=2, duration_seconds=None)
    reader.resources.update(kind="document")
    return json.dumps({"teams": teams, "film": _description(film), "reader": _description(reader)})


def _who(person: User) -> dict[str, Any]:
    return {
        "id": person.pk,
        "username": person.username,
        "full_name": person.get_full_name(),
        "password_hash": person.password,
    }


def _description(module: Module) -> dict[str, Any]:
    return {
        "module_id": module.pk,
        "title": module.title,
        "resource_ids": list(module.resources.values_list("pk", flat=True)),
    }


def _course(made: dict[str, Any]) -> Course:
    return Course(made["module_id"], made["title"], tuple(made["resource_ids"]))
