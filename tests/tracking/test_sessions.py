"""Sessions and last activity when many pulses come at once, late, and in any order."""

import datetime as dt
import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import pytest
from django.db import connection

from analytics.models import LearnerSnapshot
from tests.factories import (
    ZERO,
    answers_to,
    claim,
    make_assignment,
    make_learner,
    make_module,
    record,
)
from tests.tracking.callers import Callers
from tests.tracking.test_pulses import runs_without_silence
from tracking.assignments import submit
from tracking.completion import check_completion
from tracking.models import (
    Assignment,
    LearningSession,
    Module,
    ModuleProgress,
    Pulse,
    QuizAttempt,
    Resource,
    ResourceProgress,
    User,
)
from tracking.pulses import PulseStatus
from tracking.quizzes import record_attempt

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
GAP = 30 * MINUTE
A_HAIR = dt.timedelta(microseconds=1)

STATUSES = ["not_started", "in_progress", "completed"]

CALLERS = 50

pytestmark = pytest.mark.usefixtures("committed", "evidence_adds_up")


@pytest.fixture(scope="module")
def callers() -> Iterator[Callers]:
    """Fifty of them, connected once for all tests of this module."""
    with Callers(CALLERS) as callers:
        yield callers


def pulse_at(learner: User, resource: Resource, at: dt.datetime, **fields: Any) -> PulseStatus:
    """Send one by itself, received on the day after."""
    (outcome,) = record(
        learner, claim(resource, at=at, **fields), received_at=ZERO + dt.timedelta(days=1)
    )
    return outcome.status


def sessions_of(learner: User) -> list[tuple[dt.datetime, dt.datetime | None, int]]:
    return list(
        LearningSession.objects.filter(user=learner)
        .order_by("module_id", "start_time")
        .values_list("start_time", "last_pulse_at", "focus_duration_seconds")
    )


def last_accessed(learner: User) -> dt.datetime:
    at = ModuleProgress.objects.get(user=learner).last_accessed
    assert at is not None
    return at


def pass_quiz(learner: User, module: Module, at: dt.datetime) -> None:
    answers = answers_to(module.quiz, right=1)
    record_attempt(learner=learner, quiz=module.quiz, answers=answers, received_at=at)


def hand_in(learner: User, module: Module, at: dt.datetime) -> None:
    submit(learner=learner, module=module, text="done", url="", received_at=at)


def completion_of(learner: User) -> tuple[str, dt.datetime | None, str]:
    progress = ModuleProgress.objects.get(user=learner)
    return progress.status, progress.completed_at, json.dumps(progress.evidence)


def deadlocks(callers: Callers) -> int:
    """How many there were; each connection reports its own when it is used after a second."""
    time.sleep(1.1)
    callers.at_once([use_connection] * callers.count)
    with connection.cursor() as cursor:
        cursor.execute("select deadlocks from pg_stat_database where datname = current_database()")
        (count,) = cursor.fetchone()
    return int(count)


def use_connection() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select 1")


class TestFirstPulses:
    def test_fifty_first_pulses_at_once_open_one_session(self, callers: Callers) -> None:
        learner, module = make_learner(), make_module()
        resource = module.resources.get()

        statuses = callers.at_once([partial(pulse_at, learner, resource, ZERO)] * CALLERS)

        assert statuses == [PulseStatus.RECORDED] * CALLERS
        assert sessions_of(learner) == [(ZERO, ZERO, CALLERS * 15)]
        assert ResourceProgress.objects.get().watch_time_seconds == CALLERS * 15
        assert ModuleProgress.objects.get().status == "in_progress"
        assert Pulse.objects.filter(user=learner).count() == CALLERS

    def test_in_several_modules_they_open_one_session_each(self, callers: Callers) -> None:
        learner = make_learner()
        resources = [make_module().resources.get() for _ in range(5)]

        callers.at_once([partial(pulse_at, learner, resource, ZERO) for resource in resources * 10])

        assert sessions_of(learner) == [(ZERO, ZERO, 150)] * 5

    def test_of_several_learners_they_open_one_session_each(self, callers: Callers) -> None:
        resource = make_module().resources.get()
        learners = [make_learner() for _ in range(5)]

        callers.at_once([partial(pulse_at, learner, resource, ZERO) for learner in learners * 10])

        assert [sessions_of(learner) for learner in learners] == [[(ZERO, ZERO, 150)]] * 5


