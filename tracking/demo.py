"""Four weeks of made-up learning, so that a fresh installation has something to show.

The history is written through the same functions as everybody's: the ledger, the counters and the
completions agree. It is the same on every machine, relative to the moment of the first load.
"""

import datetime as dt
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.templatetags.static import static

from tracking.assignments import submit
from tracking.demo_catalogue import DEMO_MODULES, DemoModule
from tracking.models import Assignment, Choice, Module, Question, Quiz, Resource, Team, User
from tracking.pulses import PulseClaim, record_pulses
from tracking.quizzes import record_attempt
from tracking.simulator import SIMULATED_TEAM

DEMO_TEAM = "Demo team"
DEMO_PASSWORD = "demo"  # noqa: S105 - public on purpose; the embedded demo listens on loopback only
HISTORY_SEED = 20_260_210
HISTORY_DAYS = 27
PULSE_SECONDS = 60
CHUNK = 500
MAX_ATTEMPTS = 3
SEEK_BACK_CHANCE = 0.08

SUBMISSIONS = (
    "I described one situation from last week, what I said, and how I would put it today.",
    "Attached are my notes, with one example that worked and one that did not.",
    "My plan for the next two weeks: one change at a time, reviewed every Friday.",
    "I tried the template with my team. It took ten minutes and we left with two decisions.",
)


@dataclass(frozen=True)
class Habit:
    """How a kind of learner studies, and how many there are of the kind.

    `sessions` is how many they had in the four weeks, of about `minutes` each; the last one began
    `last_seen_hours` ago, and before it there was none for `quiet_days`. `skill` is the share of
    questions they answer right.
    """

    learners: int
    sessions: int = 0
    last_seen_hours: tuple[float, float] = (0, 0)
    minutes: tuple[int, int] = (0, 0)
    skill: tuple[float, float] = (0, 0)
    modules: int = len(DEMO_MODULES)
    quiet_days: int = 0
    hands_in: bool = True
    is_assigned: bool = True


ACTIVE = Habit(8, 10, (2, 20), (12, 24), (0.75, 0.95), modules=3)
FINISHED = Habit(4, 7, (3, 60), (20, 35), (0.92, 1.0))
IDLE = Habit(2, 10, (28, 68), (16, 30), (0.8, 0.95), modules=3)
LATE = Habit(2, 10, (28, 68), (16, 30), (0.8, 0.95), modules=3, hands_in=False)
AT_RISK = Habit(4, 3, (30, 66), (5, 9), (0.2, 0.5), modules=2, hands_in=False)
FADING = Habit(2, 13, (26, 50), (24, 36), (0.6, 0.8), modules=3, quiet_days=7)
INACTIVE = Habit(5, 4, (96, 300), (8, 20), (0.3, 0.7), modules=2, hands_in=False)
NEVER_STARTED = Habit(2)
NEVER_ASSIGNED = Habit(1, is_assigned=False)
HABITS = (ACTIVE, FINISHED, IDLE, LATE, AT_RISK, FADING, INACTIVE, NEVER_STARTED, NEVER_ASSIGNED)
# The account that visitors sign in with has something left to do.
OWN_HABIT = Habit(1, 6, (3, 5), (12, 20), (0.8, 0.9), modules=2)


def load_demo(now: dt.datetime) -> bool:
    """Accounts, catalogue and history up to `now`; False, and nothing done, if they are there."""
    with transaction.atomic():
        team, is_new = Team.objects.get_or_create(name=DEMO_TEAM)
        if not is_new:
            return False
        manager, learners = _load_people(team)
        modules = [_load_module(place, module) for place, module in enumerate(DEMO_MODULES)]
        history = random.Random(HISTORY_SEED)  # noqa: S311 - a story, not a secret
        for learner, habit in learners:
            if habit.is_assigned:
                _assign(learner, manager, modules, now)
            if habit.sessions:
                _Story(learner, habit, modules, history, now).record()
    return True


# --- People ----------------------------------------------------------------------------------


