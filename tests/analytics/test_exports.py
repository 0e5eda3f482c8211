"""What managers download is what the screen shows: whole, or not at all."""

import csv
import datetime as dt
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import psutil
import pytest
from django.db import connection
from django.utils import timezone

from analytics.exports import EXPORTS_AT_ONCE, CsvFile, cell, place_for_an_export
from analytics.models import Stamp
from analytics.queries.learners import LearnerFilter, all_learners
from analytics.queries.standing import Scope
from config.problems import Unavailable
from tests.audit_log import entries
from tests.factories import (
    claim,
    client_of,
    make_assignment,
    make_attempt,
    make_learner,
    make_module,
    make_session,
    make_team,
    make_user,
    record,
)
from tests.locks import lock_held_by_another

Refresh = Callable[[], None]
API = "/api/analytics/manager/"
HOUR = dt.timedelta(hours=1)

LEARNER_COLUMNS = [
    "id",
    "username",
    "full_name",
    "engagement_score",
    "modules_completed",
    "modules_in_progress",
    "total_focus_mins",
    "last_active",
    "risk_level",
    "status",
    "team_id",
    "computed_at",
]


def rows_of(response: Any) -> list[list[str]]:
    assert response.status_code == 200, response.content
    text = b"".join(response.streaming_content).decode()
    return list(csv.reader(io.StringIO(text, newline="")))


def as_cells(row: dict[str, Any], columns: list[str]) -> list[str]:
    """A row of the screen as it has to be in the file, where no cell is a formula."""
    return ["" if row[name] is None else str(row[name]) for name in columns]


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (None, ""),
        ("", ""),
        ("plain", "plain"),
        ("a=b", "a=b"),
        ("=1+1", "'=1+1"),
        ("+49", "'+49"),
        ("-1", "'-1"),
        ("@sum", "'@sum"),
        ("\tx", "'\tx"),
        ("a;=1+1", "a;'=1+1"),
        ("a\t@sum;-1", "a\t'@sum;'-1"),
        ("a; b", "a; b"),
        ("\rx", "'\rx"),
        ("\nx", "'\nx"),
        ("\uff1d1", "'\uff1d1"),
        ("\uff0b1", "'\uff0b1"),
        ("\uff0d1", "'\uff0d1"),
        ("\uff20x", "'\uff20x"),
        ("'=1", "'=1"),
        (-1, "-1"),
        (-0.5, "-0.5"),
        (Decimal("-12.50"), "-12.5"),
        (True, "true"),
        (False, "false"),
        (dt.date(2026, 2, 10), "2026-02-10"),
        (dt.datetime(2026, 2, 10, 7, 35, tzinfo=dt.UTC), "2026-02-10T07:35:00.000000Z"),
    ],
)
def test_a_cell(value: Any, printed: str) -> None:
    assert cell(value) == printed


def test_what_is_written_can_be_read_back_to_the_letter() -> None:
    values = ['say "hi"', "a,b", "two\nlines", "car\r\nriage", " spaces ", "äöü 漢字 🎓", ";", "\\"]
    file = CsvFile(["value", "number"])

    file.write({"value": value, "number": -1} for value in values)

    text = file.content.read().decode()
    file.discard()
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["value", "number"],
        *([value, "-1"] for value in values),
    ]
    assert file.rows == len(values)


def test_a_full_disk_is_said_and_nothing_is_left_open() -> None:
    file = CsvFile(["value"], content=open("/dev/full", "w+b"))  # noqa: SIM115 - closed by the file

    with pytest.raises(Unavailable, match="could not be written") as refusal:
        file.write({"value": "x" * 100} for _ in range(10_000))

    assert refusal.value.retry_after_seconds == 60
    assert file.content.closed


def test_rows_that_break_off_leave_nothing_open() -> None:
    def breaking() -> Iterator[dict[str, Any]]:
        yield {"value": 1}
        raise RuntimeError("lost")

    file = CsvFile(["value"])

    with pytest.raises(RuntimeError, match="lost"):
        file.write(breaking())

    assert file.content.closed