class TestTheGap:
    """Two sessions, four hours apart; fifty late pulses at once find their place."""

    @pytest.fixture
    def learner(self) -> User:
        return make_learner()

    @pytest.fixture
    def resource(self, learner: User) -> Resource:
        resource = make_module().resources.get()
        for at in (ZERO, ZERO + 4 * HOUR):
            pulse_at(learner, resource, at)
        return resource

    @pytest.mark.parametrize(
        ("late", "sessions"),
        [
            (
                [GAP],
                [(0 * HOUR, GAP, 15 + 750), (4 * HOUR, 4 * HOUR, 15)],
            ),
            (
                [GAP + A_HAIR],
                [
                    (0 * HOUR, 0 * HOUR, 15),
                    (GAP + A_HAIR, GAP + A_HAIR, 750),
                    (4 * HOUR, 4 * HOUR, 15),
                ],
            ),
            (
                [4 * HOUR - GAP],
                [(0 * HOUR, 0 * HOUR, 15), (4 * HOUR - GAP, 4 * HOUR, 15 + 750)],
            ),
            (
                [-2 * HOUR],
                [
                    (-2 * HOUR, -2 * HOUR, 750),
                    (0 * HOUR, 0 * HOUR, 15),
                    (4 * HOUR, 4 * HOUR, 15),
                ],
            ),
            (
                [7 * GAP, 2 * GAP, 5 * GAP, 3 * GAP, 6 * GAP, GAP, 4 * GAP],
                [(0 * HOUR, 4 * HOUR, 30 + 750)],
            ),
            (
                [7 * GAP, 2 * GAP, 5 * GAP, 3 * GAP, 6 * GAP, GAP],
                [(0 * HOUR, 3 * GAP, 15 + 375), (5 * GAP, 4 * HOUR, 15 + 375)],
            ),
        ],
        ids=[
            "at the gap they extend",
            "past the gap they open",
            "at the gap before they extend",
            "long before they open",
            "all along they join",
            "with a silence they extend both",
        ],
    )
    def test_late_pulses_at_once_find_their_session(
        self,
        callers: Callers,
        learner: User,
        resource: Resource,
        late: list[dt.timedelta],
        sessions: list[tuple[dt.timedelta, dt.timedelta, int]],
    ) -> None:
        times = [ZERO + late[index % len(late)] for index in range(CALLERS)]

        callers.at_once([partial(pulse_at, learner, resource, at) for at in times])

        assert sessions_of(learner) == [
            (ZERO + start, ZERO + end, seconds) for start, end, seconds in sessions
        ]
        assert last_accessed(learner) == ZERO + 4 * HOUR


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_arrival_makes_no_difference(callers: Callers, seed: int) -> None:
    """Two days of pulses, shuffled, by fifty callers that have four each."""
    learner, module = make_learner(), make_module()
    resource = module.resources.get()
    shuffled = random.Random(seed)
    minutes = [shuffled.randrange(-2880, 0) for _ in range(4 * CALLERS)]

    def send(share: Sequence[int]) -> None:
        for minute in share:
            pulse_at(learner, resource, ZERO + minute * MINUTE)

    callers.at_once([partial(send, minutes[start::CALLERS]) for start in range(CALLERS)])

    runs = runs_without_silence(sorted(minutes))
    assert 10 < len(runs) < 100
    assert sessions_of(learner) == [
        (ZERO + run[0] * MINUTE, ZERO + run[-1] * MINUTE, 15 * len(run)) for run in runs
    ]
    assert last_accessed(learner) == ZERO + max(minutes) * MINUTE


