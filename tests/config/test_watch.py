"""How the stack tells that worker and beat do what they are for."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from analytics.models import RefreshRun
from config.stack.watch import seconds_since_a_try
from tests.locks import lock_held_by_another
from tests.other_database import address_of

pytestmark = pytest.mark.usefixtures("committed")

NOWHERE = "postgresql://127.0.0.1:1/lms"


@pytest.fixture
def address() -> str:
    return address_of(connection.settings_dict["NAME"])


def make_run(*, started: int, finished: int | None, status: str = "done") -> RefreshRun:
    """Seconds ago."""

    def ago(seconds: int | None) -> dt.datetime | None:
        return None if seconds is None else timezone.now() - dt.timedelta(seconds=seconds)

    fields: dict[str, Any] = {"started_at": ago(started), "finished_at": ago(finished)}
    return RefreshRun.objects.create(status=status, trigger="schedule", **fields)


def test_without_a_try_it_is_for_ever(address: str) -> None:
    assert seconds_since_a_try(address) == float("inf")


@pytest.mark.parametrize("status", ["done", "skipped", "failed"])
def test_a_try_counts_from_its_end_whatever_became_of_it(address: str, status: str) -> None:
    make_run(started=900, finished=890)
    make_run(started=100, finished=40, status=status)

    assert 40 <= seconds_since_a_try(address) < 45


def test_one_that_was_killed_counts_from_its_start(address: str) -> None:
    make_run(started=100, finished=None, status="running")

    assert 100 <= seconds_since_a_try(address) < 105


def test_one_at_work_is_a_try_for_as_long_as_it_takes(address: str) -> None:
    make_run(started=900, finished=None, status="running")

    with lock_held_by_another("lock table analytics_stamp in exclusive mode"):
        assert seconds_since_a_try(address) == 0


def test_one_from_before_the_clock_was_set_back_is_of_now(address: str) -> None:
    make_run(started=-300, finished=-290)

    assert seconds_since_a_try(address) == 0


def test_a_database_that_is_away_is_no_reason_to_restart_anything() -> None:
    assert seconds_since_a_try(NOWHERE) == 0
