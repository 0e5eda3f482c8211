"""Whoever sets a variable finds out from `config/settings.py` what it does."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

SOURCE = (Path(settings.BASE_DIR) / "config" / "settings.py").read_text(encoding="utf-8")
HEADINGS = "# ---"


def undocumented(source: str) -> list[str]:
    """The variables read from the environment by an assignment with no comment above its group.

    A group is a run of lines without an empty line; one comment may speak for a group.
    """
    lines = source.splitlines()
    return [
        variable
        for statement in ast.parse(source).body
        for variable in _variables_read(statement)
        if not _is_commented(lines, statement.lineno)
    ]


def _variables_read(statement: ast.stmt) -> list[str]:
    return [
        call.args[0].value
        for call in ast.walk(statement)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    ]


def _is_commented(lines: list[str], line_number: int) -> bool:
    index = line_number - 2
    while index >= 0 and lines[index].strip():
        if lines[index].startswith("#"):
            return not lines[index].startswith(HEADINGS)
        index -= 1
    return False


def test_every_setting_from_the_environment_has_a_comment_above_it() -> None:
    assert undocumented(SOURCE) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('# Why.\nA = env.int("A")', []),
        ('# Why both.\nA = env.int("A")\nB = env.int("B")', []),
        ('# Why.\nA = env.int("A")\n\nB = env.int("B")', ["B"]),
        ('# --- Heading ---\nA = env.int("A")', ["A"]),
        ('A = {"b": [env.str("B", default="")]}', ["B"]),
        ("A = 1", []),
    ],
)
def test_the_rule_itself(source: str, expected: list[str]) -> None:
    assert undocumented(source) == expected
