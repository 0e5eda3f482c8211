"""Filters, orders and pages of lists: what they find, and what they refuse."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from tests.factories import (
    client_of,
    make_learner,
    make_module,
    make_session,
    make_team,
    make_user,
)
from tracking.models import User

Refresh = Callable[[], None]
API = "/api/analytics/manager/"
HOUR = dt.timedelta(hours=1)

pytestmark = pytest.mark.usefixtures("committed")


def names(query: dict[str, Any]) -> list[str]:
    response = client_of(make_user("manager")).get(f"{API}learners/", query)
    assert response.status_code == 200, response.content
    return [row["username"] for row in response.json()]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("%", ["a%b"]),
        ("_", ["a_b"]),
        ("\\", ["a\\b"]),
        ("a%", ["a%b"]),
        ("A_B", ["a_b"]),
        ("\\b", ["a\\b"]),
        ("%b%", []),
        ("a__", []),
        ("'", ["o'neil"]),
        ("' or '1'='1", []),
        ("') or true --", []),
        (";drop table tracking_user", []),
        ("{search}", []),
        ("%(search)s", []),
        ("%s", []),
        ("ÄÖ", ["zoe"]),
        ("äö", ["zoe"]),
        ("B", ["a%b", "a_b", "a\\b"]),
    ],
)
def test_a_search_is_taken_as_it_stands(refresh: Refresh, search: str, found: list[str]) -> None:
    for username in ("a%b", "a_b", "a\\b", "o'neil"):
        make_learner(username=username)
    make_learner(username="zoe", first_name="Äöü")
    refresh()

    assert sorted(names({"search": search})) == sorted(found)


def test_every_order_in_both_directions(refresh: Refresh) -> None:
    """Ties by id; who was never active comes last both ways."""
    now, module = timezone.now(), make_module()
    first_team, second_team = make_team(), make_team()
    manager = make_user("manager")
    first_team.managers.add(manager)
    second_team.managers.add(manager)
    for username, first_name, team, hours, minutes in (
        ("c", "Ada", second_team, 1, 10),
        ("b", "Cleo", first_team, 30, 60),
        ("a", "Bob", first_team, 80, 30),
    ):
        learner = make_learner(team, username=username, first_name=first_name)
        make_session(learner, module, start_time=now - hours * HOUR, minutes=minutes)
    make_learner(second_team, username="d", first_name="Dora")
    refresh()
    client = client_of(manager)

    def order(by: str) -> str:
        rows = client.get(f"{API}learners/", {"ordering": by}).json()
        return "".join(row["username"] for row in rows)

    orders = {
        "id": "cbad",
        "username": "abcd",
        "full_name": "cabd",
        "engagement_score": "dcab",
        "modules_completed": "cbad",
        "modules_in_progress": "cbad",
        "total_focus_mins": "dcab",
        "last_active": "abcd",
        "risk_level": "cdba",
        "status": "dabc",
        "team_id": "bacd",
    }
    assert {by: order(by) for by in orders} == orders
    assert {by: order(f"-{by}") for by in orders} == {
        "id": "dabc",
        "username": "dcba",
        "full_name": "dbac",
        "engagement_score": "bacd",
        "modules_completed": "cbad",
        "modules_in_progress": "cbad",
        "total_focus_mins": "bacd",
        "last_active": "cbad",
        "risk_level": "abcd",
        "status": "cbad",
        "team_id": "cdba",
    }


def test_pages_put_together_are_the_whole_and_each_knows_the_total(refresh: Refresh) -> None:
    for number in range(7):
        make_learner(username=f"l{number}")
    refresh()
    client = client_of(make_user("manager"))
    pages = [
        client.get(f"{API}learners/", {"page": page, "page_size": 3, "ordering": "-username"})
        for page in (1, 2, 3, 4)
    ]

    assert [[row["username"] for row in page.json()] for page in pages] == [
        ["l6", "l5", "l4"],
        ["l3", "l2", "l1"],
        ["l0"],
        [],
    ]
    assert [page["X-Total-Count"] for page in pages] == ["7", "7", "7", "7"]


LISTS = ["learners/", "teams/"]


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=1.5", "page"),
        ("page=1e2", "page"),
        ("page=99999999999999999999", "page"),
        ("page=" + "9" * 5000, "page"),
        ("page=%00", "page"),
        ("page=1&page=2", "page"),
        ("page_size=0", "page_size"),
        ("page_size=501", "page_size"),
        ("page_size=ten", "page_size"),
        ("pagesize=10", "pagesize"),
        ("page=1;drop", "page"),
    ],
)
def test_a_bad_page_is_400_and_named(
    refresh: Refresh, address: str, query: str, field: str
) -> None:
    refresh()

    response = client_of(make_user("manager")).get(f"{API}{address}?{query}")

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("address", "query", "field"),
    [
        ("learners/", "ordering=username;drop table tracking_user", "ordering"),
        ("learners/", "ordering=(select 1)", "ordering"),
        ("learners/", "ordering=--username", "ordering"),
        ("learners/", "ordering=username,id", "ordering"),
        ("learners/", "risk_level=high", "risk_level"),
        ("learners/", "status=Active", "status"),
        ("learners/", "team=1 or 1=1", "team"),
        ("learners/", "team=-1", "team"),
        ("team-summary/", "team=x", "team"),
        ("team-summary/", "page=1", "page"),
        ("breakdown/", "team=0", "team"),
        ("breakdown/", "status=idle", "status"),
        ("teams/", "team=1", "team"),
    ],
)
def test_a_bad_filter_is_400_and_named(
    refresh: Refresh, address: str, query: str, field: str
) -> None:
    refresh()

    response = client_of(make_user("manager")).get(f"{API}{address}?{query}")

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_every_fault_is_named_at_once(refresh: Refresh) -> None:
    refresh()

    response = client_of(make_user("manager")).get(f"{API}learners/?page=0&status=gone&team=x")

    assert {error["field"] for error in response.json()["errors"]} == {"page", "status", "team"}


@pytest.mark.parametrize("role", ["manager", "admin"])
@pytest.mark.parametrize("address", ["team-summary/", "breakdown/", "learners/"])
def test_a_team_that_is_foreign_or_does_not_exist_is_not_found(
    refresh: Refresh, role: str, address: str
) -> None:
    foreign = make_team()
    refresh()
    client = client_of(make_user(role))

    answers = [client.get(f"{API}{address}?team={team}") for team in (foreign.pk, 999_999)]

    assert [answer.status_code for answer in answers] == [404 if role == "manager" else 200, 404]
    assert answers[1].json()["detail"] == "team: there is no team 999999 that you may see."


def test_a_team_of_the_scope_narrows_every_figure_to_itself(refresh: Refresh) -> None:
    module, manager = make_module(), make_user("manager")
    teams = [make_team(), make_team()]
    for team in teams:
        team.managers.add(manager)
    learners: list[User] = [make_learner(team) for team in (teams[0], teams[1], teams[1])]
    for learner in learners:
        make_session(learner, module, start_time=timezone.now() - HOUR)
    refresh()
    client = client_of(manager)

    def shown(query: str) -> list[int]:
        return [
            client.get(f"{API}team-summary/{query}").json()["active_24h"],
            client.get(f"{API}breakdown/{query}").json()["learner_count"],
            len(client.get(f"{API}learners/{query}").json()),
        ]

    assert shown("") == [3, 3, 3]
    assert [shown(f"?team={team.pk}") for team in teams] == [[1, 1, 1], [2, 2, 2]]
