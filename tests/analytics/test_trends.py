"""The teams' activity day by day."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from analytics.models import Stamp
from tests.factories import (
    client_of,
    make_attempt,
    make_learner,
    make_module,
    make_session,
    make_team,
    make_user,
)
from tracking.models import ModuleProgress

Refresh = Callable[[], None]
ADDRESS = "/api/analytics/manager/trends/"
DAY = dt.timedelta(days=1)
NOTHING = {"active_learners": 0, "focus_minutes": 0.0, "completions": 0, "quiz_accuracy": None}

pytestmark = pytest.mark.usefixtures("committed")


def noon(days_ago: int) -> dt.datetime:
    """Noon of a past day, or this very moment today."""
    now = timezone.now()
    return now.replace(hour=12, minute=0) - days_ago * DAY if days_ago else now


def days_of(client: Any, query: str = "") -> list[dict[str, Any]]:
    response = client.get(f"{ADDRESS}?{query}")
    assert response.status_code == 200, response.content
    days: list[dict[str, Any]] = response.json()["days"]
    return days


def test_the_whole_answer(refresh: Refresh) -> None:
    module, one, other = make_module(questions=1), make_learner(), make_learner()
    make_session(one, module, start_time=noon(3), minutes=10)
    make_session(one, module, start_time=noon(3), minutes=0.25)
    make_session(other, module, start_time=noon(3), minutes=20)
    make_session(one, module, start_time=noon(0), minutes=30)
    make_attempt(one, module.quiz, score=100, timestamp=noon(1))
    make_attempt(other, module.quiz, score=33, timestamp=noon(1))
    make_attempt(other, module.quiz, score=0, timestamp=noon(1))
    ModuleProgress.objects.create(
        user=other, module=module, status="completed", completed_at=noon(1)
    )
    make_session(make_learner(make_team()), module, start_time=noon(1))
    make_session(one, module, start_time=noon(4))
    refresh()

    body = client_of(make_user("manager")).get(f"{ADDRESS}?days=4").json()

    today = Stamp.objects.get().computed_at.date()
    assert body.pop("computed_at") == Stamp.objects.get().computed_at.strftime(
        "%Y-%m-%dT%H:%M:%S.%fZ"
    )
    assert 0 <= body.pop("data_freshness_seconds") <= 5
    assert body == {
        "days": [
            {
                **NOTHING,
                "date": str(today - 3 * DAY),
                "active_learners": 2,
                "focus_minutes": 30.3,
            },
            {**NOTHING, "date": str(today - 2 * DAY)},
            {**NOTHING, "date": str(today - DAY), "completions": 1, "quiz_accuracy": 44.3},
            {**NOTHING, "date": str(today), "active_learners": 1, "focus_minutes": 30.0},
        ]
    }


@pytest.mark.parametrize(("query", "count"), [("", 30), ("days=1", 1), ("days=90", 90)])
def test_each_day_is_there_once_whether_or_not_anybody_was(
    refresh: Refresh, query: str, count: int
) -> None:
    refresh()

    days = days_of(client_of(make_user("manager")), query)

    today = Stamp.objects.get().computed_at.date()
    assert days == [
        {**NOTHING, "date": str(today - number * DAY)} for number in reversed(range(count))
    ]


def test_teams_are_put_together_and_apart(refresh: Refresh) -> None:
    """An accuracy over two teams is that of all attempts, not the mean of two means."""
    module, manager = make_module(questions=1), make_user("manager")
    teams = [make_team(), make_team()]
    for team, scores in zip(teams, ([100], [50, 50, 0]), strict=True):
        team.managers.add(manager)
        learner = make_learner(team)
        make_session(learner, module, start_time=noon(0), minutes=10)
        for score in scores:
            make_attempt(learner, module.quiz, score=score, timestamp=noon(0))
    refresh()
    client = client_of(manager)

    def shown(query: str) -> list[Any]:
        (day,) = days_of(client, f"days=1&{query}")
        return [day["active_learners"], day["focus_minutes"], day["quiz_accuracy"]]

    assert shown("") == [2, 20.0, 50.0]
    assert shown(f"team={teams[0].pk}") == [1, 10.0, 100.0]
    assert shown(f"team={teams[1].pk}") == [1, 10.0, 33.3]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("days=0", "days"),
        ("days=91", "days"),
        ("days=-1", "days"),
        ("days=week", "days"),
        ("days=1.5", "days"),
        ("team=x", "team"),
        ("page=1", "page"),
    ],
)
def test_bad_input_is_400_and_named(refresh: Refresh, query: str, field: str) -> None:
    refresh()

    response = client_of(make_user("manager")).get(f"{ADDRESS}?{query}")

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_a_foreign_team_is_not_found(refresh: Refresh) -> None:
    foreign = make_team()
    refresh()

    assert client_of(make_user("manager")).get(f"{ADDRESS}?team={foreign.pk}").status_code == 404
