#!/usr/bin/env python
"""Django's command line; brings up the embedded services for commands that need them."""

import os
import sys
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from config.embedded.addresses import default_home
from config.embedded.errors import EmbeddedServiceError
from config.embedded.services import EmbeddedServices

# Commands that never ask the database anything.
OFFLINE_COMMANDS = frozenset({"help", "version", "collectstatic", "spectacular"})
# With a database of your own, Valkey is started only for what may publish a task by hand.
BROKER_COMMANDS = frozenset({"demo", "runserver", "shell", "simulate"})


def needs_database(arguments: Sequence[str]) -> bool:
    """Say whether `manage.py <arguments>` is going to ask the database anything."""
    command = arguments[0] if arguments else "help"
    options = {argument.partition("=")[0] for argument in arguments[1:]}
    if command.startswith("-") or command in OFFLINE_COMMANDS or options & {"-h", "--help"}:
        return False
    if command == "check":
        return "--database" in options
    if command == "makemigrations":
        return not options & {"--check", "--dry-run"}
    return True


def start_services(arguments: Sequence[str]) -> None:
    """Start what the environment names no address for, and put the addresses there.

    Raises EmbeddedServiceError.
    """
    if not needs_database(arguments):
        return
    services = EmbeddedServices(default_home())
    own_database = bool(os.environ.get("DATABASE_URL"))
    if not own_database:
        os.environ["DATABASE_URL"] = services.start_postgres()
    if not os.environ.get("REDIS_URL") and (not own_database or arguments[0] in BROKER_COMMANDS):
        os.environ["REDIS_URL"] = services.start_valkey()


def main() -> None:
    """Run the command given on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        start_services(sys.argv[1:])
        execute_from_command_line(sys.argv)
    except (EmbeddedServiceError, ImproperlyConfigured) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        # Of the commands that leave more to say than this, each says it itself.
        print("Interrupted.", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
