"""Celery's worker and beat."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
