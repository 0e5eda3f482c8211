"""Asking for a refresh: however many ask, one refresh serves them all."""

import datetime as dt
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.utils import timezone
from redis import Redis
from rest_framework.test import APIClient

from analytics.models import AuditEntry, RefreshRun, Stamp
from analytics.refresh import run_refresh
from analytics.requests import refresh_on_request
from tests.audit_log import entries
from tests.factories import client_of, make_learner, make_user
from tests.locks import lock_held_by_another
from tests.tracking.callers import Callers
from workers.celery import app

Refresh = Callable[[], None]
ADDRESS = "/api/analytics/manager/refresh/"
QUEUE = "pulseboard"
AT_WORK = "lock table analytics_stamp in exclusive mode"

pytestmark = pytest.mark.usefixtures("committed", "empty_queue")


def ask(client: APIClient) -> dict[str, Any]:
    response = client.post(ADDRESS, {}, format="json")
    assert response.status_code == 202, response.content
    answer: dict[str, Any] = response.json()
    return answer


def work_off() -> list[str]:
    """What the worker does with what is in the queue; the names of the tasks."""
    app.loader.import_default_modules()
    done: list[str] = []
    with app.connection_for_read() as connection, connection.SimpleQueue(QUEUE) as queue:
        while True:
            try:
                message = queue.get_nowait()
            except queue.Empty:
                return done
            arguments, keywords, _ = message.payload
            name = message.headers["task"]
            app.tasks[name](*arguments, **keywords)
            message.ack()
            done.append(name)


def age_the_stamp(seconds: int) -> None:
    Stamp.objects.update(computed_at=timezone.now() - dt.timedelta(seconds=seconds))


