"""The partitions of the ledger: made ahead of the days, sealed and dropped past the retention.

A pulse is remembered, with its id, for at least `PULSE_RETENTION` after it was received, whatever
day its id names. What is dropped leaves its subtotals in `SealedPulses`, in the same transaction.
A pulse whose day has no partition is kept in `tracking_pulse_other`; nothing is ever refused.
"""

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from config.sql import read_sql

logger = logging.getLogger(__name__)

LEDGER = "tracking_pulse"
# Where pulses are whose day has no partition.
OTHER = "tracking_pulse_other"
# The day of ids without a time; those named after something outside (0001-01-02) are kept for good.
RANDOM_DAY = dt.date(1, 1, 1)

DAYS_AHEAD = 7
# Writers queue behind a lock that waits, so it does not wait long; the next run tries again. Less
# than PostgreSQL's deadlock_timeout, so that in a deadlock it is never a writer who has to go.
LOCK_TIMEOUT_MS = 500


class LedgerNotMaintained(Exception):
    """What could not be done; everything else was."""


@dataclass
class LedgerReport:
    """Days whose partition was made or dropped, those kept for late arrivals, pulses sealed."""

    made: list[dt.date] = field(default_factory=list)
    dropped: list[dt.date] = field(default_factory=list)
    kept: list[dt.date] = field(default_factory=list)
    sealed_pulses: int = 0


def maintain_ledger(now: dt.datetime) -> LedgerReport:
    """Make the partitions from `MAX_PULSE_AGE` ago until `DAYS_AHEAD`; seal what is past its time.

    Every step is a transaction of its own and may be repeated. Raises `LedgerNotMaintained`, after
    all other steps, when one did not get its lock in time.
    """
    report = LedgerReport()
    problems: list[str] = []
    horizon = now - settings.PULSE_RETENTION
    today = now.astimezone(dt.UTC).date()

    def attempt(name: str, step: Callable[[], None]) -> None:
        try:
            step()
        except OperationalError as error:
            problems.append(f"{name}: {str(error).strip().splitlines()[0]}")

    existing = partition_days()
    for offset in range(-settings.MAX_PULSE_AGE.days, DAYS_AHEAD + 1):
        day = today + dt.timedelta(days=offset)
        if day not in existing:
            attempt(f"partition of {day} not made", partial(_make, day, report))
    for day in existing:
        if day < horizon.date():
            attempt(f"partition of {day} not sealed", partial(_drop, day, horizon, now, report))
    for day in [RANDOM_DAY, *_expired_days_without_partition(horizon)]:
        attempt(f"pulses of {day} not sealed", partial(_prune, day, horizon, now, report))

    logger.info(
        "ledger: %d partitions made, %d dropped, %d kept for late arrivals, %d pulses sealed",
        len(report.made),
        len(report.dropped),
        len(report.kept),
        report.sealed_pulses,
    )
    if problems:
        raise LedgerNotMaintained("; ".join(problems))
    return report


def partition_days() -> list[dt.date]:
    """The days that have a partition, in order."""
    with connection.cursor() as cursor:
        cursor.execute(read_sql("tracking/partition_days"), {"ledger": LEDGER})
        return [day for (day,) in cursor.fetchall()]


def _expired_days_without_partition(horizon: dt.datetime) -> list[dt.date]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select distinct ledger_day from {OTHER} where received_at < %s",  # noqa: S608
            [horizon],
        )
        return [day for (day,) in cursor.fetchall()]


def _begin(cursor: CursorWrapper) -> None:
    """One run at a time, and none that keeps others waiting for long."""
    cursor.execute(f"set local lock_timeout = {LOCK_TIMEOUT_MS}")
    try:
        cursor.execute("lock table tracking_sealedpulses in share row exclusive mode nowait")
    except OperationalError as error:
        raise LedgerNotMaintained("another run is at work") from error


def _execute(cursor: CursorWrapper, statement: str, day: dt.date) -> None:
    """Run a statement about the partition of a day, which cannot be a parameter."""
    cursor.execute(
        sql.SQL(statement)
        .format(
            partition=sql.Identifier(f"{LEDGER}_{day:%Y_%m_%d}"),
            other=sql.Identifier(OTHER),
            day=sql.Literal(day),
            next_day=sql.Literal(day + dt.timedelta(days=1)),
        )
        .as_string()
    )


def _make(day: dt.date, report: LedgerReport) -> None:
    """Attach a partition, with the pulses of its day that came before it.

    Who writes waits for that moment: a pulse on its way to `OTHER` would find, when it gets there,
    that it belongs elsewhere, and fail. Who reads goes on; creating it in place would not let them.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        _begin(cursor)
        if day in partition_days():
            return
        _execute(
            cursor, "create table {partition} (like tracking_pulse including constraints)", day
        )
        cursor.execute("lock table tracking_pulse in share mode")
        _execute(
            cursor,
            "with moved as (delete from {other} where ledger_day = {day} returning *)"
            " insert into {partition} select * from moved",
            day,
        )
        _execute(
            cursor,
            "alter table tracking_pulse attach partition {partition}"
            " for values from ({day}) to ({next_day})",
            day,
        )
    report.made.append(day)


def _drop(day: dt.date, horizon: dt.datetime, now: dt.datetime, report: LedgerReport) -> None:
    """Seal a partition and drop it, unless a pulse came late: its id is still to be remembered."""
    with transaction.atomic(), connection.cursor() as cursor:
        _begin(cursor)
        _execute(cursor, "lock table {partition} in share mode", day)
        cursor.execute(
            "select exists"
            " (select from tracking_pulse where ledger_day = %s and received_at >= %s)",
            [day, horizon],
        )
        (is_remembered,) = cursor.fetchone()
        if is_remembered:
            report.kept.append(day)
            return
        sealed = _seal(cursor, day, horizon, now)
        _execute(cursor, "drop table {partition}", day)
    report.dropped.append(day)
    report.sealed_pulses += sealed


def _prune(day: dt.date, horizon: dt.datetime, now: dt.datetime, report: LedgerReport) -> None:
    """Seal and delete the expired pulses of a day that has no partition to drop."""
    with transaction.atomic(), connection.cursor() as cursor:
        _begin(cursor)
        sealed = _seal(cursor, day, horizon, now)
        cursor.execute(
            "delete from tracking_pulse where ledger_day = %s and received_at < %s", [day, horizon]
        )
    report.sealed_pulses += sealed


def _seal(cursor: CursorWrapper, day: dt.date, horizon: dt.datetime, now: dt.datetime) -> int:
    """Add a day's expired pulses to their subtotals; how many they were."""
    cursor.execute(
        read_sql("tracking/seal_pulses"), {"day": day, "horizon": horizon, "sealed_at": now}
    )
    (pulses,) = cursor.fetchone()
    return int(pulses)
