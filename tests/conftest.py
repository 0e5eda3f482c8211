"""What every test may ask for: a database with views, a clock's zero, people and clients."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from redis import Redis
from rest_framework.test import APIClient

from analytics.build import build_views
from analytics.grants import grant_readers
from tests import factories
from tests.audit_log import forget_audit
from tracking.models import User
from tracking.proof import run_checks
from tracking.sign_in_limit import KEY_PREFIX


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The test database as `manage.py deploy` leaves it, but for the first refresh."""
    with django_db_blocker.unblock():
        build_views()
        grant_readers()


@pytest.fixture(autouse=True)
def static_files_on_demand(settings: Any) -> None:
    """Not gathered anew for the client of every test."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(scope="session")
def redis() -> Iterator[Redis]:
    """The Redis of the test run."""
    with Redis.from_url(django_settings.REDIS_URL) as client:
        yield client


@pytest.fixture(autouse=True)
def no_failed_sign_ins(redis: Redis) -> None:
    """Those of one test do not keep another waiting."""
    for key in redis.scan_iter(f"{KEY_PREFIX}:*"):
        redis.delete(key)


@pytest.fixture
def empty_queue(redis: Redis) -> Iterator[None]:
    """No task waits for the worker, neither before the test nor after it."""
    redis.delete(django_settings.CELERY_TASK_DEFAULT_QUEUE)
    yield
    redis.delete(django_settings.CELERY_TASK_DEFAULT_QUEUE)


@pytest.fixture
def committed(transactional_db: None, django_db_serialized_rollback: None) -> Iterator[None]:
    """A database whose commits are real: for threads, refreshes and snapshots.

    Neither the stamp nor the audit log survives the test, so that none sees that of another.
    """
    yield
    forget_audit()


@pytest.fixture
def refresh(committed: None) -> Callable[[], None]:
    """Run one refresh, as beat does."""

    def run() -> None:
        call_command("refresh", stdout=_Silent())

    return run


class _Silent:
    def write(self, text: str) -> int:
        return len(text)


@pytest.fixture
def evidence_adds_up(db: None) -> Iterator[None]:
    """After the test, what it has left in the database breaks no rule of `sql/checks/`."""
    yield
    assert {result.name: result.rows for result in run_checks() if not result.holds} == {}


@pytest.fixture
def now() -> dt.datetime:
    """The time zero of a test with fixed times."""
    return factories.ZERO


@pytest.fixture
def client_of() -> Callable[[User], APIClient]:
    """A client signed in as the given user, by a token that was really issued."""
    return factories.client_of
