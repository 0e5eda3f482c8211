"""One refresh is one consistent set, on record whatever becomes of it."""

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.utils import timezone

from analytics.build import build_views, unpopulated_views
from analytics.models import LearnerSnapshot, RefreshRun, RefreshStatus, Stamp, TeamSummary
from analytics.refresh import RefreshFailed, prune_runs, run_refresh
from tests.factories import claim, client_of, make_learner, make_module, make_user, record
from tests.locks import lock_held_by_another
from tests.reader import execute

Refresh = Callable[[], None]
COMMAND = RefreshRun.Trigger.COMMAND
SCHEDULE = RefreshRun.Trigger.SCHEDULE
OF_LEARNERS = [
    "learner_totals",
    "learner_module_totals",
    "learner_resource_totals",
    "learner_attempt_totals",
    "learner_assignment_totals",
    "learner_days",
]
BASES = [
    "policy_in_force",
    "learner_sessions_base",
    *(f"{name}_base" for name in OF_LEARNERS),
    "team_day_base",
]
DELTAS = [
    "touched_learner",
    "learner_sessions_delta",
    *(f"{name}_delta" for name in OF_LEARNERS),
    "team_day_delta",
    "team_totals",
]

pytestmark = pytest.mark.usefixtures("committed")


def test_a_run_records_what_it_did_and_stamps_the_views() -> None:
    make_learner()

    run = run_refresh(COMMAND)

    run.refresh_from_db()
    stamp = Stamp.objects.get()
    assert (run.status, run.trigger, run.error) == ("done", "command", "")
    assert (run.tier, run.base_reason) == ("base", "there is no base")
    assert {view["view"]: view["rows"] for view in run.views} == {
        **dict.fromkeys(BASES + DELTAS, 0),
        "policy_in_force": 1,
        "learner_totals_base": 1,
        "team_totals": 1,
    }
    assert stamp.refresh_id == run.pk
    assert run.finished_at is not None
    assert run.started_at <= stamp.computed_at <= run.finished_at
    assert LearnerSnapshot.objects.get().computed_at == stamp.computed_at
    assert TeamSummary.objects.get().computed_at == stamp.computed_at


def test_nothing_of_the_clock_is_in_a_materialized_row(refresh: Refresh) -> None:
    learner = make_learner()
    record(learner, claim(make_module().resources.get()), received_at=timezone.now())
    refresh()
    before = materialized_rows()

    refresh()

    assert materialized_rows() == before


def test_a_run_that_finds_another_at_work_is_skipped_and_changes_nothing(
    refresh: Refresh,
) -> None:
    refresh()
    stamp = Stamp.objects.get()
    with lock_held_by_another("lock table analytics_stamp in exclusive mode"):
        run = run_refresh(COMMAND)

    assert (run.status, run.error) == ("skipped", "Another refresh is at work.")
    assert Stamp.objects.get() == stamp


class TestASecondBeat:
    def test_finds_that_its_tick_has_been_served(self, refresh: Refresh) -> None:
        first, second = run_refresh(SCHEDULE), run_refresh(SCHEDULE)

        assert (first.status, second.status) == ("done", "skipped")
        assert second.error == "This tick has been served: is there a second beat?"
        assert Stamp.objects.get().refresh_id == first.pk

    @pytest.mark.parametrize(
        ("seconds", "status"), [(-1, "done"), (1, "skipped"), (39, "skipped"), (41, "done")]
    )
    def test_two_thirds_of_the_interval_are_one_tick(
        self, refresh: Refresh, seconds: int, status: str
    ) -> None:
        """Of sixty seconds; a run from the future is of a clock that has been set back."""
        run_refresh(SCHEDULE)
        RefreshRun.objects.update(started_at=timezone.now() - dt.timedelta(seconds=seconds))

        assert run_refresh(SCHEDULE).status == status

    def test_takes_nothing_from_those_who_ask_or_after_a_failure(self, refresh: Refresh) -> None:
        run_refresh(SCHEDULE)
        asked = run_refresh(COMMAND)
        RefreshRun.objects.filter(trigger="schedule").update(status="failed")

        assert (asked.status, run_refresh(SCHEDULE).status) == ("done", "done")


def test_a_failed_run_keeps_the_old_rows_and_the_old_stamp(refresh: Refresh, settings: Any) -> None:
    learner = make_learner()
    refresh()
    stamp = Stamp.objects.get()
    make_learner()
    settings.REFRESH_LOCK_TIMEOUT_MS = 50

    with (
        lock_held_by_another("lock table tracking_user in access exclusive mode"),
        pytest.raises(RefreshFailed, match="lock timeout"),
    ):
        run_refresh(COMMAND)

    run = RefreshRun.objects.latest("pk")
    assert run.status == "failed"
    assert "lock timeout" in run.error
    assert Stamp.objects.get().computed_at == stamp.computed_at
    assert list(LearnerSnapshot.objects.values_list("learner_id", flat=True)) == [learner.pk]
    status = RefreshStatus.objects.get()
    assert (status.refresh_id, status.latest_run_status) == (stamp.refresh_id, "failed")


@pytest.mark.parametrize("base", [False, True])
def test_without_a_policy_a_run_fails_and_says_what_to_do(refresh: Refresh, base: bool) -> None:
    learner = make_learner()
    refresh()
    stamp = Stamp.objects.get()
    execute("delete from analytics_policy")

    with pytest.raises(RefreshFailed, match="analytics_policy was deleted"):
        run_refresh(COMMAND, base=base)

    run = RefreshRun.objects.latest("pk")
    assert run.status == "failed"
    assert "manage.py deploy makes it anew with the defaults" in run.error
    assert Stamp.objects.get().computed_at == stamp.computed_at
    assert list(LearnerSnapshot.objects.values_list("learner_id", flat=True)) == [learner.pk]


