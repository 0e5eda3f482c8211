"""The completion authority: complete exactly when all the evidence is there, and for good."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import pytest

from tests.factories import (
    ZERO,
    answers_to,
    claim,
    make_assignment,
    make_learner,
    make_module,
    record,
)
from tests.tracking.test_pulses import run_at_once
from tracking.assignments import submit
from tracking.completion import ModuleState, check_completion, lock_module, module_states
from tracking.models import Assignment, Module, ModuleProgress, Resource, User
from tracking.quizzes import record_attempt

HOUR = dt.timedelta(hours=1)
COMPLETED = ModuleState(ModuleProgress.Status.COMPLETED, 100.0)


def watch(learner: User, module: Module, at: dt.datetime = ZERO) -> None:
    record(
        learner,
        *[claim(one, at=at, completed=True) for one in module.resources.all()],
        received_at=ZERO + 9 * HOUR,
    )


def pass_quiz(learner: User, module: Module, at: dt.datetime = ZERO) -> None:
    record_attempt(
        learner=learner,
        quiz=module.quiz,
        answers=answers_to(module.quiz, right=1),
        received_at=at,
    )


def hand_in(learner: User, module: Module, at: dt.datetime = ZERO) -> None:
    submit(learner=learner, module=module, text="done", url="", received_at=at)


def standing(learner: User) -> list[tuple[str, dt.datetime | None]]:
    return list(
        ModuleProgress.objects.filter(user=learner)
        .order_by("module_id")
        .values_list("status", "completed_at")
    )


# Whether the module has it, and whether the learner has done it.
EVIDENCE = [(False, False), (True, False), (True, True)]


@pytest.mark.django_db
@pytest.mark.usefixtures("evidence_adds_up")
class TestTheRule:
    @pytest.mark.parametrize(("resources", "quiz", "assignment"), list(product(EVIDENCE, repeat=3)))
    def test_a_module_is_completed_by_all_of_its_evidence_and_by_nothing_less(
        self,
        resources: tuple[bool, bool],
        quiz: tuple[bool, bool],
        assignment: tuple[bool, bool],
    ) -> None:
        learner = make_learner()
        module = make_module(
            resources=2 if resources[0] else 0,
            questions=1 if quiz[0] else 0,
            has_assignment=assignment[0],
        )
        if resources[1]:
            watch(learner, module)
        if quiz[1]:
            pass_quiz(learner, module)
        if assignment[1]:
            hand_in(learner, module)

        state = check_completion(learner, module)

        needed = [done for exists, done in (resources, quiz, assignment) if exists]
        is_completed = bool(needed) and all(needed)
        is_started = any(done for _, done in (resources, quiz, assignment))
        expected = "completed" if is_completed else "in_progress" if is_started else "not_started"
        assert state.status == expected
        assert standing(learner) == [(expected, ZERO if is_completed else None)]

    def test_one_of_several_resources_is_not_enough(self) -> None:
        learner, module = make_learner(), make_module(resources=2)
        record(learner, claim(module.resources.all()[0], completed=True))

        assert check_completion(learner, module) == ModuleState(
            ModuleProgress.Status.IN_PROGRESS, 50.0
        )

    def test_an_empty_module_never_completes(self) -> None:
        learner, module = make_learner(), make_module(resources=0)

        for _ in range(2):
            assert check_completion(learner, module) == ModuleState(
                ModuleProgress.Status.NOT_STARTED, 0.0
            )

    def test_a_quiz_that_is_required_and_not_written_yet_holds_the_module_open(self) -> None:
        learner, module = make_learner(), make_module(has_assignment=False)
        Module.objects.update(has_quiz=True)
        watch(learner, module)

        assert check_completion(learner, module) == ModuleState(
            ModuleProgress.Status.IN_PROGRESS, 95.0
        )

    def test_a_quiz_that_is_not_required_any_more_does_not(self) -> None:
        learner, module = make_learner(), make_module(questions=1)
        watch(learner, module)
        Module.objects.update(has_quiz=False)

        assert check_completion(learner, module) == COMPLETED

    def test_a_failed_attempt_is_no_evidence(self) -> None:
        learner, module = make_learner(), make_module(questions=1)
        watch(learner, module)
        record_attempt(learner=learner, quiz=module.quiz, answers={}, received_at=ZERO)

        assert check_completion(learner, module).status == "in_progress"

    def test_one_learner_does_not_complete_for_another(self) -> None:
        diligent, idle = make_learner(), make_learner()
        module = make_module(questions=1, has_assignment=True)
        for act in (watch, pass_quiz, hand_in):
            act(diligent, module)

        assert check_completion(diligent, module) == COMPLETED
        assert check_completion(idle, module) == ModuleState(ModuleProgress.Status.NOT_STARTED, 0.0)


@pytest.mark.django_db
@pytest.mark.usefixtures("evidence_adds_up")
class TestEveryWayIn:
    """Whatever comes last completes the module by itself."""

    @pytest.mark.parametrize(
        "order",
        [
            (pass_quiz, hand_in, watch),
            (watch, hand_in, pass_quiz),
            (watch, pass_quiz, hand_in),
        ],
        ids=["pulse", "quiz", "assignment"],
    )
    def test_the_last_evidence_completes(self, order: tuple[Any, ...]) -> None:
        learner, module = make_learner(), make_module(questions=1, has_assignment=True)

        seen = []
        for act in order:
            act(learner, module)
            seen.append(ModuleProgress.objects.get().status)

        assert seen == ["in_progress", "in_progress", "completed"]

    @pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
    def test_the_time_is_that_of_the_last_evidence_whenever_it_arrives(
        self, order: tuple[int, ...]
    ) -> None:
        learner, module = make_learner(), make_module(questions=1, has_assignment=True)
        acts = [(watch, ZERO + HOUR), (pass_quiz, ZERO + 3 * HOUR), (hand_in, ZERO + 2 * HOUR)]

        for index in order:
            act, at = acts[index]
            act(learner, module, at)

        assert standing(learner) == [("completed", ZERO + 3 * HOUR)]

    def test_the_first_pass_and_the_first_submission_are_the_evidence(self) -> None:
        learner = make_learner()
        module = make_module(questions=1, has_assignment=True)
        for at in (ZERO, ZERO + 5 * HOUR):
            pass_quiz(learner, module, at)
            hand_in(learner, module, at)

        watch(learner, module, ZERO + HOUR)

        assert standing(learner) == [("completed", ZERO + HOUR)]

    def test_the_learners_assignment_is_completed_with_the_module(self) -> None:
        learner, other, module = make_learner(), make_learner(), make_module(has_assignment=True)
        for one in (learner, other):
            make_assignment(one, module)
        hand_in(learner, module)
        assert Assignment.objects.get(user=learner).status == "submitted"

        watch(learner, module)

        assert Assignment.objects.get(user=learner).status == "completed"
        assert Assignment.objects.get(user=other).status == "assigned"

    def test_assigned_work_without_a_submission_to_make_is_completed_as_well(self) -> None:
        learner, module = make_learner(), make_module()
        make_assignment(learner, module)

        watch(learner, module)

        assert Assignment.objects.get().status == "completed"


@pytest.mark.django_db
@pytest.mark.usefixtures("evidence_adds_up")
class TestForGood:
    def test_a_second_check_changes_nothing(self) -> None:
        learner, module = make_learner(), make_module()
        watch(learner, module)

        assert [check_completion(learner, module) for _ in range(3)] == [COMPLETED] * 3
        assert standing(learner) == [("completed", ZERO)]

    def test_content_that_is_added_later_shows_in_the_percentage_alone(self) -> None:
        learner, module = make_learner(), make_module()
        watch(learner, module)

        Resource.objects.create(module=module, title="One more", position=1)
        Module.objects.update(has_quiz=True, has_assignment=True)

        assert check_completion(learner, module) == ModuleState(
            ModuleProgress.Status.COMPLETED, 50.0
        )
        assert standing(learner) == [("completed", ZERO)]

    def test_what_is_added_later_and_done_does_not_complete_a_second_time(self) -> None:
        learner, module = make_learner(), make_module()
        watch(learner, module)
        added = Resource.objects.create(module=module, title="One more", position=1)

        record(learner, claim(added, at=ZERO + HOUR, completed=True), received_at=ZERO + HOUR)

        assert module_states(learner.pk, [module.pk]) == {module.pk: COMPLETED}
        assert standing(learner) == [("completed", ZERO)]

    def test_later_activity_does_not_reopen_the_module(self) -> None:
        learner, module = make_learner(), make_module(questions=1, has_assignment=True)
        for act in (watch, pass_quiz, hand_in):
            act(learner, module)

        record(learner, claim(module.resources.get(), at=ZERO + HOUR), received_at=ZERO + HOUR)
        record_attempt(learner=learner, quiz=module.quiz, answers={}, received_at=ZERO + 2 * HOUR)
        hand_in(learner, module, ZERO + 3 * HOUR)

        assert standing(learner) == [("completed", ZERO)]
        assert ModuleProgress.objects.get().last_accessed == ZERO + 3 * HOUR

    def test_content_that_is_removed_completes_at_the_next_check(self) -> None:
        learner, module = make_learner(), make_module(resources=2)
        record(learner, claim(module.resources.all()[0], at=ZERO, completed=True))
        module.resources.all()[1].delete()

        assert check_completion(learner, module) == COMPLETED
        assert standing(learner) == [("completed", ZERO)]


def act(action: Callable[[], object]) -> object:
    return action()


@pytest.mark.usefixtures("committed", "evidence_adds_up")
class TestConcurrency:
    def test_fifty_callers_at_once_complete_once(self) -> None:
        learner = make_learner()
        module = make_module(questions=1, has_assignment=True)
        make_assignment(learner, module)
        resource = module.resources.get()
        acts: list[Callable[[], object]] = [
            lambda: check_completion(learner, module),
            lambda: record(learner, claim(resource, at=ZERO, completed=True)),
            lambda: pass_quiz(learner, module, ZERO),
            lambda: hand_in(learner, module, ZERO),
            lambda: check_completion(learner, module),
        ]
        turns = iter(acts * 10)

        run_at_once(50, lambda: act(next(turns)))

        assert check_completion(learner, module) == COMPLETED
        assert standing(learner) == [("completed", ZERO)]
        assert Assignment.objects.get().status == "completed"
        assert learner.resource_progress.get().watch_time_seconds == 150
        assert learner.quiz_attempts.count() == 10
        assert Assignment.objects.get().submissions.count() == 10

    def test_batches_and_single_acts_over_many_modules_do_not_deadlock(self) -> None:
        learner = make_learner()
        modules = [make_module(questions=1, has_assignment=True) for _ in range(3)]
        resources = [module.resources.get() for module in modules]
        acts: list[Callable[[], object]] = [
            lambda: record(learner, *[claim(one, at=ZERO, completed=True) for one in resources]),
            lambda: record(learner, *[claim(one, at=ZERO) for one in reversed(resources)]),
            *[partial(pass_quiz, learner, module) for module in modules],
            *[partial(hand_in, learner, module) for module in modules],
        ]
        turns = iter(acts * 5)

        run_at_once(40, lambda: act(next(turns)))

        assert standing(learner) == [("completed", ZERO)] * 3
        assert [one.watch_time_seconds for one in learner.resource_progress.all()] == [150] * 3

    def test_the_progress_row_is_made_once(self) -> None:
        learner, module = make_learner(), make_module()

        run_at_once(20, lambda: check_completion(learner, module))

        assert standing(learner) == [("not_started", None)]


@pytest.mark.usefixtures("committed")
def test_a_lock_outside_a_transaction_is_a_defect_of_the_caller() -> None:
    """The lock would be given back at once and protect nothing."""
    learner, module = make_learner(), make_module()

    with pytest.raises(Exception, match="select_for_update cannot be used outside"):
        lock_module(learner.pk, module.pk)
