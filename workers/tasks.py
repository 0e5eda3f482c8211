"""What the worker does. One call each: the work itself is elsewhere."""

import datetime as dt

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from analytics.grants import end_overlong_sessions
from analytics.models import RefreshRun
from analytics.reconcile import prune_quality_checks, reconcile
from analytics.refresh import prune_runs, run_refresh
from analytics.requests import refresh_on_request
from tracking.ledger import maintain_ledger


@shared_task(name="analytics.refresh_views")
def refresh_views() -> None:
    run_refresh(RefreshRun.Trigger.SCHEDULE)


@shared_task(name="analytics.reconcile_sample")
def reconcile_sample() -> None:
    reconcile(settings.RECONCILE_SAMPLE)


@shared_task(name="analytics.refresh_on_request")
def refresh_for_whoever_asked(asked_at: str) -> None:
    refresh_on_request(dt.datetime.fromisoformat(asked_at))


@shared_task(name="analytics.prune_refresh_runs")
def prune_refresh_runs() -> None:
    prune_runs()


@shared_task(name="analytics.end_overlong_readers")
def end_overlong_readers() -> None:
    end_overlong_sessions()


@shared_task(name="analytics.prune_quality_checks")
def prune_checks() -> None:
    prune_quality_checks()


@shared_task(name="tracking.maintain_ledger")
def keep_ledger() -> None:
    maintain_ledger(timezone.now())
