"""Readers with SQL: what they may do, over connections of their own, and what they may not."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import connection
from psycopg.errors import InsufficientPrivilege, ObjectNotInPrerequisiteState

from analytics.build import contract_view_names
from analytics.grants import GRACE, end_overlong_sessions, grant_readers
from analytics.models import LearnerSnapshot
from tests.factories import make_learner
from tests.reader import Reader, execute, reader

pytestmark = pytest.mark.usefixtures("committed")

Refresh = Callable[[], None]

FORBIDDEN = {
    "read a table of the product": "select * from tracking_user",
    "read passwords by a column": "select password from tracking_user",
    "read a table of the read side": "select * from analytics_refreshrun",
    "read an internal view": "select * from team_totals",
    "add to the rows of a view": "insert into analytics.team_summary (team_id) values (1)",
    "change the rows of a view": "update analytics.team_summary set team_name = ''",
    "delete the rows of a view": "delete from analytics.learner_snapshot",
    "write to a table": "insert into tracking_team (name, is_default) values ('x', false)",
    "truncate": "truncate tracking_pulse",
    "lock rows": "select * from analytics.team_summary for update",
    "keep a refresh from its lock": "begin; lock table analytics.team_summary in share mode",
    "refresh": "refresh materialized view team_totals",
    "make a table": "create table mine ()",
    "make a table beside the views": "create table analytics.mine ()",
    "make a view": "create view analytics.mine as select 1",
    "make a temporary table": "create temporary table mine ()",
    "make a schema": "create schema mine",
    "make a large object": "select lo_create(0)",
    "fill a large object": "select lo_from_bytea(0, 'x')",
    "write to the log of changes": "select pg_logical_emit_message(false, 'x', 'x')",
    "hold the lock of the audit log": "select pg_advisory_lock(7091842630171)",
    "append to the audit log": "select audit_record(1, 'grade', 1, null, '-')",
    "call a function of the write side": "select tracking_ledger_day(gen_random_uuid())",
    "take a number of a sequence": "select nextval('tracking_team_id_seq')",
    "read a file": "select pg_read_file('/etc/passwd')",
    "write a file": "copy (select 1) to '/tmp/reader'",
    "run a program": "copy (select 1) to program 'true'",
    "become the owner": "set role {owner}",
    "become somebody else": "set session authorization {owner}",
    "grant on": "grant pulseboard_reader to {owner}",
    "make a role": "create role mine",
    "end the owner's sessions": (
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = '{owner}'"
    ),
    "switch triggers off": "set session_replication_role = replica",
    "lift the limit of files": "set temp_file_limit = -1",
    "have it forgotten": ("alter role current_user in database {database} reset temp_file_limit"),
    "lift it for the next session": (
        "alter role current_user in database {database} set temp_file_limit = -1"
    ),
    "lift the limit of connections": "alter role current_user connection limit -1",
    "lift the limits of all": "alter role pulseboard_reader set statement_timeout = 0",
    "change the settings of the database": ("alter database {database} set statement_timeout = 0"),
}


@pytest.fixture
def anna(committed: None) -> Iterator[Reader]:
    with reader() as somebody:
        yield somebody


class TestReading:
    @pytest.mark.parametrize("name", contract_view_names())
    def test_every_contract_view_in_psql(self, anna: Reader, refresh: Refresh, name: str) -> None:
        make_learner()
        refresh()

        done = anna.psql(f"\\copy (select * from analytics.{name}) to stdout with csv header")

        assert (done.returncode, done.stderr) == (0, "")
        assert "," in done.stdout.splitlines()[0]

    def test_rows_are_those_of_the_refresh(self, anna: Reader, refresh: Refresh) -> None:
        learner = make_learner(username="lea")
        refresh()

        rows = anna.rows("select learner_id, username, computed_at from analytics.learner_snapshot")

        assert rows == list(LearnerSnapshot.objects.values("learner_id", "username", "computed_at"))
        assert [row["learner_id"] for row in rows] == [learner.pk]

    def test_the_comments_are_shown(self, anna: Reader) -> None:
        done = anna.psql("\\d+ analytics.team_summary")

        assert "Active learners in the team." in done.stdout

    def test_a_function_that_a_view_calls_may_be_called(self, anna: Reader) -> None:
        """PostgreSQL asks the reader for that, whoever owns the view."""
        execute(
            "create function public.doubled(x bigint) returns bigint language sql immutable"
            " as 'select 2 * x';"
            "create view public.inner_view as select doubled(1) as two;"
            "create view analytics.outer_view as select two from public.inner_view"
        )
        try:
            with pytest.raises(InsufficientPrivilege):
                anna.rows("select * from analytics.outer_view")

            grant_readers()

            assert anna.rows("select * from analytics.outer_view") == [{"two": 2}]
        finally:
            execute("drop view analytics.outer_view")
            execute("drop view inner_view; drop function doubled(bigint)")


class TestEverythingElse:
    @pytest.mark.parametrize("what", FORBIDDEN)
    def test_is_refused(self, anna: Reader, refresh: Refresh, what: str) -> None:
        refresh()
        with connection.cursor() as cursor:
            cursor.execute("select current_user, current_database()")
            owner, database = cursor.fetchone()

        with anna.connect() as session:
            # The default; to lift it must be of no use.
            session.execute("set default_transaction_read_only = off")
            with pytest.raises(psycopg.Error) as refusal:
                session.execute(FORBIDDEN[what].format(owner=owner, database=database).encode())

        # A view over several tables takes no rows, whoever asks.
        expected = (
            ObjectNotInPrerequisiteState if "rows of a view" in what else (InsufficientPrivilege)
        )
        assert isinstance(refusal.value, expected), refusal.value

    def test_psql_says_so_as_well(self, anna: Reader) -> None:
        done = anna.psql("select * from tracking_user")

        assert done.returncode == 3
        assert "permission denied for table tracking_user" in done.stderr

    def test_no_more_sessions_than_allowed(self, anna: Reader) -> None:
        sessions = [anna.connect() for _ in range(5)]
        try:
            with pytest.raises(psycopg.OperationalError, match="too many connections for role"):
                anna.connect()
        finally:
            for session in sessions:
                session.close()


class TestLimits:
    def test_hold_from_the_first_statement(self, anna: Reader) -> None:
        names = (
            "statement_timeout, idle_in_transaction_session_timeout, idle_session_timeout,"
            " lock_timeout, temp_file_limit, default_transaction_read_only"
        )
        expected = ["1min", "1min", "1h", "5s", "1GB", "on"]

        with anna.connect() as session:
            found = [
                session.execute(f"show {name}".encode()).fetchone() for name in names.split(", ")
            ]

        assert [next(iter((row or {}).values())) for row in found] == expected

    def test_are_those_that_a_dba_has_set_for_the_role(self, anna: Reader) -> None:
        here = f"in database {connection.settings_dict['NAME']}"
        execute(f"alter role pulseboard_reader {here} set statement_timeout = '7s'")
        try:
            grant_readers()

            assert anna.rows("show statement_timeout") == [{"statement_timeout": "7s"}]
        finally:
            execute(f"alter role pulseboard_reader {here} reset statement_timeout")

    def test_that_a_reader_has_lifted_for_the_next_session_come_back(self, anna: Reader) -> None:
        here = f"in database {connection.settings_dict['NAME']}"
        with anna.connect() as session:
            session.execute("set default_transaction_read_only = off")
            session.execute(f"alter role current_user {here} set statement_timeout = 0".encode())

        grant_readers()

        assert anna.rows("show statement_timeout") == [{"statement_timeout": "1min"}]

    def test_are_nobody_elses(self, anna: Reader) -> None:
        with connection.cursor() as cursor:
            cursor.execute("show statement_timeout")
            assert cursor.fetchone() == ("0",)


class TestSessionsThatHaveLiftedTheirLimits:
    """`set statement_timeout = 0` is anybody's right in PostgreSQL; it must not help."""

    @pytest.fixture(autouse=True)
    def short_limits(self, anna: Reader) -> Iterator[None]:
        here = f"in database {connection.settings_dict['NAME']}"
        names = ("statement_timeout", "idle_in_transaction_session_timeout")
        for name in names:
            execute(f"alter role pulseboard_reader {here} set {name} = '100ms'")
        yield
        for name in names:
            execute(f"alter role pulseboard_reader {here} reset {name}")
        grant_readers()

    @pytest.fixture(autouse=True)
    def no_grace(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("analytics.grants.GRACE", GRACE * 0)

    def test_a_statement_that_goes_on(self, anna: Reader) -> None:
        with anna.connect() as session, ThreadPoolExecutor(1) as pool:
            session.execute("set statement_timeout = 0")
            going_on = pool.submit(session.execute, "select pg_sleep(60)")

            assert self.ended() == [("reader_of_tests", "statement_timeout")]

            with pytest.raises(psycopg.OperationalError):
                going_on.result()

    def test_a_transaction_that_is_left_open(self, anna: Reader) -> None:
        with anna.connect() as session:
            session.execute("set idle_in_transaction_session_timeout = 0")
            session.execute("begin")

            assert self.ended() == [("reader_of_tests", "idle_in_transaction_session_timeout")]

            with pytest.raises(psycopg.OperationalError):
                session.execute("select 1")

    def test_an_advisory_lock(self, anna: Reader) -> None:
        """Where the role that deploys could not take the leave to lock away."""
        execute("grant execute on function pg_advisory_lock(bigint) to pulseboard_reader")
        try:
            with anna.connect() as session:
                session.execute("select pg_advisory_lock(1)")

                assert self.ended() == [("reader_of_tests", "advisory lock")]
        finally:
            execute("revoke execute on function pg_advisory_lock(bigint) from pulseboard_reader")

    def test_others_are_left_alone(self, anna: Reader) -> None:
        with anna.connect() as session:
            session.execute("select 1")
            time.sleep(0.2)

            assert end_overlong_sessions() == []
            assert session.execute("select 1 as one").fetchall() == [{"one": 1}]

    def ended(self) -> list[tuple[str, str]]:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            ended = end_overlong_sessions()
            if ended:
                return [(session.role, session.limit_name) for session in ended]
            time.sleep(0.05)
        raise AssertionError("nothing was ended")
