"""What the worker does. One call each: the work itself is elsewhere."""

from celery import shared_task

from analytics.models import RefreshRun
from analytics.refresh import prune_runs, run_refresh


@shared_task(name="analytics.refresh_views")
def refresh_views() -> None:
    run_refresh(RefreshRun.Trigger.SCHEDULE)


@shared_task(name="analytics.prune_refresh_runs")
def prune_refresh_runs() -> None:
    prune_runs()
