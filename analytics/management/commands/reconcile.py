"""The views against the oracle, by hand."""

import sys
from argparse import ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import DatabaseError, InterfaceError

from analytics.models import QualityCheck
from analytics.reconcile import Reconciliation, reconcile
from config.commands import ProductCommand


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000_000:
        raise ArgumentTypeError(f"{text!r} is not a number of learners from 1")
    return int(text)


class Command(ProductCommand):
    help = (
        "Compare what the views show with the same figures worked out from the raw tables."
        " Exit code 1 when they differ or cannot be read, 3 when nothing could be compared."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        wanted = parser.add_mutually_exclusive_group()
        wanted.add_argument("--all", action="store_true", help="all learners and teams")
        wanted.add_argument(
            "--sample",
            type=_count,
            default=settings.RECONCILE_SAMPLE,
            metavar="N",
            help="this many learners, drawn anew, and one team (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = reconcile(None if options["all"] else options["sample"])
        except (DatabaseError, InterfaceError) as error:
            self.stderr.write(f"The figures could not be compared: {error}".strip())
            sys.exit(1)
        self._print(result)
        if result.status == QualityCheck.Status.FAIL:
            sys.exit(1)
        if result.status == QualityCheck.Status.UNKNOWN:
            sys.exit(3)

    def _print(self, result: Reconciliation) -> None:
        if result.why_unknown:
            self.stderr.write(f"Nothing could be compared: {result.why_unknown}.")
            return
        self.stdout.write(
            f"As of {result.computed_at:%Y-%m-%d %H:%M:%S} UTC: {result.learners:,} learners and"
            f" {result.teams:,} teams compared; {result.learners_passed_over:,} learners and"
            f" {result.teams_passed_over:,} teams were written to since and passed over."
        )
        for mismatch in result.mismatches:
            self.stdout.write(
                f"{mismatch.of} {mismatch.id}, {mismatch.figure}:"
                f" the views show {mismatch.view}, the tables make {mismatch.oracle}"
            )
        self.stdout.write(f"{result.mismatch_count:,} figures differ.")
