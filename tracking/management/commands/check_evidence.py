"""The proof of all counters, by hand or by cron."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError, InterfaceError

from config.commands import ProductCommand
from tracking.proof import check_names, run_checks
from tracking.wording import row_text


class Command(ProductCommand):
    help = (
        "Check that every counter and every completion follows from the evidence, by the rules of "
        "sql/checks/. Only reads. Exit code 1 when a rule is broken, or could not be checked."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "rules", nargs="*", metavar="rule", help="names of files in sql/checks/; all without"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        names = check_names()
        unknown = sorted(set(options["rules"]) - set(names))
        if unknown:
            raise CommandError(f"no such rule: {', '.join(unknown)}; there is {', '.join(names)}")
        width = max(len(name) for name in names)
        broken = []
        try:
            for result in run_checks(options["rules"] or None):
                self.stdout.write(
                    f"{result.name:<{width}}{result.row_count:>12,} rows"
                    f"{result.milliseconds:>12,.1f} ms"
                )
                if not result.holds:
                    broken.append(result)
        except (DatabaseError, InterfaceError) as error:
            reason = " ".join(str(error).split())
            raise CommandError(f"the evidence could not be checked: {reason}") from error
        for result in broken:
            self.stdout.write(f"\nBroken: sql/checks/{result.name}.sql")
            for row in result.rows:
                self.stdout.write(f"  {row_text(result.columns, row)}")
            if result.row_count > len(result.rows):
                self.stdout.write(f"  and {result.row_count - len(result.rows):,} more")
        if broken:
            sys.exit(1)
        self.stdout.write("Everything follows from the evidence.")
