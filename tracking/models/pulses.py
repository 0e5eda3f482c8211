"""The ledger of accepted pulses: the evidence behind every second of every counter.

Its rows outlive the catalogue: a module or a resource may be deleted, what was learned in it stays
on record. A learner who is deleted takes them along (`sql/functions/erase_evidence.sql`).
"""

from django.db import models
from django.db.models import F, Q

from tracking.models.catalogue import Module, Resource
from tracking.models.fields import IntegerMultirangeField
from tracking.models.people import User


class Pulse(models.Model):
    """One accepted pulse, as it was sent and as it was counted.

    The table is partitioned by `ledger_day`, which follows from the id alone, so that the key of
    one partition guards an id for good (`tracking.ledger`).
    """

    pk = models.CompositePrimaryKey("user", "pulse_id", "ledger_day")
    user = models.ForeignKey(
        User, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    pulse_id = models.UUIDField()
    ledger_day = models.DateField(help_text="The partition: sql/functions/ledger_day.sql.")
    module = models.ForeignKey(
        Module, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    resource = models.ForeignKey(
        Resource, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    duration_delta = models.PositiveIntegerField(help_text="Seconds of focus; counted.")
    watch_time = models.FloatField(
        null=True, help_text="The client's running total in seconds; evidence only."
    )
    completed = models.BooleanField(help_text="The client's completion claim.")
    played = IntegerMultirangeField(help_text="Media seen, in milliseconds, clipped.")
    occurred_at = models.DateTimeField(help_text="Corrected for the client's clock.")
    is_clamped = models.BooleanField(
        help_text="The client's clock was so far ahead that the time was set to the reception."
    )
    clock_offset_seconds = models.BigIntegerField(
        null=True,
        help_text="What the client's clock lacked and was corrected by, when that is more than "
        "MAX_CLOCK_SKEW.",
    )
    received_at = models.DateTimeField()
    trace = models.JSONField(
        null=True,
        help_text="What the client sent along: its own time stamp, or an import's viewing session.",
    )
    digest = models.BinaryField(
        max_length=16, help_text="Of the content as sent: tells a retry from another pulse."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(occurred_at__lte=F("received_at")), name="pulse_is_not_from_the_future"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pulse_id)


class SealedPulses(models.Model):
    """What pulses came to that the ledger no longer holds: one learner, resource and UTC day.

    Written only where pulses are dropped, in the same transaction, so that ledger and subtotals
    together always prove the counters.
    """

    user = models.ForeignKey(
        User, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    module = models.ForeignKey(
        Module, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    resource = models.ForeignKey(
        Resource, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    day = models.DateField(help_text="UTC day on which the pulses occurred.")
    pulses = models.PositiveBigIntegerField()
    duration_seconds = models.PositiveBigIntegerField(help_text="Seconds of focus.")
    played = IntegerMultirangeField(help_text="Media seen, in milliseconds.")
    first_at = models.DateTimeField(help_text="When the first of the pulses occurred.")
    last_at = models.DateTimeField(help_text="When the last of the pulses occurred.")
    claimed_at = models.DateTimeField(
        null=True, help_text="When the first pulse occurred that claimed completion."
    )
    sealed_at = models.DateTimeField(help_text="When pulses were last added.")

    class Meta:
        verbose_name_plural = "sealed pulses"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "module", "resource", "day"], name="sealed_pulses_once_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pulses} pulses on {self.day}"
