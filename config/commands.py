"""What every command of the product has in common."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class ProductCommand(BaseCommand):
    """Options are taken by their full names only.

    An abbreviation may mean another option in the next version; one that is mistyped would do
    something else than was asked for.
    """

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, allow_abbrev=False, **kwargs)
