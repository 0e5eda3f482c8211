"""Assigning, handing in, grading and completing at the same time: no deadlock, no step back."""

import datetime as dt
import random
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from analytics.audit import verify_audit
from tests.factories import claim, make_learner, make_module, make_team, make_user, record
from tests.locks import lock_held_by_another, until_waiting
from tests.tracking.callers import Callers
from tracking.assignments import assign, grade_submission, submit
from tracking.models import Assignment, Module, ModuleProgress, Submission, User

CALLERS = 8
ACTS = 12
LEARNERS = 5

Act = Callable[[], None]
# Nothing that is done may lead to a lower one.
PROGRESS = ["not_started", "in_progress", "completed"]
ASSIGNMENT = ["assigned", "submitted", "completed", "graded"]

pytestmark = [
    pytest.mark.usefixtures("committed"),
    pytest.mark.usefixtures("evidence_adds_up"),
]


def deadlocks() -> int:
    with connection.cursor() as cursor:
        # A backend hands its counts in when it is idle, and not at once.
        cursor.execute("select pg_stat_clear_snapshot()")
        cursor.execute("select deadlocks from pg_stat_database where datname = current_database()")
        (count,) = cursor.fetchone()
    return int(count)


class Course:
    """Learners, two modules that each can complete, and a manager for each caller."""

    def __init__(self) -> None:
        team = make_team()
        self.learners = [make_learner(team) for _ in range(LEARNERS)]
        self.modules = [make_module(has_assignment=True) for _ in range(2)]
        self.managers = [make_user("manager", team=team) for _ in range(CALLERS)]

    def acts(self, caller: int, seed: int) -> list[Act]:
        """What one caller does, in a random order."""
        chance = random.Random(f"{seed}-{caller}")
        kinds = [self.give, self.hand_in, self.watch, self.grade]
        return [
            chance.choice(kinds)(self.managers[caller], random.Random(chance.random()))
            for _ in range(ACTS)
        ]

    def give(self, manager: User, chance: random.Random) -> Act:
        module = chance.choice(self.modules)
        learners = chance.sample(self.learners, chance.randint(1, len(self.learners)))
        due_at = dt.datetime(2026, 3, chance.randint(1, 3), tzinfo=dt.UTC)

        def act() -> None:
            assign(
                module=module,
                learner_ids=[learner.pk for learner in learners],
                due_at=due_at,
                assigned_by=manager,
                assigned_at=timezone.now(),
            )

        return act

    def hand_in(self, manager: User, chance: random.Random) -> Act:
        learner, module = chance.choice(self.learners), chance.choice(self.modules)
        return lambda: hand_in(learner, module)

    def watch(self, manager: User, chance: random.Random) -> Act:
        """Both modules in one batch, in either order, perhaps to the end."""
        learner = chance.choice(self.learners)
        modules = chance.sample(self.modules, 2)
        claims = [
            claim(module.resources.get(), at=timezone.now(), completed=chance.random() < 0.5)
            for module in modules
        ]
        return lambda: ignore(record(learner, *claims, received_at=timezone.now()))

    def grade(self, manager: User, chance: random.Random) -> Act:
        grade = Decimal(chance.randint(0, 100))

        def act() -> None:
            submissions = list(Submission.objects.values_list("pk", flat=True))
            if submissions:
                grade_submission(
                    submission_id=chance.choice(submissions),
                    grade=grade,
                    feedback=None,
                    graded_by=manager,
                    graded_at=timezone.now(),
                )

        return act


def ignore(_: object) -> None:
    """The outcome is not what the test looks at."""


def hand_in(learner: User, module: Module) -> None:
    submit(learner=learner, module=module, text="done", url="", received_at=timezone.now())


