"""The audit log: who appends, in which order, and that nobody can take back what stands in it."""

import datetime as dt
import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import (
    DataError,
    IntegrityError,
    ProgrammingError,
    connection,
    connections,
    transaction,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import audit as proof
from analytics.audit import AuditBroken, verify_audit
from analytics.models import AuditEntry
from config.audit import audit, audit_each
from tests.audit_log import entries, triggers_disabled
from tests.factories import make_learner, make_user
from tests.locks import lock_held_by_another, until_waiting
from tests.tracking.callers import Callers
from tracking.models import User

NOTHING = "0" * 64


def verified(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("verify_audit", *arguments, stdout=out)
    return out.getvalue().splitlines()


def write(count: int) -> list[int]:
    """Entries of one manager about nobody; their ids."""
    return [audit(actor_id=1, action="read_learners", detail={"page": n}) for n in range(count)]


@pytest.mark.django_db
class TestAppending:
    def test_an_entry_says_who_did_what_to_whom_and_when(self) -> None:
        manager, learner = make_user("manager", username="mia"), make_learner(username="lea")
        before = dt.datetime.now(dt.UTC)

        entry_id = audit(
            actor_id=manager.pk, action="grade", learner_id=learner.pk, detail={"grade": "80.50"}
        )

        entry = AuditEntry.objects.get()
        assert (entry.id, entry.actor_id, entry.actor) == (entry_id, manager.pk, "mia")
        assert (entry.learner_id, entry.learner) == (learner.pk, "lea")
        assert (entry.action, entry.detail, entry.request_id) == ("grade", {"grade": "80.50"}, "-")
        assert before <= entry.at <= dt.datetime.now(dt.UTC)

    def test_what_is_about_no_single_learner_names_none(self) -> None:
        audit(actor_id=1, action="read_learners")

        entry = AuditEntry.objects.get()
        assert (entry.learner_id, entry.learner, entry.detail) == (None, "", {})

    def test_many_are_appended_by_one_statement_in_their_order(
        self, django_assert_num_queries: Any
    ) -> None:
        learners = [make_learner().pk for _ in range(30)]

        with django_assert_num_queries(1):
            ids = audit_each(
                actor_id=1, action="assign", about=[(pk, {"module": 7}) for pk in learners]
            )

        assert ids == list(range(1, 31))
        assert entries() == [(1, "assign", pk, {"module": 7}) for pk in learners]
        assert verify_audit().entry_id == 30

    def test_entries_outlive_the_people_they_name(self) -> None:
        manager, learner = make_user("manager", username="mia"), make_learner(username="lea")
        audit(actor_id=manager.pk, action="grade", learner_id=learner.pk)

        User.objects.all().delete()

        assert list(AuditEntry.objects.values_list("actor", "learner")) == [("mia", "lea")]
        assert verify_audit().entry_id == 1

    @pytest.mark.parametrize("action", ["", "Read", "read learners", "x" * 51])
    def test_what_is_no_name_of_an_action_is_refused(self, action: str) -> None:
        with pytest.raises(IntegrityError, match="action"):
            audit(actor_id=1, action=action)

    @pytest.mark.parametrize("detail", [[], "text", 1])
    def test_a_detail_that_is_no_object_is_refused(self, detail: Any) -> None:
        with pytest.raises(IntegrityError, match="detail"):
            audit_each(actor_id=1, action="grade", about=[(None, detail)])

    def test_a_text_that_cannot_be_stored_is_bad_input(self) -> None:
        with pytest.raises(DataError):
            audit(actor_id=1, action="read_learners", detail={"search": "\x00"})

    def test_only_who_was_granted_it_may_append(self) -> None:
        """The function runs with its owner's rights: it must not be everybody's."""
        with connection.cursor() as cursor:
            cursor.execute(
                "select has_function_privilege('pg_monitor',"
                " 'audit_record(bigint, text, bigint, jsonb, text)', 'execute')"
            )
            assert cursor.fetchone() == (False,)

    def test_a_role_that_may_only_append_can(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("create role audit_appender")
            cursor.execute(
                "grant execute on function audit_record(bigint, text, bigint, jsonb, text)"
                " to audit_appender"
            )
            cursor.execute("set local role audit_appender")
            cursor.execute("select public.audit_record(1, 'grade', null, '{}', 'r')")
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                cursor.execute("select * from analytics_auditentry")
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                cursor.execute(
                    "insert into analytics_auditentry values"
                    " (2, now(), 1, '', 'grade', null, '', '', '{}', sha256(''))"
                )
            cursor.execute("reset role")
        assert verify_audit().entry_id == 1


@pytest.mark.django_db
class TestAppendOnly:
    @pytest.mark.parametrize(
        "statement",
        [
            "update analytics_auditentry set actor = 'somebody'",
            "update analytics_auditentry set actor = 'somebody' where false",
            "delete from analytics_auditentry",
            "truncate analytics_auditentry",
        ],
    )
    def test_nothing_is_changed_or_taken_away(self, statement: str) -> None:
        write(2)

        with (
            pytest.raises(ProgrammingError, match="the audit log is append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)

        assert verify_audit().entry_id == 2

    def test_the_orm_is_refused_as_well(self) -> None:
        write(1)

        with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
            AuditEntry.objects.all().delete()
        with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
            AuditEntry.objects.update(actor="somebody")


TIME = "at = at + interval '1 microsecond'"
MOVED_UP = """
    delete from analytics_auditentry where id = 3;
    update analytics_auditentry set id = id - 1 where id > 3
"""
SLIPPED_IN_WITH_A_RIGHT_HASH = """
    update analytics_auditentry set id = id + 1 where id > 3;
    insert into analytics_auditentry
    select 4, at, 9, 'x', action, null, '', '', '{}',
        audit_hash(hash, 4, at, 9, 'x', action, null, '', '', '{}')
    from analytics_auditentry where id = 3
"""
CHANGED_WITH_A_RIGHT_HASH = """
    update analytics_auditentry as entry
    set
        actor_id = 9,
        hash = audit_hash(
            before.hash, entry.id, entry.at, 9, entry.actor, entry.action, entry.learner_id,
            entry.learner, entry.request_id, entry.detail
        )
    from analytics_auditentry as before
    where before.id = 2 and entry.id = 3
"""
APPENDED_PAST_THE_FUNCTION = """
    insert into analytics_auditentry values
    (6, now(), 1, '', 'grade', null, '', '', '{}', sha256(''))
"""
# What was done to five entries by hands that the trigger did not hold back, and where it shows.
TAMPERED: list[tuple[str, int]] = [
    (f"update analytics_auditentry set {TIME} where id = 3", 3),
    ("update analytics_auditentry set actor_id = 9 where id = 3", 3),
    ("update analytics_auditentry set actor = 'x' where id = 3", 3),
    ("update analytics_auditentry set action = 'grade' where id = 3", 3),
    ("update analytics_auditentry set learner_id = 1 where id = 3", 3),
    ("update analytics_auditentry set learner = 'x' where id = 3", 3),
    ("update analytics_auditentry set request_id = 'x' where id = 3", 3),
    ("update analytics_auditentry set detail = '{\"page\": 9}' where id = 3", 3),
    ("update analytics_auditentry set hash = sha256('') where id = 3", 3),
    ("delete from analytics_auditentry where id = 3", 3),
    ("delete from analytics_auditentry where id = 1", 1),
    ("delete from analytics_auditentry where id in (1, 2)", 1),
    ("update analytics_auditentry set id = 6 where id = 3", 3),
    ("update analytics_auditentry set id = 7 - id where id in (3, 4)", 3),
    (MOVED_UP, 3),
    (SLIPPED_IN_WITH_A_RIGHT_HASH, 5),
    (CHANGED_WITH_A_RIGHT_HASH, 4),
    (APPENDED_PAST_THE_FUNCTION, 6),
]


@pytest.mark.django_db
class TestTheProof:
    def test_of_an_empty_log(self) -> None:
        assert verified() == ["0 entries, each follows from the one before.", f"Head: {NOTHING}"]

    def test_of_a_log_that_is_as_it_was_written(self) -> None:
        write(3)

        head = bytes(AuditEntry.objects.get(id=3).hash).hex()
        assert verified() == ["3 entries, each follows from the one before.", f"Head: {head}"]

    @pytest.mark.parametrize(("statements", "first_broken"), TAMPERED)
    def test_it_names_the_first_entry_where_hands_were_laid_on(
        self, statements: str, first_broken: int
    ) -> None:
        write(5)
        verify_audit()
        with triggers_disabled() as cursor:
            # A key is checked row by row, and rows trade places here.
            cursor.execute(
                "alter table analytics_auditentry drop constraint analytics_auditentry_pkey"
            )
            for statement in statements.split(";"):
                cursor.execute(statement)

        with pytest.raises(AuditBroken) as broken:
            verify_audit()

        assert broken.value.entry_id == first_broken
        with pytest.raises(CommandError, match=f"broken at entry {first_broken}: ") as exited:
            verified()
        assert exited.value.returncode == 1

    def test_a_log_that_was_cut_off_is_told_by_a_head_from_before(self) -> None:
        write(3)
        head = verify_audit()
        write(2)
        assert verify_audit(head.hash).entry_id == 5
        with triggers_disabled() as cursor:
            cursor.execute("delete from analytics_auditentry where id > 2")

        assert verify_audit().entry_id == 2
        with pytest.raises(CommandError, match="broken at entry 3: no entry has the hash"):
            verified("--expect", head.hash)

    def test_a_log_that_was_written_anew_is_told_by_a_head_from_before(self) -> None:
        write(3)
        head = verify_audit()
        with triggers_disabled() as cursor:
            cursor.execute("truncate analytics_auditentry")
        write(3)

        verify_audit()
        with pytest.raises(AuditBroken):
            verify_audit(head.hash)

    def test_every_log_goes_on_from_the_empty_one(self) -> None:
        write(1)

        assert verify_audit(NOTHING).entry_id == 1

    @pytest.mark.parametrize("expected", ["abc", "g" * 64, "0" * 63, "0" * 65])
    def test_a_head_that_is_none_is_not_looked_for(self, expected: str) -> None:
        with pytest.raises(CommandError, match="--expect takes a hash"):
            verified("--expect", expected)

    def test_a_log_that_cannot_be_read_is_not_called_whole(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("alter table analytics_auditentry rename to elsewhere")

        with pytest.raises(CommandError, match=r"could not be checked: .*analytics_auditentry"):
            verified()

    def test_it_is_read_in_parts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(proof, "ENTRIES_AT_A_TIME", 2)
        write(5)

        assert verify_audit().entry_id == 5


TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
DETAILS = st.dictionaries(
    TEXTS,
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(10**30), 10**30)
        | st.floats(allow_nan=False, allow_infinity=False)
        | TEXTS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
        max_leaves=5,
    ),
    max_size=4,
)


@pytest.mark.django_db
class TestTwoWaysToTheSameHash:
    @given(
        TEXTS,
        DETAILS,
        st.integers(1, 2**63 - 1),
        st.none() | st.integers(1, 2**63 - 1),
        st.timedeltas(dt.timedelta(days=-20_000), dt.timedelta(days=2_000_000)),
    )
    @settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_whatever_is_written(
        self,
        text: str,
        detail: dict[str, Any],
        actor_id: int,
        learner_id: int | None,
        since_1970: dt.timedelta,
    ) -> None:
        """The proof works the canonical form out by itself, and both agree on every value."""
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "insert into analytics_auditentry select entry.*, audit_hash(%s, id, at,"
                    " actor_id, actor, action, learner_id, learner, request_id, detail)"
                    " from (select 1::bigint as id, %s::timestamptz as at, %s::bigint as actor_id,"
                    " %s::text as actor, 'grade'::text as action, %s::bigint as learner_id,"
                    " %s::text as learner, %s::text as request_id, %s::jsonb as detail) as entry",
                    [
                        bytes(32),
                        proof.EPOCH + since_1970,
                        actor_id,
                        text,
                        learner_id,
                        text,
                        text,
                        json.dumps(detail),
                    ],
                )
            assert verify_audit().entry_id == 1
            transaction.set_rollback(True)

    @pytest.mark.parametrize(
        ("setting", "value"),
        [
            ("timezone", "Asia/Kathmandu"),
            ("datestyle", "SQL, DMY"),
            ("extra_float_digits", "-15"),
            ("bytea_output", "escape"),
            ("search_path", "pg_catalog"),
        ],
    )
    def test_no_setting_of_the_session_makes_a_difference(self, setting: str, value: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"show {setting}")
            (usual,) = cursor.fetchone()
            cursor.execute("select set_config(%s, %s, true)", [setting, value])
            cursor.execute("select public.audit_record(1, 'grade', null, '{\"x\": 1.10}', 'r')")
            cursor.execute("select set_config(%s, %s, true)", [setting, usual])

        assert verify_audit().entry_id == 1


@pytest.mark.usefixtures("committed")
class TestAtOnce:
    def test_appenders_take_turns_and_the_chain_holds(self) -> None:
        def append() -> list[int]:
            return [audit(actor_id=1, action="read_details") for _ in range(25)]

        with Callers(8) as callers:
            ids = callers.at_once([append] * 8)

        assert sorted(entry_id for each in ids for entry_id in each) == list(range(1, 201))
        assert verify_audit().entry_id == 200
        times = list(AuditEntry.objects.order_by("id").values_list("at", flat=True))
        assert times == sorted(times)

    def test_what_was_rolled_back_leaves_no_gap(self) -> None:
        def append(number: int) -> Callable[[], None]:
            def run() -> None:
                for turn in range(10):
                    with transaction.atomic():
                        audit(actor_id=number, action="grade")
                        transaction.set_rollback((number + turn) % 2 == 0)

            return run

        with Callers(6) as callers:
            callers.at_once([append(number) for number in range(6)])

        assert verify_audit().entry_id == 30

    def test_who_appends_waits_for_who_has_not_committed_yet(self) -> None:
        with Callers(1) as callers:
            with lock_held_by_another(
                "select public.audit_record(1, 'grade', null, '{}', 'rolled back')"
            ):
                waiting = callers.begin(lambda: audit(actor_id=2, action="assign"))
                until_waiting(1)
            assert waiting.result() == 1

        assert entries() == [(2, "assign", None, {})]

    def test_the_proof_sees_one_moment_and_waits_for_nobody(self) -> None:
        write(3)
        other = connections.create_connection("default")
        try:
            other.set_autocommit(False)
            with other.cursor() as cursor:
                cursor.execute("select public.audit_record(1, 'grade', null, '{}', '-')")
                assert verify_audit().entry_id == 3
            other.commit()
        finally:
            other.close()

        assert verify_audit().entry_id == 4

    def test_an_old_snapshot_does_not_fork_the_chain(self) -> None:
        """In a transaction that began to read before another one appended, it fails, loudly."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read")
            cursor.execute("select 1")
            with Callers(1) as callers:
                callers.at_once([lambda: audit(actor_id=1, action="grade")])
            with pytest.raises(IntegrityError), transaction.atomic():
                audit(actor_id=2, action="grade")

        assert entries() == [(1, "grade", None, {})]
        verify_audit()
