"""The refresh: the materialized views and the stamp, in one consistent transaction.

Most runs are of the tier *delta*: they compute the learners anew that were touched since the base,
and what sums them up. A run of the tier *base* computes all learners; a run decides for itself
whether that is due (sql/refresh/base_is_due.sql), and nobody who reads sees a difference.

Readers see the set of the last finished refresh until the moment the next one commits. Whatever
happens to a run, it is on record: done, skipped (another one was at work) or failed, with the old
rows and the old stamp left as they were.
"""

import datetime as dt
import logging
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from django_pgviews.view import MaterializedView

from analytics.models import Base, Policy, RefreshRun, Stamp
from analytics.models.views import BASE_VIEWS, DELTA_VIEWS, TeamTotals, TouchedLearner
from config.sql import fetch_rows, read_sql

logger = logging.getLogger(__name__)

LOCK_NOT_AVAILABLE = "55P03"
ANALYZED_VIEWS = frozenset({*BASE_VIEWS, TouchedLearner})
# Some milliseconds of work, after which whoever waits goes on.
FORGOTTEN_AT_ONCE = 2_000
ABANDONED_AFTER = dt.timedelta(hours=1)


class RefreshFailed(Exception):
    """The run failed, for the reason in its message; it is recorded where that was possible."""


@dataclass(frozen=True)
class RefreshedView:
    """How long one view took, and how many rows it has now."""

    view: str
    milliseconds: float
    rows: int


def run_refresh(trigger: RefreshRun.Trigger, *, base: bool = False) -> RefreshRun:
    """Refresh the views once; the finished run, which is done or skipped.

    With `base` all learners are computed anew, due or not. Must not be called inside a transaction.
    Raises `RefreshFailed`.
    """
    try:
        _close_abandoned()
        _forget_another_cluster()
        run = RefreshRun.objects.create(started_at=timezone.now(), trigger=trigger)
    except (DatabaseError, InterfaceError) as error:
        raise RefreshFailed(f"The refresh could not be started: {error}") from error
    try:
        with transaction.atomic(durable=True):
            _begin()
            views = _refresh_views(run, base_wanted=base)
            _finish(run, RefreshRun.Status.DONE, views=[asdict(view) for view in views])
    except _Skip as reason:
        _finish(run, RefreshRun.Status.SKIPPED, error=str(reason))
        logger.info("refresh %s skipped: %s", run.pk, reason)
        return run
    except (DatabaseError, InterfaceError, PolicyMissing) as error:
        _record_failure(run, error)
        raise RefreshFailed(f"Refresh {run.pk} failed: {error}") from error
    except BaseException as error:
        # A time limit or a shutdown: the transaction is rolled back; say so before leaving.
        _record_failure(run, error)
        raise
    if run.tier == RefreshRun.Tier.BASE:
        _forget_known()
    logger.info(
        "refresh %s done in %.0f ms: %s%s",
        run.pk,
        sum(view.milliseconds for view in views),
        run.tier,
        f", as {run.base_reason}" if run.base_reason else "",
    )
    return run


def prune_runs() -> int:
    """Delete runs older than `REFRESH_RUN_RETENTION`; how many.

    Those of the stamp and of the base stay.
    """
    deleted, _ = (
        RefreshRun.objects.filter(
            started_at__lt=timezone.now() - settings.REFRESH_RUN_RETENTION,
        )
        .exclude(pk__in=Stamp.objects.values("refresh_id"))
        .exclude(pk__in=Base.objects.values("refresh_id"))
        .delete()
    )
    return deleted


class PolicyMissing(Exception):
    """Without a policy nothing can be reckoned: the views would show that there is nobody."""

    def __init__(self) -> None:
        super().__init__(
            "The row of analytics_policy was deleted: manage.py deploy makes it anew with the"
            " defaults, and says what they were before."
        )


class _Skip(Exception):
    """There is nothing for this run to do, for the reason in its message."""


def _begin() -> None:
    """Isolation, limits, and the lock: before the transaction takes its snapshot."""
    with connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read")
        cursor.execute(f"set local statement_timeout = {settings.REFRESH_STATEMENT_TIMEOUT_MS:d}")
        cursor.execute(f"set local lock_timeout = {settings.REFRESH_LOCK_TIMEOUT_MS:d}")
        cursor.execute(f"set local work_mem = '{settings.REFRESH_WORK_MEM_MB:d}MB'")
        # Whoever is chosen has to come first in a join of many tables.
        cursor.execute("set local join_collapse_limit = 16")
        cursor.execute("set local from_collapse_limit = 16")
        # A worker that was killed must not keep the lock until its statement ends.
        cursor.execute("set local client_connection_check_interval = '1s'")
        # Nor must one that was stopped: between two statements it has nothing to do.
        cursor.execute("set local idle_in_transaction_session_timeout = '60s'")
        try:
            cursor.execute("lock table analytics_stamp in exclusive mode nowait")
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) == LOCK_NOT_AVAILABLE:
                raise _Skip("Another refresh is at work.") from error
            raise


