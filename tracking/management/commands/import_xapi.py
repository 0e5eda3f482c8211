"""Recorded video sessions from a file."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from config.commands import ProductCommand
from tracking.models import Team
from tracking.xapi.file import NotStatements
from tracking.xapi.importing import import_statements
from tracking.xapi.report import ImportReport

PROGRESS_EVERY = 50
INTERRUPTED = 130  # What a shell reports for a program that Ctrl-C has ended.
MAX_TEAM_NAME = Team._meta.get_field("name").max_length or 0


class Command(ProductCommand):
    help = (
        "Import xAPI Video Profile 1.0 statements: a JSON array or one statement a line, plain or "
        "gzip. Safe to repeat: nothing is counted twice. Exit code 1 when the file cannot be read "
        "to its end, 130 after Ctrl-C."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the statements")
        parser.add_argument(
            "--team", help="for learners who are new here; made if there is none of that name"
        )
        parser.add_argument(
            "--shift-to-now",
            action="store_true",
            help="move all times so that the newest statement is from now",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        team_name = options["team"]
        if team_name is not None and not 1 <= len(team_name.strip()) <= MAX_TEAM_NAME:
            raise CommandError(f"--team must have 1 to {MAX_TEAM_NAME} characters")
        try:
            report = import_statements(
                options["file"],
                team_name=team_name.strip() if team_name else None,
                shift_to_now=options["shift_to_now"],
                received_at=timezone.now(),
                on_problem=self._problem,
                on_progress=self._progress,
            )
        except NotStatements as problem:
            raise CommandError(f"{options['file']}: {problem}") from problem
        except (OperationalError, InterfaceError) as error:
            reason = " ".join(str(error).split())
            raise CommandError(
                f"the database does not answer ({reason}); run the same command again: "
                "it goes on where this one stopped"
            ) from error
        except KeyboardInterrupt:
            if self.stderr.isatty():
                self.stderr.write("")  # Away from the line of progress.
            raise CommandError(
                "interrupted; what was imported stands, run the same command again to complete it",
                returncode=INTERRUPTED,
            ) from None
        self._tell(report)
        if not report.is_complete:
            sys.exit(1)

    def _problem(self, index: int, reason: str) -> None:
        self.stderr.write(f"statement {index}: {reason}")

    def _progress(self, done: int, total: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{done:,} of {total:,} learners", ending="")
            if done == total:
                self.stderr.write("")
        elif done % PROGRESS_EVERY == 0 or done == total:
            self.stderr.write(f"{done:,} of {total:,} learners")

    def _tell(self, report: ImportReport) -> None:
        rows: list[tuple[str, int, str]] = [
            ("statements read", report.statements, ""),
            ("pulses recorded", report.recorded, ""),
            ("already known", report.known, ""),
            ("repeated in the file", report.repeated, ""),
            ("unknown verbs", report.unknown_verbs.total(), ""),
            *((f"  {verb}", count, "") for verb, count in sorted(report.unknown_verbs.items())),
            ("broken, skipped", report.broken, ""),
            ("rejected", report.rejected, ""),
            ("learners", report.learners, f"{report.learners_created:,} new"),
            ("modules", report.modules, f"{report.modules_created:,} new"),
            ("videos", report.videos, f"{report.videos_created:,} new"),
            ("seconds watched added", report.watched_seconds, ""),
        ]
        width = max(len(label) for label, _, _ in rows)
        for label, count, note in rows:
            line = f"{label:<{width}}{count:>12,}"
            self.stdout.write(f"{line}  ({note})" if note else line)
        if not report.is_complete:
            self.stdout.write("The file could not be read to its end; what came before it stands.")
