"""The ledger of accepted pulses: the evidence behind every second of every counter."""

from django.db import models
from django.db.models import Q

from tracking.models.catalogue import Module, Resource
from tracking.models.fields import IntegerMultirangeField
from tracking.models.people import User


class Pulse(models.Model):
    """One accepted pulse, as it was sent and as it was counted."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    pulse_id = models.UUIDField()
    module = models.ForeignKey(Module, on_delete=models.CASCADE, related_name="+", db_index=False)
    resource = models.ForeignKey(
        Resource, on_delete=models.CASCADE, related_name="+", db_index=False
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
            models.UniqueConstraint(fields=["user", "pulse_id"], name="pulse_exactly_once"),
            models.CheckConstraint(
                condition=Q(occurred_at__lte=models.F("received_at")),
                name="pulse_not_from_the_future",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "module", "occurred_at"], name="pulse_of_learner"),
        ]

    def __str__(self) -> str:
        return str(self.pulse_id)
