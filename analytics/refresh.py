"""The refresh: every materialized view and the stamp, in one consistent transaction.

Readers see the set of the last finished refresh until the moment the next one commits. Whatever
happens to a run, it is on record: done, skipped (another one was at work) or failed, with the old
rows and the old stamp left as they were.
"""

import datetime as dt
import logging
import time
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from django_pgviews.view import MaterializedView

from analytics.models import RefreshRun, Stamp
from analytics.models.views import MATERIALIZED_VIEWS

logger = logging.getLogger(__name__)

LOCK_NOT_AVAILABLE = "55P03"
ABANDONED_AFTER = dt.timedelta(hours=1)


class RefreshFailed(Exception):
    """The run failed, for the reason in its message; it is recorded where that was possible."""


@dataclass(frozen=True)
class RefreshedView:
    """How long one view took, and how many rows it has now."""

    view: str
    milliseconds: float
    rows: int


def run_refresh(trigger: RefreshRun.Trigger) -> RefreshRun:
    """Refresh all views once; the finished run, which is done or skipped.

    Must not be called inside a transaction. Raises `RefreshFailed`.
    """
    try:
        _close_abandoned()
        run = RefreshRun.objects.create(started_at=timezone.now(), trigger=trigger)
    except (DatabaseError, InterfaceError) as error:
        raise RefreshFailed(f"The refresh could not be started: {error}") from error
    try:
        with transaction.atomic(durable=True):
            _begin()
            _stamp(run)
            views = [_refresh(view) for view in MATERIALIZED_VIEWS]
            _finish(run, RefreshRun.Status.DONE, views=[asdict(view) for view in views])
    except _Busy:
        _finish(run, RefreshRun.Status.SKIPPED, error="Another refresh is at work.")
        logger.info("refresh %s skipped: another one is at work", run.pk)
        return run
    except (DatabaseError, InterfaceError) as error:
        _record_failure(run, error)
        raise RefreshFailed(f"Refresh {run.pk} failed: {error}") from error
    except BaseException as error:
        # A time limit or a shutdown: the transaction is rolled back; say so before leaving.
        _record_failure(run, error)
        raise
    logger.info("refresh %s done in %.0f ms", run.pk, sum(view.milliseconds for view in views))
    return run


def prune_runs() -> int:
    """Delete runs older than `REFRESH_RUN_RETENTION`; how many. The stamp's own run stays."""
    deleted, _ = (
        RefreshRun.objects.filter(
            started_at__lt=timezone.now() - settings.REFRESH_RUN_RETENTION,
        )
        .exclude(pk__in=Stamp.objects.values("refresh_id"))
        .delete()
    )
    return deleted


class _Busy(Exception):
    """The lock of the refresh is held by another run."""


def _begin() -> None:
    """Isolation, limits, and the lock: before the transaction takes its snapshot."""
    with connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read")
        cursor.execute(f"set local statement_timeout = {settings.REFRESH_STATEMENT_TIMEOUT_MS:d}")
        cursor.execute(f"set local lock_timeout = {settings.REFRESH_LOCK_TIMEOUT_MS:d}")
        # A worker that was killed must not keep the lock until its statement ends.
        cursor.execute("set local client_connection_check_interval = '1s'")
        try:
            cursor.execute("lock table analytics_stamp in exclusive mode nowait")
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) == LOCK_NOT_AVAILABLE:
                raise _Busy("another refresh is at work") from error
            raise


def _stamp(run: RefreshRun) -> None:
    """The first statement with a snapshot; its own start is never later than what it sees."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into analytics_stamp (id, refresh_id, computed_at)"
            " values (1, %s, statement_timestamp())"
            " on conflict (id) do update"
            " set refresh_id = excluded.refresh_id, computed_at = excluded.computed_at",
            [run.pk],
        )


def _refresh(view: type[MaterializedView]) -> RefreshedView:
    name = view._meta.db_table
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("select ispopulated from pg_matviews where matviewname = %s", [name])
        row = cursor.fetchone()
        # The very first refresh of a view has nothing that readers could go on reading.
        concurrently = "concurrently" if row and row[0] else ""
        cursor.execute(f"refresh materialized view {concurrently} {name}")
        cursor.execute(f"select count(*) from {name}")  # noqa: S608 - a name of our own
        (rows,) = cursor.fetchone()
    return RefreshedView(name, round((time.perf_counter() - started) * 1000, 1), rows)


def _finish(run: RefreshRun, status: RefreshRun.Status, **fields: Any) -> None:
    run.status = status
    run.finished_at = timezone.now()
    for name, value in fields.items():
        setattr(run, name, value)
    run.save()


def _close_abandoned() -> None:
    """Close the runs of processes that were killed: no living one takes this long."""
    RefreshRun.objects.filter(
        status=RefreshRun.Status.RUNNING, started_at__lt=timezone.now() - ABANDONED_AFTER
    ).update(
        status=RefreshRun.Status.FAILED,
        finished_at=timezone.now(),
        error="The process ended before it could say how the run went.",
    )


def _record_failure(run: RefreshRun, error: BaseException) -> None:
    logger.error("refresh %s failed: %s", run.pk, error, exc_info=error)
    try:
        # The connection may have died with the refresh; a fresh one can still tell.
        connection.close_if_unusable_or_obsolete()
        _finish(run, RefreshRun.Status.FAILED, error=f"{type(error).__name__}: {error}")
    except (DatabaseError, InterfaceError):
        logger.exception("the failure of refresh %s could not be recorded", run.pk)
