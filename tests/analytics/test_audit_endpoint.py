"""Reading the audit log: an admin all of it, a manager what they did themselves."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from analytics.models import AuditEntry
from config.audit import audit
from tests.audit_log import entries
from tests.factories import client_of, make_learner, make_user
from tests.locks import lock_held_by_another
from tracking.models import User

Refresh = Callable[[], None]
ADDRESS = "/api/analytics/manager/audit/"

pytestmark = pytest.mark.usefixtures("committed")


def ids(client: Any, query: str = "") -> list[int]:
    response = client.get(f"{ADDRESS}?{query}")
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json() if row["action"] != "read_audit"]


def test_an_entry_is_shown_as_it_was_written() -> None:
    """Also before any refresh: the log is live."""
    manager, learner = make_user("manager", username="mia"), make_learner()
    audit(
        actor_id=manager.pk,
        action="grade",
        learner_id=learner.pk,
        detail={"grade": "80.50", "of": None},
    )
    written = AuditEntry.objects.get()

    response = client_of(manager).get(ADDRESS)

    assert response.json() == [
        {
            "id": written.id,
            "at": written.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "actor_id": manager.pk,
            "actor": "mia",
            "action": "grade",
            "learner_id": learner.pk,
            "detail": {"grade": "80.50", "of": None},
            "request_id": "-",
        }
    ]
    assert response["X-Total-Count"] == "1"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Vary"] == "Authorization"
    assert "X-Refresh-Id" not in response


def test_a_manager_sees_their_own_entries_and_an_admin_all_newest_first() -> None:
    one, other, admin = make_user("manager"), make_user("manager"), make_user("admin")
    written = [
        audit(actor_id=actor.pk, action="read_learners") for actor in (one, other, one, admin)
    ]

    assert ids(client_of(one)) == [written[2], written[0]]
    assert ids(client_of(other)) == [written[1]]
    assert ids(client_of(admin)) == written[::-1]
    assert ids(client_of(one), f"actor={other.pk}") == []
    assert ids(client_of(one), f"actor={one.pk}") == [written[2], written[0]]


def test_filters() -> None:
    admin, learner, manager = make_user("admin"), make_learner(), make_user("manager")
    first = audit(actor_id=manager.pk, action="read_details", learner_id=learner.pk)
    second = audit(actor_id=manager.pk, action="read_learners")
    third = audit(actor_id=admin.pk, action="read_risk", learner_id=learner.pk)
    at = {entry.id: entry.at for entry in AuditEntry.objects.all()}
    client = client_of(admin)

    def moment(entry_id: int) -> str:
        return at[entry_id].isoformat().replace("+00:00", "Z")

    assert ids(client, f"actor={manager.pk}") == [second, first]
    assert ids(client, f"learner={learner.pk}") == [third, first]
    assert ids(client, "action=read_risk") == [third]
    assert ids(client, f"since={moment(second)}") == [third, second]
    assert ids(client, f"until={moment(second)}") == [first]
    assert ids(client, f"since={moment(first)}&until={moment(third)}&action=read_details") == [
        first
    ]
    assert ids(client, "since=2026-02-10T07:00:00%2B02:00&until=2026-02-11T00:00:00Z") == []


def test_pages_and_totals() -> None:
    admin = make_user("admin")
    written = [audit(actor_id=admin.pk, action="assign") for _ in range(5)]
    client = client_of(admin)

    response = client.get(f"{ADDRESS}?action=assign&page=2&page_size=2")

    assert [row["id"] for row in response.json()] == written[2:0:-1]
    assert response["X-Total-Count"] == "5"
    assert 'page=3>; rel="next"' in response["Link"].replace("&page_size=2", "")
    past = client.get(f"{ADDRESS}?action=assign&page=4&page_size=2")
    assert (past.json(), past["X-Total-Count"]) == ([], "5")


def test_reading_the_log_is_recorded_itself() -> None:
    admin = make_user("admin")
    since = timezone.now() - dt.timedelta(days=1)
    audit(actor_id=admin.pk, action="assign")

    client_of(admin).get(f"{ADDRESS}?since={since:%Y-%m-%dT%H:%M:%SZ}&page_size=10")

    assert entries()[1:] == [
        (
            admin.pk,
            "read_audit",
            None,
            {"query": {"since": f"{since:%Y-%m-%dT%H:%M:%S}.000000Z", "page_size": 10}, "rows": 1},
        )
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("actor=x", "actor"),
        ("actor=0", "actor"),
        ("learner=99999999999999999999", "learner"),
        ("action=read", "action"),
        ("since=yesterday", "since"),
        ("since=2026-02-10", "since"),
        ("since=2026-02-10T07:00:00", "since"),
        ("until=2026-02-30T07:00:00Z", "until"),
        ("until=0001-01-01T00:00:00%2B23:00", "until"),
        ("until=9999-12-31T23:59:59-23:00", "until"),
        ("page=0", "page"),
        ("page_size=501", "page_size"),
        ("team=1", "team"),
        ("since=2026-02-10T07:00:00Z&since=2026-02-11T07:00:00Z", "since"),
    ],
)
def test_bad_input_is_400_and_named(query: str, field: str) -> None:
    response = client_of(make_user("admin")).get(f"{ADDRESS}?{query}")

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert entries() == []


def test_learners_are_refused() -> None:
    assert client_of(make_learner()).get(ADDRESS).status_code == 403


def test_an_actor_who_is_gone_is_still_named() -> None:
    gone = make_user("manager", username="gone")
    audit(actor_id=gone.pk, action="read_learners")
    User.objects.filter(pk=gone.pk).delete()

    (row,) = client_of(make_user("admin")).get(ADDRESS).json()

    assert (row["actor_id"], row["actor"]) == (gone.pk, "gone")


def test_a_table_that_is_locked_keeps_nobody_waiting() -> None:
    client = client_of(make_user("admin"))
    with lock_held_by_another("lock table analytics_auditentry in access exclusive mode"):
        assert client.get(ADDRESS).status_code == 503
