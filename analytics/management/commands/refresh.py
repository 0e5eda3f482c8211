"""One refresh by hand."""

import sys
from typing import Any

from django.core.management.base import CommandParser

from analytics.models import RefreshRun
from analytics.refresh import RefreshFailed, run_refresh
from config.commands import ProductCommand


class Command(ProductCommand):
    help = "Refresh the materialized views now. Exit code 1 when it failed, 3 when it was skipped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--base", action="store_true", help="compute all learners anew, not only the touched"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = run_refresh(RefreshRun.Trigger.COMMAND, base=options.get("base", False))
        except RefreshFailed as error:
            self.stderr.write(str(error))
            sys.exit(1)
        if run.status == RefreshRun.Status.SKIPPED:
            self.stderr.write(f"Refresh {run.pk} skipped: {run.error}")
            sys.exit(3)
        for view in run.views:
            self.stdout.write(
                f"{view['view']:<32}{view['milliseconds']:>12,.1f} ms{view['rows']:>12,} rows"
            )
        total = sum(view["milliseconds"] for view in run.views)
        reason = f", as {run.base_reason}" if run.base_reason else ""
        self.stdout.write(f"Refresh {run.pk} done in {total:,.1f} ms: {run.tier}{reason}.")
