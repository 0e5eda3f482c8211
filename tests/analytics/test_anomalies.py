"""What is out of the ordinary, as managers are told of it."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from analytics.models import Stamp
from tests.factories import (
    client_of,
    make_learner,
    make_module,
    make_session,
    make_team,
    make_user,
)
from tracking.models import Team, User

Refresh = Callable[[], None]
ADDRESS = "/api/analytics/manager/anomalies/"
DAY = dt.timedelta(days=1)

pytestmark = pytest.mark.usefixtures("committed")


def noon(days_ago: int) -> dt.datetime:
    return timezone.now().replace(hour=12, minute=0) - days_ago * DAY


def too_busy(days_ago: int, team: Team | None = None, **fields: Any) -> User:
    """A learner with 25 hours of focus in one day."""
    learner, module = make_learner(team, **fields), make_module()
    make_session(learner, module, start_time=noon(days_ago), minutes=25 * 60)
    return learner


def fallen_silent(**fields: Any) -> User:
    """A learner with an hour in each of four weeks, and then nothing."""
    learner, module = make_learner(**fields), make_module()
    for week in range(4):
        make_session(learner, module, start_time=noon(10 + 7 * week), minutes=60 + week)
    return learner


def test_the_whole_answer(refresh: Refresh) -> None:
    busy = too_busy(2, username="busy", first_name="Bea", last_name="Busy")
    silent = fallen_silent(username="silent")
    make_session(make_learner(), make_module(), start_time=noon(1), minutes=60)
    too_busy(1, make_team())
    refresh()

    response = client_of(make_user("manager")).get(ADDRESS)

    computed_at = Stamp.objects.get().computed_at
    rows = {row["code"]: row for row in response.json()}
    drop = rows["engagement_drop"].pop("evidence")
    stamp = computed_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert response["X-Total-Count"] == "2"
    assert rows == {
        "implausible_focus": {
            "learner_id": busy.pk,
            "username": "busy",
            "full_name": "Bea Busy",
            "code": "implausible_focus",
            "label": "More focus than a day can hold",
            "detected_on": str(computed_at.date() - 2 * DAY),
            "evidence": {"focus_hours": 25.0, "limit_hours": 24.0, "session_count": 1},
            "computed_at": stamp,
        },
        "engagement_drop": {
            "learner_id": silent.pk,
            "username": "silent",
            "full_name": "",
            "code": "engagement_drop",
            "label": "Focus fell suddenly",
            "detected_on": rows["engagement_drop"]["detected_on"],
            "computed_at": stamp,
        },
    }
    assert drop


def test_newest_first_by_code_team_and_page(refresh: Refresh) -> None:
    manager, teams = make_user("manager"), [make_team(), make_team()]
    for team in teams:
        team.managers.add(manager)
    for days_ago, name, team in ((3, "c", teams[0]), (1, "a", teams[0]), (2, "b", teams[1])):
        too_busy(days_ago, team, username=name)
    refresh()
    client = client_of(manager)

    def names(query: str) -> str:
        return "".join(row["username"] for row in client.get(f"{ADDRESS}?{query}").json())

    assert names("") == "abc"
    assert names("code=implausible_focus") == "abc"
    assert names("code=engagement_drop") == ""
    assert names(f"team={teams[0].pk}") == "ac"
    assert names(f"learner={User.objects.get(username='b').pk}") == "b"
    assert names(f"learner={too_busy(1, make_team(), username='d').pk}") == ""
    assert names("page=2&page_size=2") == "c"
    past = client.get(f"{ADDRESS}?page=3&page_size=2")
    assert (past.json(), past["X-Total-Count"]) == ([], "3")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("code=drop", "code"),
        ("page=0", "page"),
        ("team=0", "team"),
        ("learner=x", "learner"),
        ("days=7", "days"),
    ],
)
def test_bad_input_is_400_and_named(refresh: Refresh, query: str, field: str) -> None:
    refresh()

    response = client_of(make_user("manager")).get(f"{ADDRESS}?{query}")

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]