class TestLastActivity:
    def test_it_never_moves_back_before_the_eyes_of_any_caller(self, callers: Callers) -> None:
        learner, module = make_learner(), make_module(questions=1, has_assignment=True)
        resource = module.resources.get()

        def seen_by(number: int) -> list[tuple[dt.datetime, dt.datetime]]:
            seen = []
            for hours in (number, -number, number // 2):
                at = ZERO + hours * MINUTE
                match number % 3:
                    case 0:
                        pulse_at(learner, resource, at)
                    case 1:
                        pass_quiz(learner, module, at)
                    case _:
                        hand_in(learner, module, at)
                seen.append((at, last_accessed(learner)))
            return seen

        for seen in callers.at_once([partial(seen_by, number) for number in range(CALLERS)]):
            accesses = [access for _, access in seen]
            assert accesses == sorted(accesses)
            assert all(access >= at for at, access in seen)
        assert last_accessed(learner) == ZERO + (CALLERS - 1) * MINUTE

    def test_managers_see_the_latest_activity_whatever_comes_late(
        self, callers: Callers, refresh: Callable[[], None]
    ) -> None:
        learner, resource = make_learner(), make_module().resources.get()
        elsewhere = make_module().resources.get()

        def last_active_after(times: Sequence[dt.datetime]) -> dt.datetime | None:
            callers.at_once(
                [
                    partial(pulse_at, learner, one, at)
                    for at in times
                    for one in (resource, elsewhere)
                ]
            )
            refresh()
            return LearnerSnapshot.objects.get(learner_id=learner.pk).last_active_at

        late = [ZERO - number * 10 * MINUTE for number in range(1, CALLERS // 2 + 1)]
        assert last_active_after([ZERO]) == ZERO
        assert last_active_after(late) == ZERO
        assert last_active_after([*late[1:], ZERO + A_HAIR]) == ZERO + A_HAIR


class TestCompletion:
    def test_fifty_callers_complete_once_and_write_the_evidence_once(
        self, callers: Callers
    ) -> None:
        learner = make_learner()
        module = make_module(resources=2, questions=1, has_assignment=True)
        make_assignment(learner, module)
        first, second = module.resources.all()
        deadlocks_before = deadlocks(callers)

        def caller(number: int) -> list[tuple[Any, ...]]:
            """Bring every piece of evidence; what is on record after each."""
            acts: list[Callable[[], object]] = [
                lambda: check_completion(learner, module),
                lambda: pulse_at(learner, first, ZERO + number * MINUTE, completed=True),
                lambda: pass_quiz(learner, module, ZERO + number * MINUTE),
                lambda: hand_in(learner, module, ZERO + number * MINUTE),
                lambda: pulse_at(learner, second, ZERO + number * MINUTE, completed=True),
            ]
            seen = []
            for turn in range(len(acts)):
                acts[(number + turn) % len(acts)]()
                seen.append(completion_of(learner))
            return seen

        seen = callers.at_once([partial(caller, number) for number in range(CALLERS)])

        # A deadlock would have failed its caller, too.
        assert deadlocks(callers) == deadlocks_before
        completion = completion_of(learner)
        assert completion[0] == "completed"
        for states in seen:
            assert states == sorted(states, key=lambda state: STATUSES.index(state[0]))
            assert states[-1] == completion
        assert {state for states in seen for state in states if state[0] == "completed"} == {
            completion
        }
        assert Assignment.objects.get().status == "completed"
        assert sessions_of(learner) == [(ZERO, ZERO + (CALLERS - 1) * MINUTE, CALLERS * 30)]
        assert last_accessed(learner) == ZERO + (CALLERS - 1) * MINUTE

    def test_content_that_changes_at_that_moment_costs_nobody_an_attempt(
        self, callers: Callers
    ) -> None:
        """What decides and what is written of it come from one look at the content."""
        module = make_module(resources=0, questions=1)
        learners = [make_learner() for _ in range(100)]
        is_over = threading.Event()

        def change_content() -> None:
            with connection.cursor() as cursor:
                while not is_over.is_set():
                    cursor.execute("update tracking_module set has_quiz = not has_quiz")

        def pass_quizzes() -> None:
            try:
                for learner in learners:
                    pass_quiz(learner, module, ZERO)
            finally:
                is_over.set()

        callers.at_once([change_content, pass_quizzes])

        assert QuizAttempt.objects.filter(passed=True).count() == len(learners)
        Module.objects.update(has_quiz=True)
        for learner in learners:
            check_completion(learner, module)
        assert ModuleProgress.objects.filter(status="completed", completed_at=ZERO).count() == 100
