"""Refreshes that something comes in the way of: old rows, old stamp, on record, and never zeros."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from analytics.assertions import find_faults
from analytics.models import LearnerSnapshot, RefreshRun, Stamp
from analytics.refresh import RefreshFailed, run_refresh
from tests.factories import client_of, make_learner, make_module, make_user
from tests.locks import lock_held_by_another
from tests.reader import execute
from tracking.models import Module, ModuleProgress, User

pytestmark = pytest.mark.usefixtures("committed")

Refresh = Callable[[], None]
SUMMARY = "/api/analytics/manager/team-summary/"


@contextmanager
def duplicate_key(learner: User, module: Module) -> Iterator[None]:
    """Two rows where the view's key allows one, as only a lost constraint can bring about."""
    execute("alter table tracking_moduleprogress drop constraint module_progress_once")
    ModuleProgress.objects.bulk_create(ModuleProgress(user=learner, module=module) for _ in "ab")
    try:
        yield
    finally:
        ModuleProgress.objects.filter(user=learner).delete()
        execute(
            "alter table tracking_moduleprogress"
            " add constraint module_progress_once unique (user_id, module_id)"
        )


def test_a_duplicate_key_leaves_the_old_rows_and_says_so(refresh: Refresh) -> None:
    manager, learner = make_user("manager"), make_learner()
    refresh()
    stamp = Stamp.objects.get()
    newcomer, module = make_learner(), make_module()

    with duplicate_key(newcomer, module), pytest.raises(RefreshFailed, match="duplicate"):
        run_refresh(RefreshRun.Trigger.COMMAND)

    run = RefreshRun.objects.latest("pk")
    response = client_of(manager).get(SUMMARY)
    assert (run.status, "duplicate" in run.error) == ("failed", True)
    assert Stamp.objects.get().refresh_id == stamp.refresh_id
    assert list(LearnerSnapshot.objects.values_list("learner_id", flat=True)) == [learner.pk]
    assert (response.status_code, response["X-Refresh-Id"]) == (200, str(stamp.refresh_id))

    refresh()
    assert LearnerSnapshot.objects.count() == 2


def test_old_rows_after_failures_are_called_outdated_by_everybody(refresh: Refresh) -> None:
    manager = make_user("manager")
    refresh()
    Stamp.objects.update(computed_at=timezone.now() - dt.timedelta(minutes=6))

    shown = client_of(manager).get(SUMMARY)
    alarm = Client().get("/healthz/data")

    assert (shown.status_code, shown["X-Data-Status"]) == (200, "outdated")
    assert shown.json()["data_freshness_seconds"] >= 360
    assert alarm.status_code == 503


def test_a_migration_that_finds_its_lock_taken_gives_up_and_changes_nothing(
    refresh: Refresh, settings: Any
) -> None:
    refresh()
    settings.REFRESH_LOCK_TIMEOUT_MS = 200
    err = StringIO()

    with (
        lock_held_by_another("lock table django_migrations in access exclusive mode"),
        pytest.raises(SystemExit) as end,
    ):
        call_command("deploy", stderr=err, verbosity=0)

    assert end.value.code == 1
    assert "does not let the deploy happen: canceling statement due to lock timeout" in (
        err.getvalue()
    )
    assert find_faults() == []
    with connection.cursor() as cursor:
        cursor.execute("show lock_timeout")
        assert cursor.fetchone() == ("0",)


def test_a_clock_that_is_set_back_makes_nothing_younger_than_new(refresh: Refresh) -> None:
    """The stamp is five minutes ahead of the clock afterwards."""
    manager = make_user("manager")
    refresh()
    ahead = timezone.now() + dt.timedelta(minutes=5)
    Stamp.objects.update(computed_at=ahead)

    shown = client_of(manager).get(SUMMARY)
    ready = Client().get("/readyz").json()
    refresh()

    assert shown.json()["data_freshness_seconds"] == 0
    assert ready["data_freshness_seconds"] == 0
    # The refresh that follows is not lost: what is shown is its own.
    assert Stamp.objects.get().computed_at < ahead
    assert Stamp.objects.get().refresh_id == RefreshRun.objects.latest("pk").pk
