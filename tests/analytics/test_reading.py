"""A read takes one statement, is never waited for in vain, and never shows zeros for lost rows."""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.build import build_views
from analytics.models import Stamp
from tests.factories import (
    claim,
    client_of,
    make_assignment,
    make_attempt,
    make_learner,
    make_module,
    make_user,
    record,
)
from tests.locks import lock_held_by_another

Refresh = Callable[[], None]
API = "/api/analytics/manager/"

pytestmark = pytest.mark.usefixtures("committed")

ADDRESSES = [
    "team-summary/",
    "breakdown/",
    "teams/",
    "trends/",
    "anomalies/",
    "learners/",
    "{learner}/details/",
    "{learner}/risk/",
]
# By the contract view that the address reads.
VIEWS = {
    "team-summary/": "team_summary",
    "breakdown/": "team_summary",
    "teams/": "team_summary",
    "trends/": "team_day",
    "anomalies/": "learner_anomaly",
    "learners/": "learner_snapshot",
    "{learner}/details/": "learner_module",
    "{learner}/risk/": "learner_risk",
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_number_of_statements_is_the_same_for_one_learner_and_for_thirty(
    refresh: Refresh, address: str
) -> None:
    """Who asks, how they stand, the figures, and that they were shown."""
    learner = busy_learner()
    refresh()
    client = client_of(make_user("manager"))
    path = f"{API}{address.format(learner=learner.pk)}"
    counts = [statements_of(client, path)]
    for _ in range(29):
        busy_learner()
    refresh()
    counts.append(statements_of(client, path))

    assert counts == [4, 4]


@pytest.mark.parametrize(
    ("address", "statements"), [("learners.csv", 7), ("{learner}/details.csv", 4)]
)
def test_it_is_the_same_for_files(refresh: Refresh, address: str, statements: int) -> None:
    """Who asks, how they stand, the rows, and that they were taken away.

    The rows of the list come in parts, by a cursor in a transaction with limits of its own.
    """
    learner = busy_learner()
    refresh()
    client = client_of(make_user("manager"))
    path = f"{API}{address.format(learner=learner.pk)}"
    counts = [statements_of(client, path)]
    for _ in range(29):
        busy_learner()
    refresh()
    counts.append(statements_of(client, path))

    assert counts == [statements, statements]


def test_it_is_the_same_for_the_audit_log_of_one_entry_and_of_thirty(refresh: Refresh) -> None:
    """Who asks, the entries, and that they were read."""
    refresh()
    client = client_of(make_user("manager"))
    client.get(f"{API}teams/")
    counts = [statements_of(client, f"{API}audit/")]
    for _ in range(28):
        client.get(f"{API}teams/")
    counts.append(statements_of(client, f"{API}audit/"))

    assert counts == [3, 3]
    assert client.get(f"{API}audit/")["X-Total-Count"] == "31"


def test_it_is_the_same_for_asking_for_a_refresh(refresh: Refresh, empty_queue: None) -> None:
    """Who asks, whether one is at work, and that it was asked for."""
    client = client_of(make_user("manager"))
    counts = []
    for learners in (1, 29):
        for _ in range(learners):
            busy_learner()
        refresh()
        Stamp.objects.update(computed_at=timezone.now() - dt.timedelta(minutes=1))
        with CaptureQueriesContext(connection) as queries:
            response = client.post(f"{API}refresh/", {}, format="json")
        assert (response.status_code, response.json()["status"]) == (202, "requested")
        counts.append(len(queries))

    assert counts == [3, 3]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_slow_view_is_503_in_time(refresh: Refresh, address: str, settings: Any) -> None:
    settings.ANALYTICS_STATEMENT_TIMEOUT_MS = 200
    learner = busy_learner()
    refresh()
    client = client_of(make_user("manager"))
    started = time.monotonic()
    with slow_view(VIEWS[address]):
        response = client.get(f"{API}{address.format(learner=learner.pk)}")

    assert_unavailable(response)
    assert time.monotonic() - started < 5


def test_a_lock_on_the_stamp_keeps_nobody_waiting(refresh: Refresh) -> None:
    refresh()
    client = client_of(make_user("manager"))
    started = time.monotonic()
    with lock_held_by_another("lock table analytics_stamp in access exclusive mode"):
        response = client.get(f"{API}team-summary/")

    assert_unavailable(response)
    assert time.monotonic() - started < 5


def test_a_view_under_construction_keeps_nobody_waiting(refresh: Refresh) -> None:
    refresh()
    client = client_of(make_user("manager"))
    with lock_held_by_another("drop view analytics.team_summary cascade"):
        response = client.get(f"{API}team-summary/")

    assert_unavailable(response)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_view_that_is_gone_is_503_and_never_zeros(refresh: Refresh, address: str) -> None:
    learner = make_learner()
    refresh()
    client = client_of(make_user("manager"))
    with rebuilt_after(f"drop view analytics.{VIEWS[address]} cascade"):
        response = client.get(f"{API}{address.format(learner=learner.pk)}")

    assert response.status_code == 503
    assert response.json()["type"] == "/api/problems/#not-computed"


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_view_without_the_columns_it_had_is_503(refresh: Refresh, address: str) -> None:
    learner = make_learner()
    refresh()
    client = client_of(make_user("manager"))
    column = {"learner_module": "title", "learner_risk": "factors"}.get(VIEWS[address], "team_id")
    with rebuilt_after(f"alter view analytics.{VIEWS[address]} rename column {column} to other"):
        response = client.get(f"{API}{address.format(learner=learner.pk)}")

    assert_unavailable(response)


def test_the_limits_of_a_read_do_not_outlive_it(refresh: Refresh) -> None:
    refresh()
    client_of(make_user("manager")).get(f"{API}team-summary/")

    with connection.cursor() as cursor:
        cursor.execute(
            "select current_setting('lock_timeout'), current_setting('statement_timeout')"
        )
        assert cursor.fetchone() == ("0", "0")


# --- Helpers ---------------------------------------------------------------------------------


def busy_learner() -> Any:
    now, module = timezone.now(), make_module(questions=1, has_assignment=True)
    learner = make_learner()
    record(learner, claim(module.resources.get(), at=now), received_at=now)
    make_attempt(learner, module.quiz, score=100, timestamp=now)
    make_assignment(learner, module, submitted_at=now - dt.timedelta(hours=1))
    return learner


def statements_of(client: Any, path: str) -> int:
    with CaptureQueriesContext(connection) as queries, closing(client.get(path)) as response:
        assert response.status_code == 200
    return len(queries)


def assert_unavailable(response: Any) -> None:
    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"
    assert response["Retry-After"] == "5"
    assert response.json()["type"] == "/api/problems/#unavailable"


@contextmanager
def slow_view(name: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("select pg_get_viewdef(%s::regclass)", [f"analytics.{name}"])
        (definition,) = cursor.fetchone()
        cursor.execute(
            f"create or replace view analytics.{name} as select slow.*"
            f" from ({definition.rstrip(';')}) as slow cross join pg_sleep(20)"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"create or replace view analytics.{name} as {definition}")


@contextmanager
def rebuilt_after(statement: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
    try:
        yield
    finally:
        build_views()
