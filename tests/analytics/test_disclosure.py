"""What managers were shown is on record before they see it, and nothing else is."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from analytics.audit import verify_audit
from analytics.models import AuditEntry, Stamp
from tests.audit_log import entries
from tests.factories import client_of, make_learner, make_team, make_user
from tests.locks import lock_held_by_another

Refresh = Callable[[], None]
API = "/api/analytics/manager/"

pytestmark = pytest.mark.usefixtures("committed")


def test_every_answer_is_recorded_with_what_was_asked_and_how_much_was_shown(
    refresh: Refresh,
) -> None:
    learner, manager = make_learner(), make_user("manager")
    make_learner()
    refresh()
    client = client_of(manager)
    team, refresh_id = learner.team_id, Stamp.objects.get().refresh_id
    for address in (
        "team-summary/",
        f"team-summary/?team={team}",
        "breakdown/",
        "teams/",
        "learners/?search=Learner&ordering=-risk_level&page_size=1&page=2",
        "learners/?search=nobody",
        f"{learner.pk}/details/",
        f"{learner.pk}/risk/",
    ):
        assert client.get(f"{API}{address}").status_code == 200

    def detail(query: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
        return {"refresh_id": refresh_id, "query": query or {}, **members}

    paged = {"search": "Learner", "ordering": "-risk_level", "page_size": 1, "page": 2}
    assert entries() == [
        (manager.pk, "read_team_summary", None, detail()),
        (manager.pk, "read_team_summary", None, detail({"team": team})),
        (manager.pk, "read_breakdown", None, detail()),
        (manager.pk, "read_teams", None, detail(rows=1)),
        (manager.pk, "read_learners", None, detail(paged, rows=1)),
        (manager.pk, "read_learners", None, detail({"search": "nobody"}, rows=0)),
        (manager.pk, "read_details", learner.pk, detail()),
        (manager.pk, "read_risk", learner.pk, detail()),
    ]
    assert verify_audit().entry_id == 8


def test_an_entry_names_its_request(refresh: Refresh) -> None:
    refresh()

    response = client_of(make_user("manager")).get(f"{API}team-summary/")

    assert AuditEntry.objects.get().request_id == response["X-Request-ID"]


def test_head_tells_how_many_there_are_and_is_recorded(refresh: Refresh) -> None:
    refresh()

    client_of(make_user("manager")).head(f"{API}learners/")

    assert [action for _, action, _, _ in entries()] == ["read_learners"]


def test_what_shows_nothing_is_not_recorded(refresh: Refresh) -> None:
    foreign, own = make_learner(make_team()), make_learner()
    client = client_of(make_user("manager"))
    assert client.get(f"{API}team-summary/").status_code == 503
    refresh()
    tag = client.get(f"{API}{own.pk}/details/")["ETag"]
    known = len(entries())

    statuses = [
        client.get(f"{API}{own.pk}/details/", headers={"If-None-Match": tag}).status_code,
        client.get(f"{API}{own.pk}/details/", headers={"If-None-Match": "*"}).status_code,
        client.get(f"{API}{foreign.pk}/details/").status_code,
        client.get(f"{API}learners/?team={foreign.team_id}").status_code,
        client.get(f"{API}learners/?page=0").status_code,
        client_of(own).get(f"{API}learners/").status_code,
        APIClient().get(f"{API}learners/").status_code,
    ]

    assert statuses == [304, 304, 404, 404, 400, 403, 401]
    assert len(entries()) == known


@pytest.mark.parametrize("address", ["team-summary/", "learners/", "{learner}/details/", "audit/"])
def test_what_cannot_be_recorded_is_not_shown(refresh: Refresh, address: str) -> None:
    learner = make_learner()
    refresh()
    client = client_of(make_user("admin"))
    full = "alter table analytics_auditentry add constraint full_up check (id < 0) not valid"
    with connection.cursor() as cursor:
        cursor.execute(full)
        try:
            response = client.get(f"{API}{address.format(learner=learner.pk)}")
        finally:
            cursor.execute("alter table analytics_auditentry drop constraint full_up")

    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert response.json()["detail"] == (
        "Nothing is shown that cannot be put on record, and the audit log does not take it."
    )
    assert entries() == []


def test_a_log_that_is_held_keeps_nobody_waiting_for_long(refresh: Refresh) -> None:
    refresh()
    client = client_of(make_user("manager"))
    started = time.monotonic()
    with lock_held_by_another("select pg_advisory_xact_lock(7091842630171)"):
        response = client.get(f"{API}team-summary/")

    assert response.status_code == 503
    assert time.monotonic() - started < 5
    assert client.get(f"{API}team-summary/").status_code == 200
