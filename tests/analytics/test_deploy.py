"""What a deploy leaves, and that it says so when something is not there."""

import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from psycopg.errors import InsufficientPrivilege

from analytics.assertions import find_faults, find_remarks
from analytics.build import contract_view_names
from analytics.grants import grant_readers
from analytics.management.commands.deploy import refresh_after_others
from analytics.models import Policy, RefreshRun
from analytics.models.views import MATERIALIZED_VIEWS
from tests.factories import make_learner
from tests.locks import lock_held_by_another
from tests.other_database import empty_database, manage, rows_of
from tests.reader import PASSWORD, Reader, execute, reader

pytestmark = pytest.mark.usefixtures("committed")

Refresh = Callable[[], None]


def deploy() -> tuple[int, str, str]:
    """Exit code, output and errors."""
    out, err = StringIO(), StringIO()
    try:
        call_command("deploy", stdout=out, stderr=err, verbosity=0)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_everything_is_there_and_nothing_is_remarked() -> None:
    code, out, err = deploy()

    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "The database is up to date: views built, refresh done."
    assert (find_faults(), find_remarks()) == ([], [])


def test_a_second_deploy_writes_no_privileges_anew(refresh: Refresh) -> None:
    grant_readers()
    before = versions_of_privileges()

    grant_readers()

    assert versions_of_privileges() == before


