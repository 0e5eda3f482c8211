"""Everything that a new version needs of the database, in one command."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
)

from analytics.assertions import find_faults, find_remarks
from analytics.build import build_views
from analytics.grants import grant_readers
from analytics.models import Base, Policy, RefreshRun
from analytics.refresh import RefreshFailed, run_refresh
from config.commands import ProductCommand


class Command(ProductCommand):
    help = "Migrate, build the views, refresh them, grant them to readers. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with lock_timeout():
                call_command("migrate", interactive=False, verbosity=min(options["verbosity"], 1))
            self._make_policy()
            self._maintain_ledger()
            build_views()
            remarks = grant_readers()
            run = refresh_after_others()
            remarks += find_remarks()
            faults = find_faults()
        except OperationalError as error:
            self.stderr.write(f"The database does not let the deploy happen: {error}".strip())
            sys.exit(1)
        except IntegrityError as error:
            self.stderr.write(f"Rows that are there do not agree with a migration: {error}".strip())
            self.stderr.write(
                f"{rule_of(error)}Put them right and deploy again; nothing of that migration was"
                " applied."
            )
            sys.exit(1)
        except RefreshFailed as error:
            self.stderr.write(str(error))
            sys.exit(1)
        for remark in dict.fromkeys(remarks):
            self.stderr.write(f"note: {remark}")
        if faults:
            self.stderr.write("The deploy left the database incomplete:")
            for fault in faults:
                self.stderr.write(f"  {fault}")
            sys.exit(1)
        self.stdout.write(f"The database is up to date: views built, refresh {run.status}.")

    def _make_policy(self) -> None:
        """A migration made it; where somebody has deleted it since, nothing can be refreshed."""
        _, was_missing = Policy.objects.get_or_create(pk=1)
        if was_missing:
            self.stderr.write(
                "The row of analytics_policy was missing and was made anew with the defaults: see"
                " under /admin/ whether they are what you want."
            )
            for base in Base.objects.all():
                self.stderr.write(f"The latest base was computed with: {json.dumps(base.policy)}")

    def _maintain_ledger(self) -> None:
        try:
            call_command("maintain_ledger", stdout=self.stdout)
        except CommandError as error:
            # No reason to hold a deploy up: pulses of a day without a partition are kept as well.
            self.stderr.write(str(error))


@contextmanager
def lock_timeout() -> Iterator[None]:
    """Wait for a lock no longer than a refresh does: whoever reads or writes waits behind us."""
    with connection.cursor() as cursor:
        cursor.execute(f"set lock_timeout = {settings.REFRESH_LOCK_TIMEOUT_MS:d}")
    try:
        yield
    finally:
        # One that was lost meanwhile has taken its setting along.
        with suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:
            cursor.execute("reset lock_timeout")


def rule_of(error: IntegrityError) -> str:
    """What the constraint that was violated asks for, where its model says it in words."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name == name:
                return f"{constraint.get_violation_error_message()} "
    return ""


def refresh_after_others() -> RefreshRun:
    """Refresh; where another one is at work, after it: what it fills may be the old views."""
    deadline = time.monotonic() + settings.REFRESH_STATEMENT_TIMEOUT_MS / 1000
    while True:
        run = run_refresh(RefreshRun.Trigger.DEPLOY)
        if run.status != RefreshRun.Status.SKIPPED or time.monotonic() > deadline:
            return run
        time.sleep(1)