def test_an_option_is_not_taken_by_half_its_name() -> None:
    with pytest.raises(CommandError, match="unrecognized arguments: --bas"):
        call_command("refresh", "--bas")

    assert not RefreshRun.objects.exists()


def test_a_refresh_that_is_terminated_is_recorded_as_failed(refresh: Refresh) -> None:
    refresh()
    stamp = Stamp.objects.get()
    refresher = threading.Thread(target=failing_refresh)

    with lock_held_by_another("lock table tracking_user in access exclusive mode"):
        refresher.start()
        terminate_backend_waiting_for("refresh materialized view")
        refresher.join()

    assert RefreshRun.objects.latest("pk").status == "failed"
    assert Stamp.objects.get().computed_at == stamp.computed_at


def test_a_run_whose_process_was_killed_is_closed_by_the_next() -> None:
    long_ago, lately = (
        RefreshRun.objects.create(started_at=timezone.now() - age, trigger=COMMAND)
        for age in (dt.timedelta(minutes=61), dt.timedelta(minutes=59))
    )

    run_refresh(COMMAND)

    long_ago.refresh_from_db()
    lately.refresh_from_db()
    assert (long_ago.status, lately.status) == ("failed", "running")
    assert long_ago.error == "The process ended before it could say how the run went."


def test_the_views_of_a_refresh_agree_while_learners_go_on(refresh: Refresh) -> None:
    """READ COMMITTED would let the later views see more pulses than the earlier ones."""
    learner, module = make_learner(), make_module()
    resource = module.resources.get()
    stop = threading.Event()

    def learn() -> None:
        try:
            while not stop.is_set():
                record(learner, claim(resource), received_at=timezone.now())
        finally:
            connection.close()

    learning = threading.Thread(target=learn)
    learning.start()
    try:
        for _ in range(5):
            refresh()
            assert len(focus_by_view(learner.pk)) == 1
    finally:
        stop.set()
        learning.join()


def test_the_command_fails_with_a_non_zero_exit_code(settings: Any, capsys: Any) -> None:
    settings.REFRESH_LOCK_TIMEOUT_MS = 50
    with (
        lock_held_by_another("lock table tracking_user in access exclusive mode"),
        pytest.raises(SystemExit) as leaving,
    ):
        call_command("refresh")

    assert leaving.value.code == 1
    assert "lock timeout" in capsys.readouterr().err


def test_the_command_prints_each_view_with_its_milliseconds(capsys: Any) -> None:
    call_command("refresh")

    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:-1]] == BASES + DELTAS
    assert all(" ms" in line and line.endswith(" rows") for line in lines[:-1])


def test_old_runs_are_pruned_but_never_those_the_views_show(settings: Any) -> None:
    settings.REFRESH_RUN_RETENTION = dt.timedelta(0)
    base = run_refresh(COMMAND)
    run_refresh(COMMAND)
    shown = run_refresh(COMMAND)

    prune_runs()

    assert set(RefreshRun.objects.values_list("pk", flat=True)) == {base.pk, shown.pk}


def test_building_the_views_again_changes_nothing_that_readers_see(refresh: Refresh) -> None:
    learner = make_learner()
    refresh()

    build_views()

    assert unpopulated_views() == []
    assert LearnerSnapshot.objects.get().learner_id == learner.pk


def test_before_the_first_refresh_every_manager_endpoint_says_503_and_never_zeros() -> None:
    manager, learner = make_user("manager"), make_learner()
    client = client_of(manager)

    responses = {
        path: client.get(f"/api/analytics/manager/{path}")
        for path in (
            "team-summary/",
            "learners/",
            f"{learner.pk}/details/",
            f"{learner.pk}/risk/",
        )
    }

    assert {path: response.status_code for path, response in responses.items()} == dict.fromkeys(
        responses, 503
    )
    for response in responses.values():
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["type"] == "/api/problems/#not-computed"
        assert response["Retry-After"] == "60"


def test_views_that_lost_their_rows_say_503_and_never_zeros(refresh: Refresh) -> None:
    refresh()
    with connection.cursor() as cursor:
        cursor.execute("refresh materialized view learner_totals_base with no data")
        cursor.execute("refresh materialized view team_totals with no data")
    client = client_of(make_user("manager"))

    statuses = [
        client.get(f"/api/analytics/manager/{path}").status_code
        for path in ("team-summary/", "learners/")
    ]

    assert statuses == [503, 503]


# --- Helpers ---------------------------------------------------------------------------------


def materialized_rows() -> dict[str, list[Any]]:
    rows = {}
    with connection.cursor() as cursor:
        for name in BASES + DELTAS:
            cursor.execute(f"select ctid, * from {name} order by 2, 1")
            rows[name] = cursor.fetchall()
    return rows


def focus_by_view(learner_id: int) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select focus_seconds from learner_totals where learner_id = %(id)s"
            " union select focus_seconds from learner_module_totals where learner_id = %(id)s"
            " union select watch_time_seconds from learner_resource_totals"
            " where learner_id = %(id)s",
            {"id": learner_id},
        )
        return {int(row[0]) for row in cursor.fetchall()}


def failing_refresh() -> None:
    try:
        with pytest.raises(RefreshFailed):
            run_refresh(COMMAND)
    finally:
        connection.close()


def terminate_backend_waiting_for(statement: str) -> None:
    deadline = timezone.now() + dt.timedelta(seconds=10)
    while timezone.now() < deadline:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where query ilike %s and wait_event_type = 'Lock' and pid <> pg_backend_pid()",
                [f"%{statement}%"],
            )
            if cursor.fetchall():
                return
    raise AssertionError(f"no backend waits for {statement!r}")
