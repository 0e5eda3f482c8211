"""Going back to an earlier version and forward again, with data: what is recorded stays."""

from collections.abc import Iterator

import pytest
from django.db.migrations.loader import MigrationLoader

from tests.other_database import empty_database, manage, rows_of

SHOWN = (
    "select learner_id, engagement_score, modules_completed, session_count, total_focus_mins,"
    " last_active_at, avg_score, submitted_count from analytics.learner_snapshot order by 1"
)
LOAD_DATA = (
    "from django.utils import timezone; from tracking.demo import load_demo;"
    " load_demo(timezone.now())"
)
VIEWS_OF_OURS = (
    "select relname from pg_class where relkind in ('v', 'm')"
    " and relnamespace in ('public'::regnamespace, 'analytics'::regnamespace)"
)


@pytest.fixture
def address(committed: None) -> Iterator[str]:
    with empty_database("back_and_forth") as address:
        yield address


def done(address: str, *arguments: str) -> str:
    """Run a command that has to succeed; its output."""
    process = manage(address, *arguments)
    assert process.returncode == 0, process.stderr
    return process.stdout


def test_a_database_goes_back_to_before_base_and_delta_and_forward_again(address: str) -> None:
    done(address, "deploy")
    done(address, "shell", "--command", LOAD_DATA)
    done(address, "refresh")
    before = rows_of(address, SHOWN)

    done(address, "migrate", "analytics", "0002")
    left = rows_of(address, VIEWS_OF_OURS)
    done(address, "deploy")

    assert left == []
    assert len(before) > 20
    assert rows_of(address, SHOWN) == before
    assert done(address, "reconcile", "--all").endswith("\n0 figures differ.\n")


def test_every_step_can_be_taken_back() -> None:
    """The library's own operations for views cannot: `analytics/view_operations.py` has others."""
    loader = MigrationLoader(None)

    one_way = [
        f"{label}.{name}: {operation.describe()}"
        for (label, name), migration in loader.disk_migrations.items()
        if label in {"analytics", "tracking"}
        for operation in migration.operations
        if not operation.reversible
    ]

    assert one_way == []
