"""What lets a refresh do only what has changed: who was touched, and since when it matters."""

import datetime as dt

from django.db import models
from django.db.models import Q

from analytics.models.fields import SnapshotField, TransactionIdField
from analytics.models.runs import RefreshRun


class Touched(models.Model):
    """The latest transaction that wrote anything about a user; 0 stands for everybody.

    A number below 0 is that of a module, whose content was edited. No session of the learner that
    started before the UTC day `sessions_since` was written by a transaction that the base does not
    see; it is the last day there is where none was written at all. `is_work_touched` unless only
    sessions and progress were written, which are not shown with attempts and assignments.

    Written by triggers on every table that the views read (sql/functions/touch_*.sql), whoever
    writes there. There is no foreign key: a user who was deleted was touched.
    """

    learner_id = models.BigIntegerField(primary_key=True)
    touched_xid = TransactionIdField()
    sessions_since = models.DateField(db_default=dt.date.min)
    is_work_touched = models.BooleanField(db_default=True)

    class Meta:
        db_table = "analytics_touched"
        verbose_name_plural = "touched"

    def __str__(self) -> str:
        return f"learner {self.learner_id}: {self.touched_xid}"


class Base(models.Model):
    """What the bases show: one row, written in the transaction that wrote them.

    Whatever `snapshot` sees is in them. Its numbers mean something in one cluster only, which
    `system_identifier` names; and they hold for one policy and one UTC day.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    refresh = models.ForeignKey(RefreshRun, on_delete=models.PROTECT, related_name="+")
    computed_at = models.DateTimeField()
    day = models.DateField()
    snapshot = SnapshotField()
    system_identifier = models.BigIntegerField()
    policy = models.JSONField()
    learner_count = models.BigIntegerField()

    class Meta:
        db_table = "analytics_base"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="base_is_one_row")]

    def __str__(self) -> str:
        return f"base of {self.day}"
