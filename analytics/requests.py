"""Refreshes that somebody asks for: however many ask at once, one refresh serves them all."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from analytics.models import RefreshRun, Stamp
from analytics.refresh import run_refresh
from config.queue import send_task
from config.sql import fetch_rows

TASK = "analytics.refresh_on_request"
RECENT = dt.timedelta(seconds=5)


class RequestStatus(StrEnum):
    """What becomes of the request."""

    REQUESTED = "requested"
    RUNNING = "running"
    RECENT = "recent"


@dataclass(frozen=True)
class RefreshRequest:
    """What becomes of the request, and which figures there are until then, if any."""

    status: RequestStatus
    refresh_id: int | None
    computed_at: dt.datetime | None

    @property
    def age_seconds(self) -> int | None:
        if self.computed_at is None:
            return None
        return max(int((timezone.now() - self.computed_at).total_seconds()), 0)


def request_refresh() -> RefreshRequest:
    """Have the worker refresh, unless a refresh is at work or was so a moment ago.

    Raises `Unavailable` when the worker cannot be asked.
    """
    (row,) = fetch_rows("queries/refresh_at_work", {})
    figures = row["refresh_id"], row["computed_at"]
    if row["is_at_work"]:
        return RefreshRequest(RequestStatus.RUNNING, *figures)
    # A stamp from the future, as the clock was set back, is of a refresh from before that.
    if (
        row["computed_at"] is not None
        and dt.timedelta(0) <= row["asked_at"] - row["computed_at"] < RECENT
    ):
        return RefreshRequest(RequestStatus.RECENT, *figures)
    # Later than that the next tick of beat has done it.
    expires_seconds = settings.REFRESH_INTERVAL_SECONDS
    send_task(TASK, row["asked_at"].isoformat(), expires_seconds=expires_seconds)
    return RefreshRequest(RequestStatus.REQUESTED, *figures)


def refresh_on_request(asked_at: dt.datetime) -> RefreshRun | None:
    """Refresh for who asked then, by the database's clock; the run, or `None` if none was needed.

    A refresh whose snapshot is later than the request has served it, and so does one at work: none
    was at work when the request was made. Raises `RefreshFailed`.
    """
    if Stamp.objects.filter(computed_at__gte=asked_at, computed_at__lte=Now()).exists():
        return None
    (row,) = fetch_rows("queries/refresh_at_work", {})
    return None if row["is_at_work"] else run_refresh(RefreshRun.Trigger.REQUEST)
