"""What is shown of teams: each with its figures, and how their learners are spread."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from analytics.models import Stamp
from tests.factories import (
    claim,
    client_of,
    make_assignment,
    make_learner,
    make_module,
    make_session,
    make_team,
    make_user,
    record,
)

Refresh = Callable[[], None]
API = "/api/analytics/manager/"
HOUR = dt.timedelta(hours=1)

pytestmark = pytest.mark.usefixtures("committed")


def test_each_team_in_scope_by_name_with_its_own_figures(refresh: Refresh) -> None:
    now, module, manager = timezone.now(), make_module(), make_user("manager")
    beta, alpha, empty, _foreign = (make_team(name) for name in ("Beta", "Alpha", "Empty", "Not"))
    for team in (beta, alpha, empty):
        team.managers.add(manager)
    make_session(make_learner(beta), module, start_time=now - HOUR, minutes=30)
    make_session(make_learner(beta), module, start_time=now - 80 * HOUR, minutes=15)
    idle = make_learner(alpha)
    make_session(idle, module, start_time=now - 30 * HOUR, minutes=20)
    make_assignment(idle, module)
    refresh()

    response = client_of(manager).get(f"{API}teams/")

    computed_at = Stamp.objects.get().computed_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    figures = {
        "learner_count": 0,
        "active_24h": 0,
        "inactive_72h": 0,
        "avg_focus_mins": None,
        "avg_accuracy": None,
        "assignment_rate": None,
        "at_risk_count": 0,
        "computed_at": computed_at,
    }
    assert response.json() == [
        {
            **figures,
            "id": alpha.pk,
            "name": "Alpha",
            "learner_count": 1,
            "avg_focus_mins": 20.0,
            "assignment_rate": 0.0,
            "at_risk_count": 1,
        },
        {
            **figures,
            "id": beta.pk,
            "name": "Beta",
            "learner_count": 2,
            "active_24h": 1,
            "inactive_72h": 1,
            "avg_focus_mins": 22.5,
        },
        {**figures, "id": empty.pk, "name": "Empty"},
    ]
    assert response["X-Total-Count"] == "3"


def test_teams_come_in_pages(refresh: Refresh) -> None:
    for name in ("A", "B", "C"):
        make_team(name)
    refresh()

    response = client_of(make_user("admin")).get(f"{API}teams/?page=2&page_size=2")

    # The default team comes after them by name.
    assert [row["name"] for row in response.json()] == ["C", "Default team"]
    assert response["X-Total-Count"] == "4"


def test_the_breakdown_counts_each_learner_once_by_status_and_once_by_risk(
    refresh: Refresh,
) -> None:
    now, module = timezone.now(), make_module()
    for hours in (1, 2, 30, 80, 90, 100):
        make_session(make_learner(), module, start_time=now - hours * HOUR)
    make_learner()
    done = make_learner()
    record(done, claim(module.resources.get(), at=now - HOUR, completed=True), received_at=now)
    make_session(make_learner(make_team()), module, start_time=now)
    make_learner(is_active=False)
    refresh()

    body = client_of(make_user("manager")).get(f"{API}breakdown/").json()

    assert without_stamp(body) == {
        "learner_count": 8,
        "status": {"active": 3, "idle": 1, "inactive": 3, "not_started": 1},
        "risk": {"High": 3, "Medium": 1, "Low": 4},
    }


def test_the_breakdown_of_nobody_is_zeros(refresh: Refresh) -> None:
    refresh()

    body = client_of(make_user("manager", team=make_team())).get(f"{API}breakdown/").json()

    assert without_stamp(body) == {
        "learner_count": 0,
        "status": {"active": 0, "idle": 0, "inactive": 0, "not_started": 0},
        "risk": {"High": 0, "Medium": 0, "Low": 0},
    }


def test_the_breakdown_agrees_with_the_filters_of_the_list(refresh: Refresh) -> None:
    now, module = timezone.now(), make_module()
    for hours in (1, 30, 31, 80):
        make_session(make_learner(), module, start_time=now - hours * HOUR)
    refresh()
    client = client_of(make_user("manager"))

    body = client.get(f"{API}breakdown/").json()

    for filter_name, counts in (("status", body["status"]), ("risk_level", body["risk"])):
        totals = {
            value: int(client.get(f"{API}learners/?{filter_name}={value}")["X-Total-Count"])
            for value in counts
        }
        assert totals == counts


def without_stamp(body: dict[str, Any]) -> dict[str, Any]:
    assert 0 <= body.pop("data_freshness_seconds") <= 5
    stamp = Stamp.objects.get()
    assert body.pop("computed_at") == stamp.computed_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return body
