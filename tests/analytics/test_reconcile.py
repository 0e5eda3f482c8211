"""The views are held against the raw tables, and whatever differs is named, counted and kept."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
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
from analytics.reconcile import Reconciliation, prune_quality_checks, reconcile
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
from tracking.models import User
from workers.tasks import reconcile_sample

Refresh = Callable[[], None]

pytestmark = pytest.mark.usefixtures("committed")


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
        make_assignment(learner, module, due_at=ago)
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


@pytest.fixture
def past_the_triggers(committed: None) -> Iterator[None]:
    """Writes of this test that no trigger sees, once the refresh is done."""
    with connection.cursor() as cursor:
        cursor.execute("alter table tracking_learningsession disable trigger user")
        cursor.execute("alter table tracking_user disable trigger user")
    yield
    with connection.cursor() as cursor:
        cursor.execute("alter table tracking_learningsession enable trigger user")
        cursor.execute("alter table tracking_user enable trigger user")
