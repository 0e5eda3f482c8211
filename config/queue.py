"""Asking the worker for something, from a process that must not wait for it."""

from typing import Any

from celery import Celery
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from config.problems import Unavailable

# Somebody waits for the answer meanwhile. Each of connecting, and every reply, may take this long.
PATIENCE_SECONDS = 1

_app = Celery("pulseboard-web", set_as_current=False)
_app.config_from_object("django.conf:settings", namespace="CELERY")


def send_task(name: str, *arguments: Any, expires_seconds: int) -> None:
    """Put a task of `workers/tasks.py` into the queue; it is dropped if nobody takes it in time.

    Raises `Unavailable` when the broker does not take it, or not soon.
    """
    impatient = {
        "socket_timeout": PATIENCE_SECONDS,
        "socket_connect_timeout": PATIENCE_SECONDS,
        # Kombu would else try for ever.
        "max_retries": 0,
    }
    try:
        with _app.connection_for_write(
            settings.CELERY_BROKER_URL, transport_options=impatient
        ) as connection:
            _app.send_task(
                name, arguments, connection=connection, retry=False, expires=expires_seconds
            )
    except (OperationalError, RedisError, OSError) as error:
        raise Unavailable("The worker cannot be asked: the broker does not answer.") from error