def _load_people(team: Team) -> tuple[User, list[tuple[User, Habit]]]:
    """The manager, and the learners with their habits."""
    password = make_password(DEMO_PASSWORD)
    _ensure_user("admin", password, team, "Demo admin", User.Role.ADMIN, is_superuser=True)
    manager = _ensure_user("manager", password, team, "Demo manager", User.Role.MANAGER)
    simulated, _ = Team.objects.get_or_create(name=SIMULATED_TEAM)
    manager.managed_teams.add(team, simulated)

    own = _ensure_user("learner", password, team, "Demo learner", User.Role.LEARNER)
    learners = [(own, OWN_HABIT)]
    for habit in HABITS:
        for _ in range(habit.learners):
            number = f"{len(learners):02d}"
            user = _ensure_user(
                f"learner-{number}", password, team, f"Learner {number}", User.Role.LEARNER
            )
            learners.append((user, habit))
    return manager, learners


def _ensure_user(
    username: str,
    password: str,
    team: Team,
    full_name: str,
    role: User.Role,
    *,
    is_superuser: bool = False,
) -> User:
    first_name, last_name = full_name.split(" ", 1)
    user, _ = User.objects.get_or_create(
        username=username,
        defaults={
            "password": password,
            "team": team,
            "role": role,
            "first_name": first_name,
            "last_name": last_name,
            "is_staff": is_superuser,
            "is_superuser": is_superuser,
        },
    )
    return user


def _assign(learner: User, manager: User, modules: list["_Lesson"], now: dt.datetime) -> None:
    """The first assignment was due ten days ago, the last one is due next week."""
    due_days = [-10.0, 7.0]
    Assignment.objects.bulk_create(
        Assignment(
            user=learner,
            module=lesson.module,
            assigned_by=manager,
            assigned_at=now - dt.timedelta(days=HISTORY_DAYS + 1),
            due_at=now + dt.timedelta(days=days),
        )
        for lesson, days in zip(
            (lesson for lesson in modules if lesson.module.has_assignment), due_days, strict=True
        )
    )


# --- Catalogue -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Lesson:
    """A module as it stands in the database, with the right and the wrong answers."""

    module: Module
    resources: tuple[Resource, ...]
    quiz: Quiz
    answers: tuple[tuple[int, int, tuple[int, ...]], ...]


def _load_module(place: int, demo: DemoModule) -> _Lesson:
    module, is_new = Module.objects.get_or_create(
        external_id=demo.external_id,
        defaults={
            "title": demo.title,
            "description": demo.description,
            "has_quiz": True,
            "has_assignment": demo.has_assignment,
        },
    )
    if is_new:
        _fill_module(module, demo)
    quiz = Quiz.objects.get(module=module)
    return _Lesson(module, tuple(module.resources.all()), quiz, tuple(_answers(quiz)))


def _fill_module(module: Module, demo: DemoModule) -> None:
    Resource.objects.bulk_create(
        Resource(
            module=module,
            title=resource.title,
            kind=resource.kind,
            url=static(f"demo/{resource.path}"),
            duration_seconds=resource.duration_seconds,
            position=position,
        )
        for position, resource in enumerate(demo.resources)
    )
    quiz = Quiz.objects.create(module=module, title=f"{demo.title}: quiz")
    for position, asked in enumerate(demo.questions):
        question = Question.objects.create(quiz=quiz, text=asked.text, position=position)
        Choice.objects.bulk_create(
            Choice(question=question, text=text, is_correct=place == asked.right, position=place)
            for place, text in enumerate(asked.choices)
        )


def _answers(quiz: Quiz) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """Question, right choice and wrong choices, by id."""
    for question in quiz.questions.prefetch_related("choices"):
        choices = list(question.choices.all())
        right = next(choice.pk for choice in choices if choice.is_correct)
        yield question.pk, right, tuple(c.pk for c in choices if not c.is_correct)


# --- History ---------------------------------------------------------------------------------


