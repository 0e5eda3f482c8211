"""A dashboard that has the figures already is told so, by the stamp alone."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.models import Stamp
from tests.factories import client_of, make_learner, make_team, make_user

Refresh = Callable[[], None]
API = "/api/analytics/manager/"

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def asked(refresh: Refresh) -> tuple[Any, str, str]:
    """A manager's client, an address, and the tag of its answer."""
    make_learner()
    refresh()
    client = client_of(make_user("manager"))
    address = f"{API}learners/?page_size=50"
    tag = client.get(address)["ETag"]
    return client, address, tag


def test_a_tag_is_strong_and_stays_while_nothing_changes(asked: tuple[Any, str, str]) -> None:
    client, address, tag = asked

    assert tag.startswith('"')
    assert tag.endswith('"')
    assert client.get(address)["ETag"] == tag
    assert client.head(address)["ETag"] == tag


@pytest.mark.parametrize(
    "header", ["{tag}", "W/{tag}", '"other", {tag}', '"other",W/{tag} , "third"', "*"]
)
def test_what_is_known_is_304_with_its_stamp_and_no_body(
    asked: tuple[Any, str, str], header: str
) -> None:
    client, address, tag = asked

    response = client.get(address, headers={"If-None-Match": header.format(tag=tag)})

    stamp = Stamp.objects.get()
    assert (response.status_code, response.content) == (304, b"")
    assert "Content-Type" not in response
    assert {
        name: response[name]
        for name in ("ETag", "X-Data-Status", "X-Refresh-Id", "Cache-Control", "Vary")
    } == {
        "ETag": tag,
        "X-Data-Status": "fresh",
        "X-Refresh-Id": str(stamp.refresh_id),
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization",
    }
    assert response["X-Computed-At"] == stamp.computed_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert 0 <= int(response["X-Data-Freshness-Seconds"]) <= 5


@pytest.mark.parametrize(
    "header", ['"other"', "{bare}", '"{bare}x"', "W/*", '"*"', "", "nonsense", '{tag}x"']
)
def test_what_is_not_known_is_answered_in_full(asked: tuple[Any, str, str], header: str) -> None:
    client, address, tag = asked

    response = client.get(
        address, headers={"If-None-Match": header.format(tag=tag, bare=tag.strip('"'))}
    )

    assert (response.status_code, len(response.json())) == (200, 1)


def test_a_304_reads_no_figures(asked: tuple[Any, str, str]) -> None:
    """The views may even be gone: who asks, and the stamp, are all that is looked at."""
    client, address, tag = asked
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address, headers={"If-None-Match": tag})

    assert response.status_code == 304
    assert len(queries) == 2
    assert "analytics." not in queries[1]["sql"]


def test_the_tag_changes_with_every_refresh(asked: tuple[Any, str, str], refresh: Refresh) -> None:
    client, address, tag = asked
    refresh()

    response = client.get(address, headers={"If-None-Match": tag})

    assert response.status_code == 200
    assert response["ETag"] != tag


def test_the_tag_changes_when_fresh_turns_stale_and_stale_outdated(refresh: Refresh) -> None:
    """No refresh comes: a tag holds as long as the data status does, and no longer."""
    refresh()
    manager = make_user("manager")
    computed_at = Stamp.objects.get().computed_at
    known, seen = "", []
    for age in (1, 119, 122, 299, 302, 4000):
        with time_machine.travel(computed_at + dt.timedelta(seconds=age), tick=False):
            # An access token does not live as long as all of this.
            response = client_of(manager).get(
                f"{API}team-summary/", headers={"If-None-Match": known}
            )
        seen.append(
            (
                response.status_code,
                response["X-Data-Status"],
                int(response["X-Data-Freshness-Seconds"]),
            )
        )
        known = response["ETag"]

    assert seen == [
        (200, "fresh", 1),
        (304, "fresh", 119),
        (200, "stale", 122),
        (304, "stale", 299),
        (200, "outdated", 302),
        (304, "outdated", 4000),
    ]


def test_tags_differ_by_address_query_and_scope(refresh: Refresh) -> None:
    own, other = make_team(), make_team()
    refresh()
    one, same, another = (make_user("manager", team=team) for team in (own, own, other))
    addresses = [
        "team-summary/",
        "breakdown/",
        "learners/",
        "learners/?page=1",
        "learners/?page=2",
        "learners/?status=idle",
        "teams/",
    ]

    def tags(user: Any) -> list[str]:
        client = client_of(user)
        return [client.get(f"{API}{address}")["ETag"] for address in addresses]

    assert len(set(tags(one) + tags(another) + tags(make_user("admin")))) == 3 * len(addresses)
    assert tags(one) == tags(same)


def test_a_manager_whose_teams_change_is_not_told_that_nothing_has_changed(
    refresh: Refresh,
) -> None:
    team, manager = make_team(), make_user("manager")
    refresh()
    client = client_of(manager)
    tag = client.get(f"{API}team-summary/")["ETag"]
    team.managers.add(manager)

    response = client.get(f"{API}team-summary/", headers={"If-None-Match": tag})

    assert response.status_code == 200


@pytest.mark.parametrize("page", ["details", "risk"])
@pytest.mark.parametrize("header", ["*", '"made-up"'])
def test_no_condition_makes_a_learner_outside_the_scope_exist(
    refresh: Refresh, page: str, header: str
) -> None:
    foreign = make_learner(make_team())
    refresh()
    client = client_of(make_user("manager"))

    statuses = [
        client.get(f"{API}{learner}/{page}/", headers={"If-None-Match": header}).status_code
        for learner in (foreign.pk, 999_999)
    ]

    assert statuses == [404, 404]


def test_head_is_get_without_the_body(refresh: Refresh) -> None:
    learner = make_learner()
    refresh()
    client = client_of(make_user("manager"))
    for address in ("team-summary/", "learners/", f"{learner.pk}/details/"):
        whole, head = client.get(f"{API}{address}"), client.head(f"{API}{address}")

        assert (head.status_code, head.content) == (200, b"")
        assert headers_of(head) == headers_of(whole)


def headers_of(response: Any) -> dict[str, str]:
    """All but what differs from one request to the next."""
    passing = {"X-Request-ID", "X-Data-Freshness-Seconds", "Content-Length"}
    return {name: value for name, value in response.items() if name not in passing}
