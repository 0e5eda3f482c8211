"""PostgreSQL types that Django does not bring."""

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class TransactionIdField(models.Field):  # type: ignore[type-arg]
    """`xid8`: the number of a transaction, which never wraps around."""

    description = "Transaction id"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "xid8"


class SnapshotField(models.Field):  # type: ignore[type-arg]
    """`pg_snapshot`: which transactions a statement sees the work of."""

    description = "Snapshot"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "pg_snapshot"
