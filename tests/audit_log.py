"""The audit log in tests: what stands in it, and hands on it that nothing holds back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from analytics.models import AuditEntry


def entries() -> list[tuple[Any, ...]]:
    """Actor, action, learner and detail of every entry, the oldest first."""
    return list(
        AuditEntry.objects.order_by("id").values_list("actor_id", "action", "learner_id", "detail")
    )


@contextmanager
def triggers_disabled() -> Iterator[Any]:
    """A cursor of the table's owner, who has put the guard to sleep."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("alter table analytics_auditentry disable trigger user")
        yield cursor
        cursor.execute("alter table analytics_auditentry enable trigger user")


def forget_audit() -> None:
    """Empty the log, which what cleans the other tables leaves alone."""
    if AuditEntry.objects.exists():
        with triggers_disabled() as cursor:
            cursor.execute("truncate analytics_auditentry")