@pytest.mark.usefixtures("committed")
class TestLearners:
    @pytest.mark.parametrize(
        "query",
        [
            "",
            "ordering=-total_focus_mins",
            "ordering=last_active",
            "risk_level=High",
            "status=idle",
            "search=l_2",
            "search=nobody",
            "ordering=-risk_level&status=inactive",
        ],
    )
    def test_the_file_is_the_list_with_the_same_filters_and_order(
        self, refresh: Refresh, query: str
    ) -> None:
        now, module = timezone.now(), make_module()
        for number, hours in enumerate((1, 30, 31, 80, 90), start=1):
            learner = make_learner(username=f"l_{number}", first_name="Ann, the", last_name='"1st"')
            make_session(learner, module, start_time=now - hours * HOUR, minutes=number * 7)
        make_learner(username="never")
        refresh()
        client = client_of(make_user("manager"))

        response = client.get(f"{API}learners.csv?{query}")

        listed = client.get(f"{API}learners/?{query}")
        assert rows_of(response) == [
            LEARNER_COLUMNS,
            *(as_cells(row, LEARNER_COLUMNS) for row in listed.json()),
        ]
        assert response["X-Total-Count"] == listed["X-Total-Count"]
        assert response["X-Refresh-Id"] == listed["X-Refresh-Id"]
        assert response["X-Computed-At"] == listed["X-Computed-At"]

    def test_it_is_a_file_with_its_length_and_the_time_of_its_figures(
        self, refresh: Refresh
    ) -> None:
        make_learner()
        refresh()

        response: Any = client_of(make_user("manager")).get(f"{API}learners.csv")

        computed_at = Stamp.objects.get().computed_at
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert response["Content-Disposition"] == (
            f'attachment; filename="learners-{computed_at:%Y-%m-%dT%H%M%SZ}.csv"'
        )
        assert response["Cache-Control"] == "private, no-cache"
        body = b"".join(response.streaming_content)
        assert int(response["Content-Length"]) == len(body)
        assert body.endswith(f",{computed_at:%Y-%m-%dT%H:%M:%S.%fZ}\r\n".encode())

    def test_names_are_no_formulas(self, refresh: Refresh) -> None:
        make_learner(username='=HYPERLINK("http://x")', first_name="@x", last_name="y")
        refresh()

        _, row = rows_of(client_of(make_user("manager")).get(f"{API}learners.csv"))

        assert row[1:3] == ['\'=HYPERLINK("http://x")', "'@x y"]

    def test_it_holds_all_learners_whatever_a_page_holds(self, refresh: Refresh) -> None:
        for number in range(1_203):
            make_learner(username=f"l{number:04}")
        refresh()

        response = client_of(make_user("manager")).get(f"{API}learners.csv")

        assert [row[1] for row in rows_of(response)[1:]] == [f"l{n:04}" for n in range(1_203)]
        assert response["X-Total-Count"] == "1203"

    def test_memory_does_not_grow_with_the_rows(self, refresh: Refresh) -> None:
        """As dictionaries all of them would take some 100 MB."""
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into tracking_user (username, first_name, last_name, email, password, role,"
                " team_id, is_active, is_staff, is_superuser, date_joined)"
                " select 'l' || number, 'First', 'Last', '', '', 'learner', team.id, true, false,"
                " false, now() from generate_series(1, 100000) as number, tracking_team as team"
                " where team.is_default"
            )
            # As autovacuum does in its time; without it: test_import.py.
            cursor.execute("analyze tracking_user")
        refresh()
        process, seen = psutil.Process(), [0]
        file = CsvFile(LEARNER_COLUMNS)

        def watched(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
            for number, row in enumerate(rows):
                if number % 1_000 == 500:
                    seen.append(process.memory_info().rss)
                yield row

        with all_learners(Scope(None), LearnerFilter(ordering="-id")) as (rows, _):
            file.write(watched(rows))

        file.discard()
        assert file.rows == 100_000
        assert max(seen[3:]) - seen[2] < 5_000_000

    def test_scope_and_refusals_are_those_of_the_list(self, refresh: Refresh) -> None:
        foreign = make_learner(make_team())
        refresh()
        client = client_of(make_user("manager"))

        assert rows_of(client.get(f"{API}learners.csv")) == [LEARNER_COLUMNS]
        assert client.get(f"{API}learners.csv?team={foreign.team_id}").status_code == 404
        assert client_of(foreign).get(f"{API}learners.csv").status_code == 403
        refused = client.get(f"{API}learners.csv?page=1&ordering=x")
        assert refused.status_code == 400
        assert refused["Content-Type"] == "application/problem+json"
        assert [error["field"] for error in refused.json()["errors"]] == ["page"]

    def test_it_is_recorded_with_its_rows_and_a_304_is_not(self, refresh: Refresh) -> None:
        make_learner()
        refresh()
        manager = make_user("manager")
        client = client_of(manager)
        first = client.get(f"{API}learners.csv?status=not_started")
        first.close()

        again = client.get(
            f"{API}learners.csv?status=not_started", headers={"If-None-Match": first["ETag"]}
        )

        refresh_id = Stamp.objects.get().refresh_id
        assert (again.status_code, again.content) == (304, b"")
        assert entries() == [
            (
                manager.pk,
                "export_learners",
                None,
                {"refresh_id": refresh_id, "query": {"status": "not_started"}, "rows": 1},
            )
        ]

    @pytest.mark.parametrize("condition", [{}, {"If-None-Match": "*"}])
    def test_head_and_any_tag_send_no_file(
        self, refresh: Refresh, condition: dict[str, str]
    ) -> None:
        refresh()

        response = client_of(make_user("manager")).head(f"{API}learners.csv", headers=condition)

        assert response.status_code == (304 if condition else 200)
        assert response["X-Data-Status"] == "fresh"
        response.close()

    def test_before_the_first_refresh_there_is_no_file(self) -> None:
        response = client_of(make_user("manager")).get(f"{API}learners.csv")

        assert response.status_code == 503
        assert response.json()["type"] == "/api/problems/#not-computed"

    def test_a_failure_in_the_middle_is_503_and_not_a_short_file(self, refresh: Refresh) -> None:
        """The last row of many cannot be read: the first ones are not sent."""
        for number in range(2_500):
            make_learner(username=f"l{number:04}")
        refresh()
        client = client_of(make_user("manager"))
        with view_replaced(
            "learner_snapshot",
            modules_completed="modules_completed / (case username when 'l2499' then 0 else 1 end)",
        ):
            response = client.get(f"{API}learners.csv")

        assert response.status_code == 503
        assert response.json()["type"] == "/api/problems/#unavailable"
        assert entries() == []

    def test_a_file_that_takes_too_long_is_503(self, refresh: Refresh, settings: Any) -> None:
        settings.EXPORT_STATEMENT_TIMEOUT_MS = 200
        make_learner()
        refresh()
        client = client_of(make_user("manager"))
        with view_replaced("learner_snapshot", full_name="full_name || pg_sleep(20)::text"):
            response = client.get(f"{API}learners.csv")

        assert response.status_code == 503
        assert response.json()["type"] == "/api/problems/#unavailable"
        assert entries() == []

    def test_a_locked_view_is_503_and_its_place_is_free_again(self, refresh: Refresh) -> None:
        refresh()
        client = client_of(make_user("manager"))
        with lock_held_by_another("lock table analytics_stamp in access exclusive mode"):
            for _ in range(EXPORTS_AT_ONCE + 1):
                assert client.get(f"{API}learners.csv").status_code == 503

        assert len(rows_of(client.get(f"{API}learners.csv"))) == 1

    def test_only_so_many_are_written_at_once(self, refresh: Refresh) -> None:
        refresh()
        client = client_of(make_user("manager"))
        with place_for_an_export(), place_for_an_export():
            response = client.get(f"{API}learners.csv")

        assert (response.status_code, response["Retry-After"]) == (503, "10")
        assert response.json()["detail"] == "Other files are being written. Ask again soon."

    def test_who_reads_slowly_holds_no_connection(self, refresh: Refresh) -> None:
        """The response is there and not read: its thread's connection has been given back."""
        make_learner()
        refresh()
        manager = make_user("manager")
        is_connected: list[bool] = []

        def download() -> None:
            response: Any = client_of(manager).get(f"{API}learners.csv")
            is_connected.append(connection.connection is not None)
            b"".join(response.streaming_content)
            connection.close()

        thread = threading.Thread(target=download)
        thread.start()
        thread.join()

        assert is_connected == [False]


@pytest.mark.usefixtures("committed")
class TestDetails:
    def test_the_four_lists_below_one_another(self, refresh: Refresh) -> None:
        now, learner = timezone.now(), make_learner()
        module = make_module(title="=Safety", questions=2, has_assignment=True)
        record(
            learner, claim(module.resources.get(), seconds=90, at=now - 3 * HOUR), received_at=now
        )
        make_attempt(learner, module.quiz, score=90, timestamp=now - 2 * HOUR)
        make_assignment(learner, module, submitted_at=now - HOUR, due_at=now + HOUR)
        refresh()
        client = client_of(make_user("manager"))

        response = client.get(f"{API}{learner.pk}/details.csv")

        shown = client.get(f"{API}{learner.pk}/details/").json()
        header, *rows = rows_of(response)
        by_column = [dict(zip(header, row, strict=True)) for row in rows]
        filled = [{name: value for name, value in row.items() if value} for row in by_column]
        stamp = {"computed_at": shown["computed_at"]}
        (attempt,), (assignment,) = shown["quiz_performance"], shown["assignments"]
        assert filled == [
            *(
                {
                    "section": "timeline",
                    "timestamp": event["timestamp"],
                    "title": event["event"],
                    "type": event["type"],
                    **stamp,
                }
                for event in shown["timeline"]
            ),
            {
                "section": "modules",
                "id": str(module.pk),
                "title": "'=Safety",
                "status": "in_progress",
                "progress_percent": "0.0",
                "focus_time_mins": "1.5",
                **stamp,
            },
            {
                "section": "quiz_performance",
                "id": str(module.quiz.pk),
                "timestamp": attempt["timestamp"],
                "title": "'=Safety",
                "score": "90.0",
                "passed": "true",
                **stamp,
            },
            {
                "section": "assignments",
                "id": str(assignment["id"]),
                "title": "'=Safety",
                "status": assignment["status"],
                "due_at": assignment["due_at"],
                "submitted_at": assignment["submitted_at"],
                **stamp,
            },
        ]
        assert len(shown["timeline"]) == 3
        assert response["Content-Disposition"].startswith(
            f'attachment; filename="learner-{learner.pk}-'
        )

    def test_it_is_recorded_for_the_learner(self, refresh: Refresh) -> None:
        learner, manager = make_learner(), make_user("manager")
        refresh()
        client_of(manager).get(f"{API}{learner.pk}/details.csv").close()

        refresh_id = Stamp.objects.get().refresh_id
        assert entries() == [
            (
                manager.pk,
                "export_details",
                learner.pk,
                {"refresh_id": refresh_id, "query": {}, "rows": 0},
            )
        ]

    def test_a_learner_outside_the_scope_is_not_found(self, refresh: Refresh) -> None:
        foreign = make_learner(make_team())
        refresh()

        response = client_of(make_user("manager")).get(f"{API}{foreign.pk}/details.csv")

        assert response.status_code == 404
        assert response["Content-Type"] == "application/problem+json"


@contextmanager
def view_replaced(name: str, **expressions: str) -> Iterator[None]:
    """A contract view where some columns are worked out otherwise."""
    with connection.cursor() as cursor:
        cursor.execute(f"select * from analytics.{name} limit 0")
        columns = [column.name for column in cursor.description]
        cursor.execute("select pg_get_viewdef(%s::regclass)", [f"analytics.{name}"])
        (definition,) = cursor.fetchone()
        selected = ", ".join(f"{expressions.get(column, column)} as {column}" for column in columns)
        cursor.execute(
            f"create or replace view analytics.{name} as"
            f" select {selected} from ({definition.rstrip(';')}) as original"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"create or replace view analytics.{name} as {definition}")
