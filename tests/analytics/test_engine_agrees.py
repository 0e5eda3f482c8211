"""Two routes to every number: the views, and `IntelligenceEngine` from the raw tables."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.engine import IntelligenceEngine
from analytics.models import (
    LearnerAnomaly,
    LearnerModule,
    LearnerRisk,
    LearnerSnapshot,
    Policy,
    Stamp,
)
from analytics.queries import Scope, team_summary
from analytics.reconcile import KEYS, ROWS
from config.sql import fetch_rows
from tests.factories import (
    claim,
    make_assignment,
    make_attempt,
    make_learner,
    make_module,
    make_session,
    make_team,
    record,
)
from tracking.models import Module, ModuleProgress, User

HOURS_AGO = st.integers(0, 24 * 40)
# The edges of every rule are near multiples of a day.
NEAR_EDGES = st.sampled_from([0, 1, 23, 24, 25, 71, 72, 73, 167, 168, 169])
WHEN = HOURS_AGO | NEAR_EDGES

learner_data = st.fixed_dictionaries(
    {
        "sessions": st.lists(
            st.tuples(st.integers(0, 2), WHEN, st.integers(0, 500) | st.just(1441)), max_size=8
        ),
        "pulses": st.lists(
            st.tuples(st.integers(0, 2), WHEN, st.integers(0, 300), st.booleans()), max_size=5
        ),
        "attempts": st.lists(
            st.tuples(st.integers(0, 2), WHEN, st.sampled_from([0, 33, 50, 67, 70, 90, 100])),
            max_size=5,
        ),
        "assignments": st.dictionaries(
            st.integers(0, 2),
            st.tuples(
                st.none() | st.integers(-100, 100),
                st.lists(st.tuples(WHEN, st.sampled_from([None, 0, 55, 100])), max_size=3),
            ),
            max_size=3,
        ),
        "given": st.sets(st.integers(0, 2)),
    }
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(team_data=st.lists(learner_data, min_size=1, max_size=4))
def test_views_and_engine_agree_on_generated_learners(
    refresh: Callable[[], None], team_data: list[dict[str, Any]]
) -> None:
    team = make_team()
    learners = write_team(team, team_data)
    refresh()
    as_of = Stamp.objects.get().computed_at

    figures, _ = team_summary(Scope(frozenset({team.pk})))
    assert figures == IntelligenceEngine.get_team_snapshot(learners, as_of=as_of)
    for learner in learners:
        assert row_of(learner) == IntelligenceEngine.get_learner_snapshot(learner, as_of=as_of)
        assert risk_of(learner) == IntelligenceEngine.get_risk_assessment(learner, as_of=as_of)
        assert modules_of(learner) == IntelligenceEngine.get_module_progress(learner)
        assert anomalies_of(learner) == IntelligenceEngine.get_anomalies(learner, as_of=as_of)
    _, everything = IntelligenceEngine.get_everything(learners, as_of=as_of)
    for kind in ROWS:
        assert single_rows_of(learners, kind) == {
            learner_id: figures[kind] for learner_id, figures in everything.items()
        }


def test_both_follow_the_policy(refresh: Callable[[], None]) -> None:
    """An owner who means the comments of the source design sets the divisors to 15 and 0.7."""
    Policy.objects.update(focus_divisor=15, consistency_divisor="0.7")
    learner, module = make_learner(), make_module()
    make_session(learner, module, start_time=timezone.now(), minutes=150)
    refresh()

    # 150 min / 15 + one day / 0.7
    assert row_of(learner)["engagement_score"] == 11.4
    assert IntelligenceEngine.get_learner_snapshot(learner)["engagement_score"] == 11.4


def write_team(team: Any, team_data: list[dict[str, Any]]) -> list[User]:
    now = timezone.now()
    modules = [
        make_module(resources=2, questions=1, has_assignment=True),
        make_module(resources=3),
        make_module(resources=0, questions=1),
    ]

    def ago(hours: int) -> dt.datetime:
        return now - dt.timedelta(hours=hours)

    learners = []
    for data in team_data:
        learner = make_learner(team)
        learners.append(learner)
        for index in data["given"]:
            ModuleProgress.objects.get_or_create(user=learner, module=modules[index])
        for index, hours, minutes in data["sessions"]:
            make_session(learner, modules[index], start_time=ago(hours), minutes=minutes)
        for index, hours, seconds, completed in data["pulses"]:
            for resource in modules[index].resources.all()[: seconds % 4]:
                record(
                    learner,
                    claim(
                        resource,
                        seconds=seconds,
                        at=ago(hours),
                        completed=completed,
                        played=((hours, hours + seconds + 1),),
                    ),
                    received_at=now,
                )
        for index, hours, score in data["attempts"]:
            if modules[index].has_quiz:
                make_attempt(learner, modules[index].quiz, score=score, timestamp=ago(hours))
        for index, assignment_data in data["assignments"].items():
            write_assignment(learner, modules[index], *assignment_data, now=now)
    return learners


def write_assignment(
    learner: User,
    module: Module,
    due_hours: int | None,
    submissions: list[tuple[int, int | None]],
    *,
    now: dt.datetime,
) -> None:
    due_at = None if due_hours is None else now - dt.timedelta(hours=due_hours)
    assignment = make_assignment(learner, module, due_at=due_at)
    for hours, grade in submissions:
        assignment.submissions.create(
            text="done",
            submitted_at=now - dt.timedelta(hours=hours),
            grade=grade,
            graded_at=None if grade is None else now,
        )


def row_of(learner: User) -> dict[str, Any]:
    row = LearnerSnapshot.objects.get(learner_id=learner.pk)
    return {
        "id": row.learner_id,
        "username": row.username,
        "full_name": row.full_name,
        "engagement_score": row.engagement_score,
        "modules_completed": row.modules_completed,
        "modules_in_progress": row.modules_in_progress,
        "total_focus_mins": row.total_focus_mins,
        "last_active": row.last_active_at,
        "status": row.status,
        "risk_level": row.risk_level,
    }


def risk_of(learner: User) -> dict[str, Any]:
    risk = LearnerRisk.objects.get(learner_id=learner.pk)
    return {
        "risk_level": risk.risk_level,
        "risk_points": risk.risk_points,
        "factors": {factor["code"]: factor["points"] for factor in risk.factors},
        "insufficient_data": risk.is_insufficient_data,
    }


def anomalies_of(learner: User) -> set[tuple[str, dt.date]]:
    return set(
        LearnerAnomaly.objects.filter(learner_id=learner.pk).values_list("code", "detected_on")
    )


def modules_of(learner: User) -> dict[int, dict[str, Any]]:
    return {
        module.module_id: {
            "status": module.status,
            "progress_percent": module.progress_percent,
            "focus_time_mins": module.focus_time_mins,
        }
        for module in LearnerModule.objects.filter(learner_id=learner.pk)
    }


def single_rows_of(learners: list[User], kind: str) -> dict[int, dict[int, dict[str, Any]]]:
    """Learner → row → its columns: of the attempts, assignments or resources that are shown."""
    rows: dict[int, dict[int, dict[str, Any]]] = {learner.pk: {} for learner in learners}
    for row in fetch_rows(f"reconcile/{kind}", {"learner_ids": list(rows)}):
        rows[row["learner_id"]][row["row_id"]] = {
            column: value for column, value in row.items() if column not in KEYS
        }
    return rows
