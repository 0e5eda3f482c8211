"""The whole beat table."""

from typing import Any

from celery.schedules import crontab
from django.conf import settings

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "refresh-views": {
        "task": "analytics.refresh_views",
        "schedule": settings.REFRESH_INTERVAL_SECONDS,
        # A tick that nobody took up in time is not worth taking up: the next one is near.
        "options": {"expires": settings.REFRESH_INTERVAL_SECONDS * 5 // 6},
    },
    # Often enough that a limit is worth its name.
    "end-overlong-readers": {
        "task": "analytics.end_overlong_readers",
        "schedule": 15,
        "options": {"expires": 10},
    },
    # Every hour, though partitions are made for a week ahead: a run may miss a lock.
    "maintain-ledger": {
        "task": "tracking.maintain_ledger",
        "schedule": crontab(minute="7"),
        "options": {"expires": 3000},
    },
    "reconcile-sample": {
        "task": "analytics.reconcile_sample",
        "schedule": crontab(minute="23"),
        "options": {"expires": 3000},
    },
    "prune-refresh-runs": {
        "task": "analytics.prune_refresh_runs",
        "schedule": crontab(hour="3", minute="17"),
    },
    "prune-quality-checks": {
        "task": "analytics.prune_quality_checks",
        "schedule": crontab(hour="3", minute="27"),
    },
}
