"""Demo data, for the embedded demo only."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from config.commands import ProductCommand
from tracking.demo import load_demo


class Command(ProductCommand):
    help = "Load accounts, modules and four weeks of history into the embedded database, once."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EMBEDDED:
            raise CommandError(
                "the demo's passwords are public, so it is for the embedded database only; "
                "DATABASE_URL names another one"
            )
        if load_demo(timezone.now()):
            self.stdout.write("The demo is loaded: admin, manager and learner, password demo.")
        else:
            self.stdout.write("The demo is there already; nothing was changed.")
