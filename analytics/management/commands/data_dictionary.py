"""Writes docs/data-dictionary.md from the database, or checks that it is what would be written."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError

from analytics.dictionary import data_dictionary
from config.commands import ProductCommand


class Command(ProductCommand):
    help = "Write docs/data-dictionary.md from the comments in the database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="write nothing; exit code 1 when the file is not what would be written",
        )
        parser.add_argument(
            "--path",
            type=Path,
            default=Path(settings.BASE_DIR) / "docs" / "data-dictionary.md",
            help="another file than docs/data-dictionary.md",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        try:
            document = data_dictionary()
        except DatabaseError as error:
            raise CommandError(f"The catalogue could not be read: {error}".strip()) from error
        if "\n## " not in document:
            raise CommandError("Schema analytics has no views yet: run manage.py deploy first.")
        try:
            if not options["check"]:
                path.write_text(document, encoding="utf-8")
            elif path.read_text(encoding="utf-8") != document:
                raise CommandError(
                    f"{path} is not what the database says: run manage.py deploy and"
                    " manage.py data_dictionary, and commit the file."
                )
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        self.stdout.write(f"{path}: {document.count(chr(10) + '## ')} views")