def standing() -> dict[Any, int]:
    """How far each learner is in each module, as ranks."""
    ranks: dict[Any, int] = {}
    for user, module, status in ModuleProgress.objects.values_list(
        "user_id", "module_id", "status"
    ):
        ranks["progress", user, module] = PROGRESS.index(status)
    for user, module, status in Assignment.objects.values_list("user_id", "module_id", "status"):
        ranks["assignment", user, module] = ASSIGNMENT.index(status)
    return ranks


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_done_at_once(seed: int) -> None:
    course, before = Course(), deadlocks()
    seen = [standing()]
    acts = [course.acts(caller, seed) for caller in range(CALLERS)]

    with Callers(CALLERS) as callers:
        # An error in any of them, as the victim of a deadlock would have, comes out here.
        for turn in range(ACTS):
            callers.at_once([acts[caller][turn] for caller in range(CALLERS)])
            seen.append(standing())

    for earlier, later in pairwise(seen):
        assert {key for key, rank in earlier.items() if later.get(key, -1) < rank} == set()
    assert seen[-1]
    assert deadlocks() == before
    verify_audit()


def test_a_module_that_is_completed_while_it_is_given_completes_the_assignment() -> None:
    """Whichever of the two comes first, the other sees it."""
    course = Course()
    module, resource = course.modules[0], course.modules[0].resources.get()
    Module.objects.update(has_assignment=False)
    give = course.give(course.managers[0], random.Random(0))

    for learner in course.learners:

        def watch(learner: User = learner) -> None:
            ignore(record(learner, claim(resource, completed=True), received_at=timezone.now()))

        def give_it(learner: User = learner) -> None:
            assign(
                module=module,
                learner_ids=[learner.pk],
                due_at=None,
                assigned_by=course.managers[0],
                assigned_at=timezone.now(),
            )

        with Callers(2) as callers:
            callers.at_once([watch, give_it])

    give()
    assert set(Assignment.objects.filter(module=module).values_list("status", flat=True)) == {
        "completed"
    }


def test_who_gives_waits_for_who_is_about_to_complete() -> None:
    course = Course()
    module, learner = course.modules[0], course.learners[0]
    record(learner, claim(module.resources.get()), received_at=timezone.now())

    with Callers(1) as callers:
        with lock_held_by_another("select * from tracking_moduleprogress for update"):
            giving = callers.begin(
                lambda: assign(
                    module=module,
                    learner_ids=[learner.pk],
                    due_at=None,
                    assigned_by=course.managers[0],
                    assigned_at=timezone.now(),
                )
            )
            until_waiting(1)
            assert not Assignment.objects.exists()
        giving.result()

    assert Assignment.objects.get().status == "assigned"


class TestBatchesThatBeginAModule:
    """Pulses on a module that is new to a learner and on one that is not, in one transaction.

    What is written sets off writes of the read side, which are locked, too: by an order of their
    own, two of these would wait for each other.
    """

    ROUNDS = 40

    def batch(self, learner: User, *modules: Module) -> Act:
        claims = [claim(module.resources.get(), at=timezone.now()) for module in modules]
        return lambda: ignore(record(learner, *claims, received_at=timezone.now()))

    def begun(self, course: Course) -> list[User]:
        learners = [make_learner(course.learners[0].team) for _ in range(3)]
        for learner in learners:
            self.batch(learner, course.modules[1])()
        return learners

    def test_beside_other_pulses(self) -> None:
        course = Course()
        new, known = course.modules
        with Callers(6) as callers:
            for _ in range(self.ROUNDS):
                learners = self.begun(course)
                callers.at_once(
                    [self.batch(learner, new, known) for learner in learners]
                    + [self.batch(learner, known) for learner in learners]
                )

    def test_beside_assignments(self) -> None:
        course = Course()
        new, known = course.modules
        with Callers(6) as callers:
            for _ in range(self.ROUNDS):
                learners = self.begun(course)
                course.learners = learners
                callers.at_once(
                    [self.batch(learner, new, known) for learner in learners]
                    + [course.give(manager, random.Random()) for manager in course.managers[:3]]
                )