def _see_that_it_is_time(run: RefreshRun) -> None:
    """What a second beat asks for was done for the first one.

    Looked at under the lock, so that one that has just ended is seen. Two thirds of the interval
    leave a tick that was taken up late its successor.
    """
    if run.trigger != RefreshRun.Trigger.SCHEDULE:
        return
    now = timezone.now()
    recently = dt.timedelta(seconds=settings.REFRESH_INTERVAL_SECONDS * 2 / 3)
    done = RefreshRun.objects.filter(trigger=run.trigger, status=RefreshRun.Status.DONE)
    # One from the future began before the clock was set back.
    if done.filter(started_at__range=(now - recently, now)).exists():
        raise _Skip("This tick has been served: is there a second beat?")


def _refresh_views(run: RefreshRun, *, base_wanted: bool) -> list[RefreshedView]:
    """Everything between the lock and the commit."""
    (earlier,) = fetch_rows("refresh/stamp", {"refresh_id": run.pk})
    _see_that_it_is_time(run)
    if not Policy.objects.exists():
        raise PolicyMissing
    reason = "it was asked for" if base_wanted else _why_base_is_due()
    run.tier = RefreshRun.Tier.BASE if reason else RefreshRun.Tier.DELTA
    run.base_reason = reason or ""
    if not reason and not _is_anything_new(earlier):
        # Only the clock has moved: what it changes of learners is worked out when it is read.
        return [_refresh(TeamTotals)]
    base_views: list[RefreshedView] = []
    if reason:
        with connection.cursor() as cursor:
            cursor.execute(read_sql("refresh/base"))
        base_views = [_refresh(view) for view in BASE_VIEWS]
    with connection.cursor() as cursor:
        # The rows of a few learners lie scattered, and in memory or on a disk that seeks as fast as
        # it reads. The bases read whole tables, one row after the other.
        cursor.execute("set local random_page_cost = 1.1")
    return base_views + [_refresh(view) for view in DELTA_VIEWS]


def _why_base_is_due() -> str | None:
    (row,) = fetch_rows(
        "refresh/base_is_due",
        {"share": settings.REFRESH_BASE_SHARE, "fewest": settings.REFRESH_BASE_FEWEST},
    )
    reason: str | None = row["reason"]
    if reason is None and not _are_filled(BASE_VIEWS):
        return "a base view is empty"
    return reason


def _is_anything_new(earlier: dict[str, Any]) -> bool:
    (row,) = fetch_rows("refresh/is_anybody_touched", earlier)
    return row["is_anybody_touched"] or not _are_filled(DELTA_VIEWS)


def _are_filled(views: Sequence[type[MaterializedView]]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_matviews where ispopulated and matviewname = any(%s)",
            [[view._meta.db_table for view in views]],
        )
        (filled,) = cursor.fetchone()
    return bool(filled == len(views))


def _refresh(view: type[MaterializedView]) -> RefreshedView:
    name = view._meta.db_table
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("select ispopulated from pg_matviews where matviewname = %s", [name])
        row = cursor.fetchone()
        # The very first refresh of a view has nothing that readers could go on reading.
        concurrently = "concurrently" if row and row[0] else ""
        cursor.execute(f"refresh materialized view {concurrently} {name}")
        if view in ANALYZED_VIEWS:
            # Whether a few learners are looked up or all are read through hangs on these figures.
            cursor.execute(f"analyze {name}")
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


def _forget_another_cluster() -> None:
    """Before the transaction of the run: its snapshot has to be later than what is forgotten."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(f"set local statement_timeout = {settings.REFRESH_STATEMENT_TIMEOUT_MS:d}")
        cursor.execute(f"set local lock_timeout = {settings.REFRESH_LOCK_TIMEOUT_MS:d}")
        cursor.execute(read_sql("refresh/forget_foreign"))


def _forget_known() -> None:
    """Keep the ledger as short as what has changed since the base: every refresh reads all of it.

    What stays, because it was just being written or the connection was lost, costs time and nothing
    else, until the next base.
    """
    try:
        with connection.cursor() as cursor:
            while True:
                cursor.execute(read_sql("refresh/forget_known"), {"most": FORGOTTEN_AT_ONCE})
                if cursor.rowcount < FORGOTTEN_AT_ONCE:
                    return
    except (DatabaseError, InterfaceError):
        logger.exception("the ledger of touched learners could not be shortened")


def _record_failure(run: RefreshRun, error: BaseException) -> None:
    logger.error("refresh %s failed: %s", run.pk, error, exc_info=error)
    try:
        # The connection may have died with the refresh; a fresh one can still tell.
        connection.close_if_unusable_or_obsolete()
        _finish(run, RefreshRun.Status.FAILED, error=f"{type(error).__name__}: {error}")
    except (DatabaseError, InterfaceError):
        logger.exception("the failure of refresh %s could not be recorded", run.pk)
