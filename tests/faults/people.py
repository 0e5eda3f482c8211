"""Learners and content for all fault tests, made once: each Django process takes a second.

`manage.py shell` runs `populate` on the server's database; the tests read what it prints.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from django.contrib.auth.hashers import make_password

from tests.factories import make_learner, make_module
from tests.faults.history import Place
from tests.faults.server import Server
from tracking.models import Module, User
from tracking.tokens import access_token_for

LEARNERS = 300
PASSWORD = "correct horse battery"
COMMAND = "from tests.faults.people import populate; print(populate())"


@dataclass(frozen=True)
class Learner:
    """Somebody who has an account and has never sent anything."""

    id: int
    username: str
    password_hash: str

    @property
    def access_token(self) -> str:
        """A token as a sign-in gives it, without the time that hashing a password takes."""
        return access_token_for(User(pk=self.id, password=self.password_hash))


@dataclass(frozen=True)
class Course:
    """A module and its resources."""

    module_id: int
    places: tuple[Place, ...]
    right_answers: Mapping[str, int]


@dataclass
class People:
    """Learners, each for one test, and the courses for all of them."""

    _learners: list[Learner]
    # An hour of film, a text of no length, and a day of film; neither quiz nor assignment.
    course: Course
    other_course: Course
    # Two films, a quiz of two questions and an assignment.
    exam: Course
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def on(cls, server: Server) -> Self:
        """Make them on that server."""
        made = json.loads(server.manage("shell", "--verbosity=0", "--command", COMMAND))
        return cls(
            _learners=[Learner(**learner) for learner in made["learners"]],
            course=_course(made["course"]),
            other_course=_course(made["other_course"]),
            exam=_course(made["exam"]),
        )

    def learner(self) -> Learner:
        """Return one whom no test has had yet."""
        with self._lock:
            assert self._learners, f"make more than {LEARNERS} learners"
            return self._learners.pop()


def populate() -> str:
    """Fill an empty database; return what was made, as JSON."""
    password_hash = make_password(PASSWORD)
    learners = [
        make_learner(username=f"fault-{number}", password=password_hash)
        for number in range(LEARNERS)
    ]
    course = make_module(resources=3)
    for resource, duration in zip(course.resources.all(), (3600, None, 86_400), strict=True):
        resource.duration_seconds = duration
        resource.save()
    made = {
        "course": course,
        "other_course": make_module(duration_seconds=None),
        "exam": make_module(resources=2, questions=2, has_assignment=True),
    }
    return json.dumps(
        {name: _description(module) for name, module in made.items()}
        | {
            "learners": [
                {"id": one.pk, "username": one.username, "password_hash": one.password}
                for one in learners
            ]
        }
    )


def _description(module: Module) -> dict[str, Any]:
    questions = module.quiz.questions.all() if module.has_quiz else []
    return {
        "module_id": module.pk,
        "resources": list(module.resources.values_list("id", "duration_seconds")),
        "right_answers": {
            str(question.pk): question.choices.get(is_correct=True).pk for question in questions
        },
    }


def _course(made: dict[str, Any]) -> Course:
    return Course(
        module_id=made["module_id"],
        places=tuple(
            Place(made["module_id"], resource_id, duration_seconds)
            for resource_id, duration_seconds in made["resources"]
        ),
        right_answers=made["right_answers"],
    )
