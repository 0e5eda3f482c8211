"""The same acts on the product, and what its database holds afterwards."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from psycopg.types.multirange import Multirange

from config.problems import ProblemError
from tests.tracking.write_path_model import (
    Act,
    AddedResource,
    AddResource,
    Answer,
    Assign,
    AttemptRow,
    ChangeModule,
    Check,
    Grade,
    HandIn,
    LearnerState,
    LedgerRow,
    ModuleRow,
    ModuleStanding,
    Outcome,
    PulseAnswer,
    RemoveResource,
    ResourceRow,
    ResourceStanding,
    SendPulses,
    SessionRow,
    SetLength,
    SubmissionRow,
    TryQuiz,
    WorkAnswer,
)
from tracking.assignments import assign, submit
from tracking.completion import ModuleState, check_completion, module_states
from tracking.models import (
    Assignment,
    Module,
    Quiz,
    Resource,
    User,
)
from tracking.pulses import PulseOutcome, record_pulses
from tracking.quizzes import record_attempt


def perform(learner: User, act: Act) -> Answer:
    """Do it, and say what the product answered."""
    match act:
        case SendPulses():
            outcomes = record_pulses(
                learner_id=learner.pk,
                claims=act.claims,
                received_at=act.received_at,
                clock_offset=act.clock_offset,
                max_age=settings.MAX_PULSE_AGE,
            )
            return [_pulse_answer(outcome) for outcome in outcomes]
        case TryQuiz() | HandIn():
            try:
                return (
                    _try_quiz(learner, act) if isinstance(act, TryQuiz) else _hand_in(learner, act)
                )
            except ProblemError as problem:
                return WorkAnswer(Outcome(problem.problem_type.slug))
        case Check():
            return _standing(check_completion(learner, Module(pk=act.module_id)))
        case AddResource():
            added = Resource.objects.create(
                module_id=act.module_id, title="Added", duration_seconds=act.duration_seconds
            )
            return AddedResource(added.pk)
        case _:
            _manage(learner, act)
            return None


def _manage(learner: User, act: Act) -> None:
    match act:
        case Assign():
            assign(
                module=Module(pk=act.module_id),
                learner_ids=[learner.pk],
                due_at=None,
                assigned_by=learner,
                assigned_at=timezone.now(),
            )
        case Grade():
            Assignment.objects.filter(user=learner, module_id=act.module_id).update(status="graded")
        case RemoveResource():
            Resource.objects.get(pk=act.resource_id).delete()
        case SetLength():
            Resource.objects.filter(pk=act.resource_id).update(
                duration_seconds=act.duration_seconds
            )
        case ChangeModule():
            Module.objects.filter(pk=act.module_id).update(**{act.field_name: act.value})


def _try_quiz(learner: User, act: TryQuiz) -> WorkAnswer:
    outcome = record_attempt(
        learner=learner,
        quiz=Quiz.objects.get(module_id=act.module_id),
        answers=dict(act.answers),
        received_at=act.received_at,
        idempotency_key=act.key,
    )
    return WorkAnswer(
        _kind(is_duplicate=outcome.is_duplicate), outcome.attempt.pk, _standing(outcome.module)
    )


def _hand_in(learner: User, act: HandIn) -> WorkAnswer:
    outcome = submit(
        learner=learner,
        module=Module(pk=act.module_id),
        text=act.text,
        url="",
        received_at=act.received_at,
        idempotency_key=act.key,
    )
    return WorkAnswer(
        _kind(is_duplicate=outcome.is_duplicate), outcome.submission.pk, _standing(outcome.module)
    )


def _kind(*, is_duplicate: bool) -> Outcome:
    return Outcome.DUPLICATE if is_duplicate else Outcome.RECORDED


def _standing(state: ModuleState) -> ModuleStanding:
    return ModuleStanding(state.status.value, state.progress_percent)


def _pulse_answer(outcome: PulseOutcome) -> PulseAnswer:
    resource, module, problem = outcome.resource, outcome.module, outcome.problem
    return PulseAnswer(
        outcome.pulse_id,
        Outcome(problem.problem_type.slug if problem else outcome.status.value),
        ResourceStanding(*astuple(resource)) if resource else None,
        _standing(module) if module else None,
    )


def read_states(learners: Sequence[User], module_ids: Sequence[int]) -> dict[int, LearnerState]:
    """All rows of the learners, by the learner's id, and their standing in the modules."""
    ids = [learner.pk for learner in learners]
    with connection.cursor() as cursor:

        def read(columns: Sequence[str], table: str) -> dict[int, list[list[Any]]]:
            rows: dict[int, list[list[Any]]] = {one: [] for one in ids}
            cursor.execute(
                f"select user_id, {', '.join(columns)} from {table} where user_id = any(%s)", [ids]
            )
            for learner_id, *row in cursor.fetchall():
                rows[learner_id].append([_plain(value) for value in row])
            return rows

        ledger = read(["pulse_id", *LedgerRow._fields], "tracking_pulse")
        resources = read(["resource_id", *ResourceRow._fields], "tracking_resourceprogress")
        sessions = read(SessionRow._fields, "tracking_learningsession")
        modules = read(["module_id", *ModuleRow._fields], "tracking_moduleprogress")
        assignments = read(["module_id", "status"], "tracking_assignment")
        attempts = read(
            ["attempt.id", "module_id", "passed", "timestamp", "idempotency_key"],
            "tracking_quizattempt as attempt join tracking_quiz as quiz on quiz.id = quiz_id",
        )
        submissions = read(
            ["submission.id", "module_id", "text", "submitted_at", "idempotency_key"],
            "tracking_submission as submission"
            " join tracking_assignment as assignment on assignment.id = assignment_id",
        )
    return {
        one: LearnerState(
            ledger={pulse_id: LedgerRow(*row) for pulse_id, *row in ledger[one]},
            resources={resource_id: ResourceRow(*row) for resource_id, *row in resources[one]},
            sessions=sorted(SessionRow(*row) for row in sessions[one]),
            modules={
                module_id: ModuleRow._make([*row, _with_times(json.loads(evidence or "null"))])
                for module_id, *row, evidence in modules[one]
            },
            standings={
                module_id: _standing(state)
                for module_id, state in module_states(one, module_ids).items()
            },
            assignments=dict(assignments[one]),
            attempts={attempt_id: AttemptRow(*row) for attempt_id, *row in attempts[one]},
            submissions={
                submission_id: SubmissionRow(*row) for submission_id, *row in submissions[one]
            },
        )
        for one in ids
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Multirange):
        return tuple((part.lower, part.upper) for part in value)
    return value


def _with_times(value: Any) -> Any:
    """Evidence as it was read from JSON, with its times."""
    if isinstance(value, list):
        return [_with_times(each) for each in value]
    if isinstance(value, dict):
        return {
            name: dt.datetime.fromisoformat(each) if name.endswith("_at") else _with_times(each)
            for name, each in value.items()
        }
    return value
