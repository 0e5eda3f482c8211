"""The documents name everything there is to look up in them, and nothing of the machine."""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from config.problems import ProblemType
from config.sql import SQL_DIR

ROOT = Path(settings.BASE_DIR)
CONTRACT = ROOT / "docs" / "TRACKING_CONTRACT.md"
OPERATIONS = ROOT / "docs" / "operations.md"

# What is about the API rather than of it.
ABOUT = frozenset({"/api/docs/", "/api/schema/", "/api/problems/"})

# Put together here, so that this file does not hold what it looks for.
OF_THE_MACHINE = (
    b"/" + b"work/",
    b"pypi" + b".org",
    b"python" + b"hosted.org",
    b"npmjs" + b".org",
    b"--index" + b"-url",
    b"--extra-index" + b"-url",
)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def code_spans(markdown: str) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", markdown))


def variables_read(source: str) -> set[str]:
    """The names in calls such as `env.int("NAME")`."""
    return {
        str(call.args[0].value)
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }


def routes(
    entries: list[URLPattern | URLResolver] | None = None, prefix: str = "/"
) -> Iterator[str]:
    """Every address of the product, with its parameters as `{name}`."""
    for entry in get_resolver().url_patterns if entries is None else entries:
        path = prefix + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(entry.pattern))
        if isinstance(entry, URLResolver):
            yield from routes(entry.url_patterns, path)
        else:
            yield path


def files_of_the_project() -> Iterator[Path]:
    """All but what `.gitignore` names: also in a copy that has no history, without git."""
    ignored = [".git", *(line.rstrip("/") for line in text_of(ROOT / ".gitignore").splitlines())]
    waiting = [ROOT]
    while waiting:
        for path in waiting.pop().iterdir():
            if any(fnmatch(path.name, pattern) for pattern in ignored):
                continue
            if path.is_symlink():
                continue
            if path.is_dir():
                waiting.append(path)
            else:
                yield path


def test_every_variable_of_the_settings_is_in_the_operations_manual() -> None:
    read = variables_read(text_of(ROOT / "config" / "settings.py"))

    assert {"DATABASE_URL", "LOG_LEVEL"} <= read
    assert read - code_spans(text_of(OPERATIONS)) == set()


def test_every_type_of_problem_is_in_the_contract() -> None:
    slugs = {problem_type.slug for problem_type in ProblemType}

    assert slugs - code_spans(text_of(CONTRACT)) == set()


def test_every_address_of_the_api_is_in_the_contract() -> None:
    addresses = {path for path in routes() if path.startswith("/api/")} - ABOUT
    # "`POST /api/…/`" as well as "`/api/…/`".
    named = {word for span in code_spans(text_of(CONTRACT)) for word in span.split()}

    assert "/api/modules/{module}/resources/{resource}/complete/" in addresses
    assert addresses - named == set()


def test_every_contract_view_is_in_the_readme_of_the_sql() -> None:
    files = {path.name for path in (SQL_DIR / "contract").iterdir()}

    assert "refresh_status.sql" in files
    assert files - code_spans(text_of(SQL_DIR / "README.md")) == set()


def test_no_file_names_a_place_on_a_machine_or_a_package_registry() -> None:
    files = sorted(files_of_the_project())
    found = [
        (str(path.relative_to(ROOT)), needle.decode())
        for path in files
        for content in [path.read_bytes()]
        for needle in OF_THE_MACHINE
        if needle in content
    ]

    assert Path(__file__) in files
    assert found == []
