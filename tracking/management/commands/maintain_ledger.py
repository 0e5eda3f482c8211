"""The ledger's partitions by hand; the worker does the same every hour."""

from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from config.commands import ProductCommand
from tracking.ledger import LedgerNotMaintained, maintain_ledger


class Command(ProductCommand):
    help = (
        "Make the ledger's partitions for the days ahead; seal and drop those past PULSE_RETENTION."
        " Safe to repeat. Exit code 1 when something was left undone."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = maintain_ledger(timezone.now())
        except LedgerNotMaintained as error:
            raise CommandError(f"Left for the next run: {error}") from error
        self.stdout.write(
            f"Ledger: {len(report.made)} partitions made, {len(report.dropped)} dropped,"
            f" {report.sealed_pulses:,} pulses sealed."
        )
        for day in report.kept:
            self.stdout.write(f"{day} is kept: pulses of that day came within the retention.")
