"""Short ways to make what tests are about. Every time is given or hangs on `ZERO`."""

import datetime as dt
from itertools import count
from typing import Any
from uuid import UUID

from rest_framework.test import APIClient

from tracking.models import (
    Assignment,
    Choice,
    LearningSession,
    Module,
    Question,
    Quiz,
    QuizAttempt,
    Resource,
    Team,
    User,
)
from tracking.pulses import PulseClaim, PulseOutcome, record_pulses
from tracking.tokens import access_token_for

ZERO = dt.datetime(2026, 2, 10, 12, 0, tzinfo=dt.UTC)

_numbers = count(1)


def make_team(name: str = "") -> Team:
    return Team.objects.create(name=name or f"Team {next(_numbers)}")


def make_user(role: str = "learner", **fields: Any) -> User:
    """Without a team, the default team, as the product does it."""
    fields.setdefault("username", f"{role}-{next(_numbers)}")
    return User.objects.create(role=role, **fields)


def make_learner(team: Team | None = None, **fields: Any) -> User:
    return make_user("learner", **({"team": team} if team else {}), **fields)


def make_module(
    *,
    resources: int = 1,
    duration_seconds: int | None = 100,
    questions: int = 0,
    has_assignment: bool = False,
    **fields: Any,
) -> Module:
    """A module with videos of the given length; a quiz when it has questions."""
    fields.setdefault("title", f"Module {next(_numbers)}")
    module = Module.objects.create(has_quiz=questions > 0, has_assignment=has_assignment, **fields)
    for position in range(resources):
        Resource.objects.create(
            module=module,
            title=f"Video {position + 1}",
            duration_seconds=duration_seconds,
            position=position,
        )
    if questions:
        quiz = Quiz.objects.create(module=module)
        for position in range(questions):
            question = Question.objects.create(quiz=quiz, text="Which?", position=position)
            Choice.objects.create(question=question, text="right", is_correct=True)
            Choice.objects.create(question=question, text="wrong", position=1)
    return module


def answers_to(quiz: Quiz, *, right: int) -> dict[str, int]:
    """Answers to all questions, of which the first `right` are right."""
    return {
        str(question.pk): question.choices.get(is_correct=index < right).pk
        for index, question in enumerate(quiz.questions.all())
    }


def make_session(
    learner: User,
    module: Module,
    *,
    start_time: dt.datetime,
    minutes: float = 10,
) -> LearningSession:
    return LearningSession.objects.create(
        user=learner,
        module=module,
        start_time=start_time,
        focus_duration_seconds=round(minutes * 60),
    )


def make_attempt(learner: User, quiz: Quiz, *, score: int, timestamp: dt.datetime) -> QuizAttempt:
    return QuizAttempt.objects.create(
        user=learner,
        quiz=quiz,
        score=score,
        passed=score >= quiz.pass_score,
        timestamp=timestamp,
    )


def make_assignment(
    learner: User,
    module: Module,
    *,
    due_at: dt.datetime | None = None,
    submitted_at: dt.datetime | None = None,
    assigned_at: dt.datetime = ZERO - dt.timedelta(days=30),
) -> Assignment:
    assignment = Assignment.objects.create(
        user=learner, module=module, due_at=due_at, assigned_at=assigned_at
    )
    if submitted_at:
        assignment.submissions.create(text="done", submitted_at=submitted_at)
    return assignment


def claim(
    resource: Resource,
    *,
    seconds: int = 15,
    at: dt.datetime | None = None,
    pulse_id: UUID | None = None,
    played: tuple[tuple[int, int], ...] = (),
    completed: bool = False,
) -> PulseClaim:
    """A pulse; `played` is in whole seconds."""
    return PulseClaim(
        module_id=resource.module_id,
        resource_id=resource.pk,
        duration_delta=seconds,
        completed=completed,
        played_ms=tuple((start * 1000, end * 1000) for start, end in played),
        pulse_id=pulse_id,
        occurred_at=at,
    )


def record(
    learner: User, *claims: PulseClaim, received_at: dt.datetime = ZERO, **options: Any
) -> list[PulseOutcome]:
    """Write pulses as history: of any age."""
    options.setdefault("max_age", None)
    return record_pulses(learner_id=learner.pk, claims=claims, received_at=received_at, **options)


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token_for(user)}")
    return client
