"""One refresh by hand."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from analytics.models import RefreshRun
from analytics.refresh import RefreshFailed, run_refresh


class Command(BaseCommand):
    help = "Refresh the materialized views now. Exit code 1 when it failed, 3 when it was skipped."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = run_refresh(RefreshRun.Trigger.COMMAND)
        except RefreshFailed as error:
            self.stderr.write(str(error))
            sys.exit(1)
        if run.status == RefreshRun.Status.SKIPPED:
            self.stderr.write(f"Refresh {run.pk} skipped: {run.error}")
            sys.exit(3)
        for view in run.views:
            self.stdout.write(
                f"{view['view']:<26}{view['milliseconds']:>12,.1f} ms{view['rows']:>12,} rows"
            )
        self.stdout.write(f"Refresh {run.pk} done.")
