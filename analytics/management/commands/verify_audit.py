"""The proof of the audit log, by hand or by cron."""

import re
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError, InterfaceError

from analytics.audit import AuditBroken, verify_audit
from config.commands import ProductCommand

HASH = re.compile(r"[0-9a-f]{64}")


class Command(ProductCommand):
    help = (
        "Check that no entry of the audit log was changed, removed, moved or slipped in, and print "
        "its head. Only reads. Exit code 1 when the log is broken, or could not be checked."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--expect",
            metavar="HASH",
            default="",
            help="the head that an earlier run printed; finds out whether the end was cut off",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        expected = options["expect"].lower()
        if expected and not HASH.fullmatch(expected):
            raise CommandError("--expect takes a hash as this command prints it: 64 hex digits")
        try:
            head = verify_audit(expected)
        except AuditBroken as broken:
            raise CommandError(f"the audit log is broken at {broken}") from broken
        except (DatabaseError, InterfaceError) as error:
            reason = " ".join(str(error).split())
            raise CommandError(f"the audit log could not be checked: {reason}") from error
        self.stdout.write(f"{head.entry_id:,} entries, each follows from the one before.")
        self.stdout.write(f"Head: {head.hash}")
