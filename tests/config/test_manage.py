"""What `manage.py` says when the settings cannot be loaded."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.core.management import get_commands, load_command_class

from config.embedded.addresses import CHECKOUT

PASSWORD = "swordfish"
# Nothing listens there: a command that got as far as asking it would say so.
NOWHERE = f"postgresql://learner:{PASSWORD}@127.0.0.1:1/lms"


@pytest.mark.parametrize(
    "arguments",
    [["deploy"], ["migrate"], ["check"], ["import_xapi", "statements.json"], ["no_such_command"]],
    ids=" ".join,
)
def test_a_missing_key_is_one_line_for_every_command(arguments: list[str]) -> None:
    """Also for commands of the product, which Django does not know without its settings."""
    environment = {key: value for key, value in os.environ.items() if key != "SECRET_KEY"}
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=CHECKOUT,
        env={**environment, "DATABASE_URL": NOWHERE, "REDIS_URL": "redis://127.0.0.1:1/0"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: SECRET_KEY is not set.")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("app", "command"),
    sorted(
        (app, command)
        for command, app in get_commands().items()
        if app in {"analytics", "tracking"}
    ),
)
def test_no_command_takes_an_option_by_half_its_name(app: str, command: str) -> None:
    parser = load_command_class(app, command).create_parser("manage.py", command)

    assert parser.allow_abbrev is False
