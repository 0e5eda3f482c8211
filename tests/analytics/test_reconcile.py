"""The views are held against the raw tables, and whatever differs is named, counted and kept."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from analytics.models import (
    DataQuality,
    LearnerRisk,
    LearnerSnapshot,
    Policy,
    QualityCheck,
    Stamp,
)
from analytics.reconcile import Mismatch, Reconciliation, prune_quality_checks, reconcile
from tests.factories import (
    claim,
    make_assignment,
    make_attempt,
    make_learner,
    make_module,
    make_session,
    make_team,
    record,
)
from tests.reader import execute
from tracking.models import User
from workers.tasks import reconcile_sample

Refresh = Callable[[], None]

pytestmark = pytest.mark.usefixtures("committed")


# The views of single rows: what reconciliation calls a row, and the key beside the learner.
VIEWS_OF_ROWS = {
    "learner_quiz_attempt": ("attempt", "attempt_id"),
    "learner_assignment": ("assignment", "assignment_id"),
    "learner_resource": ("resource", "resource_id"),
}
DELETE_A_ROW = {
    "learner_quiz_attempt": "delete from tracking_quizattempt where user_id = {} and id = {}",
    "learner_assignment": "delete from tracking_submission where assignment_id = {1};"
    " delete from tracking_assignment where user_id = {0} and id = {1}",
    "learner_resource": "delete from tracking_resourceprogress"
    " where user_id = {} and resource_id = {}",
}
# Something else of the same type.
WRONG = {
    "bigint": "coalesce({}, 0) + 1",
    "integer": "coalesce({}, 0) + 1",
    "numeric": "coalesce({}, 0) + 1",
    "boolean": "not {}",
    "character varying": "{} || '!'",
    "timestamp with time zone": "coalesce({} + interval '1 second', now())",
    "timestamp with time zone[]": "{} || now()",
}


@pytest.fixture
def learners() -> list[User]:
    """Two teams with a bit of everything."""
    module = make_module(resources=2, questions=1, has_assignment=True)
    others = make_module()
    learners = [make_learner(make_team()) for _ in range(2) for _ in "ab"]
    for number, learner in enumerate(learners):
        ago = timezone.now() - dt.timedelta(hours=30 * number)
        record(learner, claim(module.resources.all()[0], at=ago), received_at=timezone.now())
        make_session(learner, others, start_time=ago, minutes=45)
        make_attempt(learner, module.quiz, score=60 + 10 * number, timestamp=ago)
        assignment = make_assignment(learner, module, due_at=ago)
        for hours, grade in zip(range(number), (80, None), strict=False):
            assignment.submissions.create(
                text="done",
                submitted_at=ago + dt.timedelta(hours=hours),
                grade=grade,
                graded_at=timezone.now() if grade else None,
            )
    return learners


def test_nothing_differs_after_a_refresh(refresh: Refresh, learners: list[User]) -> None:
    refresh()

    result = reconcile(None)

    assert result == Reconciliation(
        computed_at=Stamp.objects.get().computed_at, learners=4, teams=5
    )
    assert result.status == "ok"


@pytest.mark.parametrize(
    "factor",
    [
        "inactive_risk",
        "idle_risk",
        "low_engagement_risk",
        "overdue_assignment_risk",
        "never_started_risk",
    ],
)
def test_what_the_policy_gives_no_points_for_is_no_factor(
    refresh: Refresh, learners: list[User], factor: str
) -> None:
    make_assignment(make_learner(), make_module())
    Policy.objects.update(**{factor: 0})
    refresh()

    result = reconcile(None)

    codes = {of["code"] for risk in LearnerRisk.objects.all() for of in risk.factors}
    assert result.mismatches == []
    assert codes == {
        "inactive",
        "idle",
        "low_engagement",
        "overdue_assignment",
        "never_started",
    } - {factor.removesuffix("_risk")}


@pytest.mark.parametrize(
    ("first_name", "last_name"),
    [("\t Ann", "Lee"), ("\u00a0Ann", ""), ("", "\n=1+1"), ("Ann\u3000", "\u3000"), ("İ", "ß ")],
)
def test_names_are_shown_as_they_are_without_the_spaces_around(
    refresh: Refresh, first_name: str, last_name: str
) -> None:
    learner = make_learner(first_name=first_name, last_name=last_name)
    refresh()

    result = reconcile(None)

    assert result.mismatches == []
    shown = LearnerSnapshot.objects.get(pk=learner.pk).full_name
    assert shown == f"{first_name} {last_name}".strip(" ")


def test_who_was_written_to_since_is_passed_over(refresh: Refresh, learners: list[User]) -> None:
    refresh()
    make_session(learners[0], make_module(), start_time=timezone.now())

    result = reconcile(None)

    assert (result.learners, result.learners_passed_over) == (3, 1)
    assert (result.teams, result.teams_passed_over) == (4, 1)
    assert result.mismatch_count == 0


def test_what_differs_is_named_with_both_figures_and_kept(
    refresh: Refresh, learners: list[User], past_the_triggers: None
) -> None:
    refresh()
    learner = learners[1]
    learner.sessions.filter(focus_duration_seconds=45 * 60).update(focus_duration_seconds=0)

    result = reconcile(None)

    found = {(mismatch.of, mismatch.id, mismatch.figure) for mismatch in result.mismatches}
    assert found == {
        ("learner", learner.pk, "total_focus_mins"),
        ("learner", learner.pk, "engagement_score"),
        ("team", learner.team_id, "avg_focus_mins"),
        (
            "team",
            learner.team_id,
            f"day {learner.sessions.latest('start_time').start_time:%Y-%m-%d}",
        ),
    }
    (minutes,) = (each for each in result.mismatches if each.figure == "total_focus_mins")
    assert (minutes.view, minutes.oracle) == ("45.3", "0.3")
    quality = DataQuality.objects.get(check_name="reconciliation")
    assert (quality.status, quality.value) == ("fail", 4)
    assert quality.detail["mismatches"][0]["id"] == learner.pk


class TestSingleRows:
    """Each view of single rows is put aside, and another one shows its rows with a fault."""

    @pytest.mark.parametrize("view", VIEWS_OF_ROWS)
    def test_every_column_of_a_row_that_is_shown_wrong_is_found(
        self, refresh: Refresh, learners: list[User], view: str
    ) -> None:
        refresh()
        column_of_row, key = VIEWS_OF_ROWS[view]
        types = types_of_columns(view)
        found = {}
        for column, kind in types.items():
            wrong = WRONG[kind].format(column)
            with shown_instead(view, {**{name: name for name in types}, column: wrong}):
                result = reconcile(None)
            found[column] = [
                (mismatch.of, mismatch.id, mismatch.figure, *columns_in(mismatch))
                for mismatch in result.mismatches
            ]

        rows = rows_of(view, key)
        assert found == {
            column: [
                ("learner", learner_id, f"{column_of_row} {row_id}", [column], [column])
                for learner_id, row_id in rows
            ]
            for column in types
        }

    @pytest.mark.parametrize("view", VIEWS_OF_ROWS)
    def test_a_row_that_is_not_shown_is_found(
        self, refresh: Refresh, learners: list[User], view: str
    ) -> None:
        refresh()
        name, key = VIEWS_OF_ROWS[view]
        (learner_id, row_id), *others = rows_of(view, key)
        columns = {column: column for column in types_of_columns(view)}

        with shown_instead(view, columns, where=f"(learner_id, {key}) <> ({learner_id}, {row_id})"):
            result = reconcile(None)

        (mismatch,) = result.mismatches
        assert (mismatch.id, mismatch.figure, mismatch.view) == (
            learner_id,
            f"{name} {row_id}",
            "None",
        )
        assert others != []

    @pytest.mark.parametrize("view", VIEWS_OF_ROWS)
    def test_a_row_that_there_is_no_more_is_found(
        self, refresh: Refresh, learners: list[User], view: str, past_the_triggers: None
    ) -> None:
        refresh()
        name, key = VIEWS_OF_ROWS[view]
        (learner_id, row_id), *_ = rows_of(view, key)
        execute(DELETE_A_ROW[view].format(learner_id, row_id))

        result = reconcile(None)

        of_rows = {
            (mismatch.id, mismatch.figure, mismatch.oracle)
            for mismatch in result.mismatches
            if mismatch.figure.startswith(f"{name} ")
        }
        assert of_rows == {(learner_id, f"{name} {row_id}", "None")}


def test_a_learner_whom_the_views_do_not_know_differs(
    refresh: Refresh, learners: list[User], past_the_triggers: None
) -> None:
    refresh()
    newcomer = make_learner()

    result = reconcile(None)

    assert newcomer.pk in {mismatch.id for mismatch in result.mismatches}


def test_a_sample_is_as_large_as_asked_for(refresh: Refresh, learners: list[User]) -> None:
    refresh()

    result = reconcile(2)

    assert (result.learners, result.teams) == (2, 1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("delete from analytics_stamp", "no refresh has finished"),
        (
            "update analytics_base set system_identifier = system_identifier + 1",
            "the database is a copy that was not refreshed yet",
        ),
        (
            "update analytics_policy set low_engagement = 49",
            "the policy was changed after the refresh",
        ),
        ("delete from analytics_policy", "there is no policy: manage.py deploy makes it"),
        ("truncate tracking_submission", "something changed for everybody after the refresh"),
        (
            "update tracking_learningsession set focus_duration_seconds = 1",
            "all learners were written to since the refresh",
        ),
    ],
)
def test_when_nothing_can_be_compared_the_status_is_unknown(
    refresh: Refresh, learners: list[User], change: str, reason: str, capsys: Any
) -> None:
    refresh()
    with connection.cursor() as cursor:
        cursor.execute(change)

    with pytest.raises(SystemExit) as leaving:
        call_command("reconcile", "--all")

    assert leaving.value.code == 3
    assert capsys.readouterr().err.strip().endswith(f"Nothing could be compared: {reason}.")
    assert DataQuality.objects.get().status == "unknown"


def test_the_command_says_what_was_compared(
    refresh: Refresh, learners: list[User], capsys: Any
) -> None:
    refresh()

    call_command("reconcile", "--all")

    assert re.fullmatch(
        r"As of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: 4 learners and 5 teams compared;"
        r" 0 learners and 0 teams were written to since and passed over\.\n0 figures differ\.\n",
        capsys.readouterr().out,
    )


def test_the_command_ends_with_1_when_something_differs(
    refresh: Refresh, learners: list[User], past_the_triggers: None, capsys: Any
) -> None:
    refresh()
    User.objects.filter(pk=learners[0].pk).update(first_name="Another")

    with pytest.raises(SystemExit) as leaving:
        call_command("reconcile", "--all")

    assert leaving.value.code == 1
    assert (
        f"learner {learners[0].pk}, full_name: the views show '', the tables make 'Another'"
        in capsys.readouterr().out
    )


@pytest.mark.parametrize("count", ["0", "-1", "many", "1.5"])
def test_a_sample_that_is_no_number_is_refused(count: str) -> None:
    with pytest.raises(Exception, match="is not a number of learners from 1"):
        call_command("reconcile", "--sample", count)


def test_the_hourly_task_compares_a_sample(
    refresh: Refresh, learners: list[User], settings: Any
) -> None:
    settings.RECONCILE_SAMPLE = 3
    refresh()

    reconcile_sample()

    assert DataQuality.objects.get().detail["learners"] == 3


def test_old_checks_are_pruned_but_never_the_latest(settings: Any, refresh: Refresh) -> None:
    settings.REFRESH_RUN_RETENTION = dt.timedelta(0)
    refresh()
    reconcile(None)
    reconcile(None)
    latest = QualityCheck.objects.latest("pk")

    assert prune_quality_checks() == 1

    assert list(QualityCheck.objects.all()) == [latest]


SOURCES = (
    "tracking_user",
    "tracking_learningsession",
    "tracking_quizattempt",
    "tracking_assignment",
    "tracking_submission",
    "tracking_resourceprogress",
)


@pytest.fixture
def past_the_triggers(committed: None) -> Iterator[None]:
    """Writes of this test that no trigger sees, once the refresh is done."""
    for table in SOURCES:
        execute(f"alter table {table} disable trigger user")
    yield
    for table in SOURCES:
        execute(f"alter table {table} enable trigger user")


@contextmanager
def shown_instead(view: str, columns: dict[str, str], *, where: str = "true") -> Iterator[None]:
    """Have a contract view show other rows: each column by an expression over the right ones."""
    expressions = ", ".join(f"{expression} as {name}" for name, expression in columns.items())
    keys = f"learner_id, {VIEWS_OF_ROWS[view][1]}, computed_at"
    execute(f"alter view analytics.{view} rename to put_aside")
    execute(
        f"create view analytics.{view} as"
        f" select {keys}, {expressions} from analytics.put_aside where {where}"
    )
    try:
        yield
    finally:
        execute(f"drop view analytics.{view}")
        execute(f"alter view analytics.put_aside rename to {view}")


def types_of_columns(view: str) -> dict[str, str]:
    """Of each column that is compared, whatever columns the view has by now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select attname, format_type(atttypid, null) from pg_attribute"
            " where attrelid = %s::regclass and attnum > 0 order by attnum",
            [f"analytics.{view}"],
        )
        types = dict(cursor.fetchall())
    for key in ("learner_id", VIEWS_OF_ROWS[view][1], "computed_at"):
        del types[key]
    return types


def rows_of(view: str, key: str) -> list[tuple[int, int]]:
    """Learner and key of every row."""
    with connection.cursor() as cursor:
        cursor.execute(f"select learner_id, {key} from analytics.{view} order by 1, 2")
        return list(cursor.fetchall())


def columns_in(mismatch: Mismatch) -> tuple[list[str], list[str]]:
    """Which columns it names on either side."""
    shown, right = (re.findall(r"'(\w+)': ", side) for side in (mismatch.view, mismatch.oracle))
    return shown, right