def test_grants_indexes_and_comments_outlive_a_change_of_every_view(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The library drops a changed view with all that hangs on it."""
    deploy()
    make_learner()
    names = [view._meta.db_table for view in MATERIALIZED_VIEWS]
    before = {name: oid_of(name) for name in names}
    for view in MATERIALIZED_VIEWS:
        monkeypatch.setattr(view, "sql", f"select * from (\n{view.sql}\n) as changed where true")
    try:
        code, _, err = deploy()

        assert (code, err) == (0, "")
        assert [name for name in names if oid_of(name) == before[name]] == []
        assert find_faults() == []
        with reader() as anna:
            for name in contract_view_names():
                assert anna.psql(f"select * from analytics.{name}").stderr == ""
    finally:
        monkeypatch.undo()
        deploy()


def test_a_policy_that_was_deleted_is_made_anew_with_the_defaults(refresh: Refresh) -> None:
    Policy.objects.update(focus_divisor=15)
    refresh()
    execute("delete from analytics_policy")

    first, second = deploy(), deploy()

    code, _, err = first
    said, before = err.splitlines()
    assert code == 0
    assert said == (
        "The row of analytics_policy was missing and was made anew with the defaults: see under"
        " /admin/ whether they are what you want."
    )
    assert before.startswith("The latest base was computed with: {")
    assert '"focus_divisor": 15.0' in before
    assert Policy.objects.get().focus_divisor == 10
    assert (second[0], second[2]) == (0, "")


def test_a_refresh_at_work_is_waited_for() -> None:
    """It may have begun before the views were built anew, and leave them empty."""

    def wait_and_refresh() -> str:
        try:
            return refresh_after_others().status
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with lock_held_by_another("lock table analytics_stamp in exclusive mode"):
            status = pool.submit(wait_and_refresh)
            deadline = time.monotonic() + 10
            while not RefreshRun.objects.filter(status="skipped").exists():
                assert time.monotonic() < deadline, "it does not find the other at work"
                time.sleep(0.02)
        assert status.result() == "done"


class TestWhatIsNamed:
    @pytest.fixture(autouse=True)
    def repaired(self, refresh: Refresh) -> Iterator[None]:
        refresh()
        yield
        deploy()

    def test_a_contract_view_that_was_dropped(self) -> None:
        execute("drop view analytics.team_summary")

        assert find_faults() == ["view analytics.team_summary does not exist"]

    def test_an_internal_view_that_was_dropped_takes_others_along(self) -> None:
        execute("drop materialized view team_totals cascade")

        faults = find_faults()

        assert "view public.team_totals does not exist" in faults
        assert "view analytics.team_summary does not exist" in faults

    def test_a_view_that_lost_its_rows(self) -> None:
        execute("refresh materialized view team_totals with no data")

        assert find_faults() == ["view public.team_totals was never filled"]

    def test_a_view_that_was_closed_to_readers(self) -> None:
        execute("revoke select on analytics.learner_risk from pulseboard_reader")

        assert find_faults() == ["pulseboard_reader may not read analytics.learner_risk"]

    def test_a_schema_that_was_closed_to_readers(self) -> None:
        execute("revoke usage on schema analytics from pulseboard_reader")

        assert find_faults() == ["pulseboard_reader may not use schema analytics"]

    def test_a_comment_that_is_missing(self) -> None:
        execute("comment on column analytics.team_summary.team_id is null")
        execute("comment on view analytics.learner_module is null")

        assert find_faults() == [
            "analytics.learner_module has no comment",
            "analytics.team_summary.team_id has no comment",
        ]

    def test_the_index_that_a_concurrent_refresh_needs(self) -> None:
        name = unique_index_of("team_totals")
        execute(f"drop index {name}")
        try:
            assert find_faults() == ["view team_totals has no unique index on team_id"]
        finally:
            execute(f"create unique index {name} on team_totals (team_id)")

    def test_an_index_that_the_model_names(self) -> None:
        view = next(view for view in MATERIALIZED_VIEWS if view._meta.indexes)
        name = view._meta.indexes[0].name
        with connection.cursor() as cursor:
            cursor.execute("select pg_get_indexdef(%s::regclass)", [name])
            (definition,) = cursor.fetchone()
        execute(f"drop index {name}")
        try:
            assert find_faults() == [f"view {view._meta.db_table} has no index {name}"]
        finally:
            execute(definition)

    @pytest.mark.parametrize(
        ("given", "taken", "fault"),
        [
            (
                "grant select on tracking_user to pulseboard_reader",
                "revoke select on tracking_user from pulseboard_reader",
                "pulseboard_reader may use tracking_user",
            ),
            (
                "grant select (username) on tracking_user to public",
                "revoke select (username) on tracking_user from public",
                "pulseboard_reader may use tracking_user",
            ),
            (
                "grant usage on sequence tracking_team_id_seq to pulseboard_reader",
                "revoke usage on sequence tracking_team_id_seq from pulseboard_reader",
                "pulseboard_reader may use tracking_team_id_seq",
            ),
            (
                "grant insert on analytics.team_summary to pulseboard_reader",
                "revoke insert on analytics.team_summary from pulseboard_reader",
                "pulseboard_reader may write to analytics.team_summary",
            ),
            (
                "grant pg_read_all_data to pulseboard_reader",
                "revoke pg_read_all_data from pulseboard_reader",
                "pulseboard_reader is a member of pg_read_all_data",
            ),
            (
                "alter role pulseboard_reader createrole",
                "alter role pulseboard_reader nocreaterole",
                "pulseboard_reader is a role that may create roles",
            ),
            (
                "grant execute on function audit_record to public",
                "revoke execute on function audit_record from public",
                "pulseboard_reader may call audit_record(bigint,text,bigint,jsonb,text)",
            ),
        ],
    )
    def test_too_much(self, given: str, taken: str, fault: str) -> None:
        execute(given)
        try:
            assert fault in find_faults()
        finally:
            execute(taken)

    def test_grants_elsewhere_are_taken_back_by_the_next_deploy(self) -> None:
        execute("grant select on tracking_user to pulseboard_reader")
        execute("grant select (name) on tracking_team to pulseboard_reader")
        execute("grant usage on sequence tracking_team_id_seq to pulseboard_reader")
        execute("grant execute on function audit_record to public")

        code, _, err = deploy()

        assert (code, err) == (0, "")

    def test_what_a_deploy_does_not_repair_is_named_and_its_exit_code_is_1(self) -> None:
        execute("grant pg_read_all_data to pulseboard_reader")
        try:
            code, out, err = deploy()
        finally:
            execute("revoke pg_read_all_data from pulseboard_reader")

        lines = err.splitlines()
        assert code == 1
        assert lines[0] == "The deploy left the database incomplete:"
        assert "  pulseboard_reader is a member of pg_read_all_data" in lines
        assert "up to date" not in out


class TestADatabaseOfAnEarlierVersion:
    """With a policy that a constraint of migration 0007 does not allow."""

    @pytest.fixture
    def address(self) -> Iterator[str]:
        with empty_database("earlier_version") as address:
            manage(address, "migrate", "analytics", "0006", "--verbosity=0")
            rows_of(address, "update analytics_policy set idle_risk = -5")
            yield address

    def test_is_told_which_rows_to_put_right_and_deploys_afterwards(self, address: str) -> None:
        refused = manage(address, "deploy")
        rows_of(address, "update analytics_policy set idle_risk = 5")
        done = manage(address, "deploy")

        assert refused.returncode == 1
        assert refused.stderr.splitlines() == [
            (
                "Rows that are there do not agree with a migration: check constraint"
                ' "policy_points_are_not_negative" of relation "analytics_policy" is violated by'
                " some row"
            ),
            (
                "Points, and how far a fall has to be out, are 0 or more. Put them right and deploy"
                " again; nothing of that migration was applied."
            ),
        ]
        assert done.returncode == 0, done.stderr


class TestARoleWithFewRights:
    """An owner of a database of its own that is no superuser and may not create roles."""

    @pytest.fixture
    def address(self) -> Iterator[str]:
        execute(f"create role few_rights login password '{PASSWORD}'")
        try:
            execute("create database few_rights owner few_rights")
            yield Reader("few_rights").url_of("few_rights")
        finally:
            execute("drop database if exists few_rights with (force)")
            execute("drop role few_rights")

    def test_deploys_and_says_that_there_is_no_role_for_readers(self, address: str) -> None:
        execute("alter role pulseboard_reader rename to put_aside")
        try:
            done = manage(address, "deploy")
        finally:
            execute("alter role put_aside rename to pulseboard_reader")

        assert done.returncode == 0, done.stderr
        (note,) = notes_of(done)
        assert note == (
            "Role pulseboard_reader does not exist and few_rights may not create it. Have a role"
            " that may create roles run sql/roles.sql in this database, and deploy again; until"
            " then nobody but the owner reads schema analytics."
        )

    def test_grants_to_the_role_that_another_has_made(self, address: str) -> None:
        done = manage(address, "deploy")

        assert done.returncode == 0, done.stderr
        limits, doors, signals = notes_of(done)
        assert limits.startswith(
            "Limits that few_rights may not set: default_transaction_read_only of pulseboard_reader"
        )
        assert doors.startswith("Readers may make large objects, take advisory locks")
        assert "grant pg_signal_backend, pg_read_all_stats to few_rights" in signals
        with reader() as anna, psycopg.connect(anna.conninfo_of("few_rights")) as session:
            assert session.execute("select * from analytics.learner_snapshot").fetchall() == []
            with pytest.raises(InsufficientPrivilege):
                session.execute("select * from tracking_user")


# --- Helpers ---------------------------------------------------------------------------------


def notes_of(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [
        line.removeprefix("note: ") for line in done.stderr.splitlines() if line.startswith("note:")
    ]


def oid_of(name: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select %s::regclass::oid", [name])
        (oid,) = cursor.fetchone()
    return int(oid)


def unique_index_of(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "select indexrelid::regclass::text from pg_index"
            " where indrelid = %s::regclass and indisunique",
            [name],
        )
        (found,) = cursor.fetchone()
    return str(found)


def versions_of_privileges() -> list[tuple[object, ...]]:
    """What every row that holds privileges was written by."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select 'class', oid, xmin::text from pg_class"
            " where relnamespace = to_regnamespace('analytics')"
            " union all select 'proc', oid, xmin::text from pg_proc"
            " where pronamespace = 'public'::regnamespace"
            " union all select 'namespace', oid, xmin::text from pg_namespace"
            " union all select 'role', oid, xmin::text from pg_authid"
            " union all select 'limits', setrole, xmin::text from pg_db_role_setting"
            " order by 1, 2"
        )
        return list(cursor.fetchall())
