"""The data dictionary is what the database says, and every view and column says something."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from analytics.assertions import find_faults
from analytics.build import contract_view_names
from analytics.dictionary import data_dictionary


@pytest.fixture(autouse=True)
def database(db: None) -> None:
    """The views as the files make them."""


@pytest.fixture
def made_view(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("create view analytics.made as select 1 as one, 'x'::varchar(7) as two")
        cursor.execute("comment on view analytics.made is 'Of a\n  test.'")
        cursor.execute("comment on column analytics.made.one is 'a | b'")


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("data_dictionary", *arguments, stdout=out)
    return out.getvalue()


def test_the_file_is_what_the_database_says() -> None:
    """If this fails: `manage.py deploy`, `manage.py data_dictionary`, and commit the file."""
    assert run("--check").endswith(f"data-dictionary.md: {len(contract_view_names())} views\n")


def test_every_view_and_every_column_has_a_comment() -> None:
    assert [fault for fault in find_faults() if "comment" in fault] == []


def test_a_view_is_a_chapter_and_a_column_a_line(made_view: None) -> None:
    _, _, rest = data_dictionary().partition("## made\n")
    chapter, _, _ = rest.partition("\n## ")

    assert chapter == (
        "\nOf a test.\n\n"
        "| column | type | meaning |\n|---|---|---|\n"
        "| `one` | integer | a \\| b |\n"
        "| `two` | character varying(7) |  |\n"
    )


def test_a_file_of_other_content_is_named(tmp_path: Path) -> None:
    path = tmp_path / "dictionary.md"
    run(f"--path={path}")
    assert run("--check", f"--path={path}") == f"{path}: {len(contract_view_names())} views\n"

    path.write_text(path.read_text() + "\n")
    with pytest.raises(CommandError, match=r"dictionary.md is not what the database says: run"):
        run("--check", f"--path={path}")


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"none/dictionary.md: No such file or directory"):
        run(f"--path={tmp_path}/none/dictionary.md")


def test_a_database_without_views_is_no_reason_for_an_empty_file(tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("drop schema analytics cascade")

    with pytest.raises(CommandError, match=r"has no views yet: run manage\.py deploy first"):
        run(f"--path={tmp_path}/dictionary.md")
    assert list(tmp_path.iterdir()) == []
