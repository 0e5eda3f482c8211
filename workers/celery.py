"""The Celery application of worker and beat."""

from celery import Celery

from workers.schedule import BEAT_SCHEDULE

app = Celery("pulseboard", include=["workers.tasks"])
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = BEAT_SCHEDULE