def test_a_request_is_sent_to_the_worker_which_refreshes(refresh: Refresh) -> None:
    refresh()
    age_the_stamp(30)
    stamp = Stamp.objects.get()
    make_learner()

    answer = ask(client_of(make_user("manager")))

    assert 30 <= answer.pop("data_freshness_seconds") <= 35
    assert answer == {
        "status": "requested",
        "refresh_id": stamp.refresh_id,
        "computed_at": stamp.computed_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    assert work_off() == ["analytics.refresh_on_request"]
    run = RefreshRun.objects.latest("pk")
    assert (run.status, run.trigger) == ("done", "request")
    assert Stamp.objects.get().refresh_id == run.pk


def test_before_the_first_refresh_there_are_no_figures_to_name() -> None:
    answer = ask(client_of(make_user("manager")))

    assert answer == {
        "status": "requested",
        "refresh_id": None,
        "computed_at": None,
        "data_freshness_seconds": None,
    }


def test_one_that_is_at_work_serves_whoever_asks(refresh: Refresh, redis: Redis) -> None:
    refresh()
    age_the_stamp(30)
    with lock_held_by_another(AT_WORK):
        answer = ask(client_of(make_user("manager")))

    assert answer["status"] == "running"
    assert redis.llen(QUEUE) == 0


def test_a_run_that_was_killed_is_not_at_work(refresh: Refresh) -> None:
    """Its row says that it runs; the lock, which went with its connection, does not."""
    refresh()
    age_the_stamp(30)
    RefreshRun.objects.create(started_at=timezone.now(), trigger="schedule")

    assert ask(client_of(make_user("manager")))["status"] == "requested"


@pytest.mark.parametrize(
    ("age", "status"), [(0, "recent"), (4, "recent"), (6, "requested"), (-300, "requested")]
)
def test_a_recent_one_serves_whoever_asks(refresh: Refresh, age: int, status: str) -> None:
    refresh()
    age_the_stamp(age)

    assert ask(client_of(make_user("manager")))["status"] == status


def test_after_the_clock_was_set_back_a_request_refreshes_all_the_same(refresh: Refresh) -> None:
    refresh()
    age_the_stamp(-300)

    ask(client_of(make_user("manager")))
    work_off()

    assert Stamp.objects.get().computed_at <= timezone.now()


def test_fifty_managers_who_ask_at_once_cause_one_refresh(refresh: Refresh, redis: Redis) -> None:
    refresh()
    age_the_stamp(30)
    known = RefreshRun.objects.count()
    asking = [partial(ask, client_of(make_user("manager"))) for _ in range(50)]
    with Callers(10) as callers:
        answers = [
            answer
            for start in range(0, 50, 10)
            for answer in callers.at_once(asking[start : start + 10])
        ]

    assert {answer["status"] for answer in answers} == {"requested"}
    assert redis.llen(QUEUE) == 50
    assert work_off() == ["analytics.refresh_on_request"] * 50
    assert RefreshRun.objects.count() == known + 1


def test_a_task_that_starts_while_a_refresh_is_at_work_leaves_no_trace(refresh: Refresh) -> None:
    refresh()
    known = RefreshRun.objects.count()
    with lock_held_by_another(AT_WORK):
        assert refresh_on_request(timezone.now() + dt.timedelta(seconds=1)) is None

    assert RefreshRun.objects.count() == known


def test_a_refresh_whose_snapshot_is_older_than_the_request_does_not_serve_it(
    refresh: Refresh,
) -> None:
    refresh()
    computed_at = Stamp.objects.get().computed_at
    just_after = dt.timedelta(microseconds=1)

    assert refresh_on_request(computed_at) is None
    run = refresh_on_request(computed_at + just_after)
    assert run is not None
    assert run.trigger == "request"


def test_a_task_that_nobody_took_up_is_dropped(refresh: Refresh, settings: Any) -> None:
    refresh()
    age_the_stamp(30)
    before = timezone.now()
    ask(client_of(make_user("manager")))

    with app.connection_for_read() as connection, connection.SimpleQueue(QUEUE) as queue:
        message = queue.get(timeout=5)
        message.ack()
    left = dt.datetime.fromisoformat(message.headers["expires"]) - before
    assert 0 < left.total_seconds() <= settings.REFRESH_INTERVAL_SECONDS + 5


def test_every_request_is_recorded_with_what_became_of_it(refresh: Refresh) -> None:
    refresh()
    manager = make_user("manager")
    refresh_id = Stamp.objects.get().refresh_id
    ask(client_of(manager))

    assert entries() == [
        (manager.pk, "request_refresh", None, {"status": "recent", "refresh_id": refresh_id})
    ]


class TestBrokerAway:
    def test_one_that_is_down_is_503_at_once_and_nothing_is_applied(
        self, refresh: Refresh, settings: Any
    ) -> None:
        refresh()
        age_the_stamp(30)
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{closed.getsockname()[1]}/0"
            self.refused(client_of(make_user("manager")), within_seconds=3)

    def test_one_that_hangs_is_503_in_time(self, refresh: Refresh, settings: Any) -> None:
        refresh()
        age_the_stamp(30)
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
            self.refused(client_of(make_user("manager")), within_seconds=8)

    def test_a_recent_refresh_needs_no_broker(self, refresh: Refresh, settings: Any) -> None:
        refresh()
        settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"

        assert ask(client_of(make_user("manager")))["status"] == "recent"

    def refused(self, client: APIClient, *, within_seconds: float) -> None:
        known, started = RefreshRun.objects.count(), time.monotonic()

        response = client.post(ADDRESS, {}, format="json")

        assert time.monotonic() - started < within_seconds
        assert response.status_code == 503
        assert response["Content-Type"] == "application/problem+json"
        assert response["Retry-After"] == "5"
        assert response.json()["detail"] == (
            "The worker cannot be asked: the broker does not answer."
        )
        assert RefreshRun.objects.count() == known
        assert not AuditEntry.objects.exists()


class TestRefusals:
    @pytest.mark.parametrize(
        ("body", "field"), [({"force": True}, "force"), ([], "body"), ("x", "body")]
    )
    def test_a_body_with_anything_in_it_is_400(self, body: Any, field: str) -> None:
        response = client_of(make_user("manager")).post(ADDRESS, body, format="json")

        assert response.status_code == 400
        assert [error["field"] for error in response.json()["errors"]] == [field]

    def test_parameters_are_refused(self) -> None:
        response = client_of(make_user("manager")).post(f"{ADDRESS}?now=1", {}, format="json")

        assert response.status_code == 400

    def test_who_is_no_manager_is_refused(self, redis: Redis) -> None:
        assert client_of(make_learner()).post(ADDRESS, {}, format="json").status_code == 403
        assert APIClient().post(ADDRESS, {}, format="json").status_code == 401
        assert client_of(make_user("manager")).get(ADDRESS).status_code == 405
        assert redis.llen(QUEUE) == 0


def test_a_refresh_that_was_asked_for_is_like_any_other() -> None:
    run = run_refresh(RefreshRun.Trigger.REQUEST)

    assert run.status == "done"