class _Story:
    """Four weeks of one learner: where they are in the material, and what that leaves behind."""

    def __init__(
        self,
        learner: User,
        habit: Habit,
        lessons: list[_Lesson],
        chance: random.Random,
        now: dt.datetime,
    ) -> None:
        self._learner = learner
        self._habit = habit
        self._lessons = lessons[: habit.modules]
        self._chance = chance
        self._now = now
        self._clock = now
        self._skill = chance.uniform(*habit.skill)
        self._claims: list[PulseClaim] = []

    def record(self) -> None:
        """Live through the sessions, in order, and write down what they leave.

        The material is spread over them; what time a session has left goes into a second look.
        """
        sessions = self._sessions()
        steps = [(lesson, step) for lesson in self._lessons for step in self._steps(lesson)]
        for place, (start, end) in enumerate(sessions):
            self._clock = start
            done = len(steps) * place // len(sessions)
            share = steps[done : len(steps) * (place + 1) // len(sessions)]
            for _, step in share:
                step()
            lesson = share[-1][0] if share else self._lessons[-1]
            while self._clock < end:
                self._take(self._chance.choice(lesson.resources))
        for place in range(0, len(self._claims), CHUNK):
            record_pulses(
                learner_id=self._learner.pk,
                claims=self._claims[place : place + CHUNK],
                received_at=self._now,
                max_age=None,
            )

    def _sessions(self) -> list[tuple[dt.datetime, dt.datetime]]:
        """When sessions start and are to end: one a day at most, the last one as the habit says."""
        last_start = self._now - dt.timedelta(
            hours=self._chance.uniform(*self._habit.last_seen_hours)
        )
        first_day = 1 + self._habit.quiet_days
        days_left = HISTORY_DAYS - (self._now - last_start).days
        earlier_days = range(first_day, days_left)
        days_before = self._chance.sample(
            earlier_days, min(self._habit.sessions - 1, len(earlier_days))
        )
        sessions = []
        for days in sorted(days_before, reverse=True):
            start = last_start - dt.timedelta(days=days, hours=self._chance.uniform(-4, 4))
            minutes = self._chance.randint(*self._habit.minutes)
            sessions.append((start, start + dt.timedelta(minutes=minutes)))
        last_minutes = 2 if self._habit.quiet_days else self._chance.randint(*self._habit.minutes)
        return [*sessions, (last_start, last_start + dt.timedelta(minutes=last_minutes))]

    def _steps(self, lesson: _Lesson) -> Iterator[Callable[[], None]]:
        for resource in lesson.resources:
            yield partial(self._take, resource)
        yield partial(self._take_quiz, lesson)
        if lesson.module.has_assignment and self._habit.hands_in:
            yield partial(self._hand_in, lesson)

    def _take(self, resource: Resource) -> None:
        if resource.duration_seconds is None:
            self._read(resource)
            return
        position = 0
        while position < resource.duration_seconds:
            end = min(position + PULSE_SECONDS, resource.duration_seconds)
            self._pulse(
                resource,
                end - position,
                played_ms=((position * 1000, end * 1000),),
                completed=end == resource.duration_seconds,
            )
            position = end
            if self._chance.random() < SEEK_BACK_CHANCE and position < resource.duration_seconds:
                position = max(position - self._chance.randint(20, 90), 0)

    def _read(self, resource: Resource) -> None:
        minutes = self._chance.randint(2, 6)
        for minute in range(minutes):
            self._pulse(resource, PULSE_SECONDS, completed=minute == minutes - 1)

    def _pulse(
        self,
        resource: Resource,
        seconds: int,
        *,
        played_ms: tuple[tuple[int, int], ...] = (),
        completed: bool,
    ) -> None:
        self._clock += dt.timedelta(seconds=seconds)
        self._claims.append(
            PulseClaim(
                module_id=resource.module_id,
                resource_id=resource.pk,
                duration_delta=seconds,
                completed=completed,
                played_ms=played_ms,
                pulse_id=UUID(int=self._chance.getrandbits(128), version=4),
                occurred_at=self._clock,
            )
        )

    def _take_quiz(self, lesson: _Lesson) -> None:
        for _ in range(MAX_ATTEMPTS):
            self._clock += dt.timedelta(seconds=self._chance.randint(90, 240))
            answers = {
                str(question): right if self._chance.random() < self._skill else min(wrong)
                for question, right, wrong in lesson.answers
            }
            outcome = record_attempt(
                learner=self._learner, quiz=lesson.quiz, answers=answers, received_at=self._clock
            )
            if outcome.attempt.passed:
                return

    def _hand_in(self, lesson: _Lesson) -> None:
        self._clock += dt.timedelta(seconds=self._chance.randint(180, 480))
        submit(
            learner=self._learner,
            module=lesson.module,
            text=self._chance.choice(SUBMISSIONS),
            url="",
            received_at=self._clock,
        )
