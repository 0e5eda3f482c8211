"""The audit of one learner: all evidence, in print and as JSON, and whether it adds up."""

import datetime as dt
import json
from collections.abc import Callable
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from psycopg.types.multirange import Multirange
from psycopg.types.range import Range

from analytics.models import RefreshRun, Stamp
from analytics.models.views import MATERIALIZED_VIEWS
from config.sql import read_sql
from tests.factories import (
    ZERO,
    answers_to,
    claim,
    make_learner,
    make_module,
    make_team,
    make_user,
    record,
)
from tracking.assignments import submit
from tracking.evidence import CHUNK, read_evidence, stream_pulses
from tracking.ledger import maintain_ledger
from tracking.models import (
    LearningSession,
    Module,
    ModuleProgress,
    QuizAttempt,
    ResourceProgress,
    SealedPulses,
    Submission,
    User,
)
from tracking.quizzes import record_attempt
from tracking.wording import media_text

Refresh = Callable[[], None]

MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
PULSES = [UUID(f"019c4000-0000-7000-8000-00000000000{number}") for number in range(1, 7)]


def audit(learner: User | str | int, *options: str) -> tuple[int, str]:
    """Exit code and output."""
    out = StringIO()
    text = str(learner.pk if isinstance(learner, User) else learner)
    try:
        call_command("audit_learner", text, *options, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


class World:
    """What there is to know of one learner: something of everything."""

    def __init__(self) -> None:
        team = make_team("Pilots")
        self.learner = make_learner(team, username="anna", first_name="Anna", last_name="Ny")
        self.module = make_module(
            title="Pumps", resources=2, duration_seconds=100, questions=1, has_assignment=True
        )
        self.first, self.second = self.module.resources.all()
        self.gone = make_module(title="Seals").resources.get()
        self.long_ago = ZERO - 40 * DAY
        self._learn()
        Module.objects.get(pk=self.gone.module_id).delete()

    def _learn(self) -> None:
        one, two, three, four, five, _ = PULSES
        record(
            self.learner,
            claim(self.first, seconds=20, at=self.long_ago, played=((0, 20),)),
            claim(self.first, seconds=10, at=self.long_ago + MINUTE, completed=True),
            received_at=self.long_ago + MINUTE,
        )
        maintain_ledger(ZERO)
        record(
            self.learner,
            claim(self.second, at=ZERO - 60 * MINUTE, played=((0, 15), (40, 65)), pulse_id=one),
            claim(self.second, at=ZERO - 59 * MINUTE, completed=True, pulse_id=two),
            claim(self.gone, at=ZERO - 50 * MINUTE, pulse_id=three),
            received_at=ZERO - 50 * MINUTE,
        )
        record(
            self.learner,
            claim(self.second, at=ZERO + 6 * DAY, pulse_id=four),
            received_at=ZERO - 20 * MINUTE,
        )
        record(
            self.learner,
            claim(self.second, seconds=300, at=ZERO + DAY - 15 * MINUTE, pulse_id=five),
            received_at=ZERO - 15 * MINUTE,
            clock_offset=-DAY,
        )
        quiz = self.module.quiz
        for at, right in ((ZERO - 13 * MINUTE, 0), (ZERO - 12 * MINUTE, 1)):
            record_attempt(
                learner=self.learner,
                quiz=quiz,
                answers=answers_to(quiz, right=right),
                received_at=at,
            )
        submit(
            learner=self.learner,
            module=self.module,
            text="done",
            url="",
            received_at=ZERO - 11 * MINUTE,
        )


def show_dashboard(at: dt.datetime = ZERO) -> None:
    """The views as a refresh at that time leaves them, inside the transaction of the test."""
    run = RefreshRun.objects.create(started_at=at, trigger=RefreshRun.Trigger.COMMAND)
    with connection.cursor() as cursor:
        cursor.execute(read_sql("refresh/stamp"), {"refresh_id": run.pk})
        Stamp.objects.update(computed_at=at)
        cursor.execute(read_sql("refresh/base"))
        for view in MATERIALIZED_VIEWS:
            cursor.execute(f"refresh materialized view {view._meta.db_table}")


@pytest.fixture
def world(db: None) -> World:
    """As at the dashboard's time, and one pulse that came since."""
    world = World()
    show_dashboard()
    record(
        world.learner,
        claim(world.first, seconds=7, at=ZERO + MINUTE, pulse_id=PULSES[5]),
        received_at=ZERO + MINUTE,
    )
    return world


def ids(world: World) -> dict[str, Any]:
    """What ids the printed world has."""
    sessions = LearningSession.objects.order_by("start_time").values_list("pk", flat=True)
    failed, passed = QuizAttempt.objects.order_by("pk").values_list("pk", flat=True)
    return {
        "learner": world.learner.pk,
        "module": world.module.pk,
        "first": world.first.pk,
        "second": world.second.pk,
        "gone": world.gone.pk,
        "gone_module": world.gone.module_id,
        "sessions": list(sessions),
        "failed": failed,
        "passed": passed,
        "submission": Submission.objects.get().pk,
        "pulse": "019c4000-0000-7000-8000-00000000000",
    }


PRINTED = """\
User {learner}: anna (Anna Ny), learner, team Pilots

On the dashboard, as of 2026-02-10T12:00:00Z
  focus        375 s, shown as 6.3 minutes
  modules      1: 1 completed, 0 in progress
  last active  2026-02-10T11:49:00Z: active

Module {module}: Pumps, completed, last accessed 2026-02-10T12:01:00Z
  completed 2026-02-10T11:49:00Z by
    resource {first}, 2026-01-01T12:01:00Z
    resource {second}, 2026-02-10T11:01:00Z
    quiz attempt {passed}, 2026-02-10T11:48:00Z
    submission {submission}, 2026-02-10T11:49:00Z
  session {sessions[0]}: 2026-01-01T12:00:00Z to 2026-01-01T12:01:00Z, 30 s
  session {sessions[1]}: 2026-02-10T11:00:00Z to 2026-02-10T11:01:00Z, 30 s
    2026-02-10T11:00:00Z pulse {pulse}1: resource {second}, 15 s, received 2026-02-10T11:10:00Z,\
 played 0-15 s, 40-65 s
    2026-02-10T11:01:00Z pulse {pulse}2: resource {second}, 15 s, received 2026-02-10T11:10:00Z,\
 claims completion
  session {sessions[2]}: 2026-02-10T11:40:00Z to 2026-02-10T12:01:00Z, 322 s
    2026-02-10T11:40:00Z pulse {pulse}4: resource {second}, 15 s, received 2026-02-10T11:40:00Z,\
 from the future, set to its reception
    2026-02-10T11:45:00Z pulse {pulse}5: resource {second}, 300 s, received 2026-02-10T11:45:00Z,\
 clock corrected by -86,400 s
    2026-02-10T12:01:00Z pulse {pulse}6: resource {first}, 7 s, received 2026-02-10T12:01:00Z
  sealed 2026-01-01: resource {first}, 2 pulses from 2026-01-01T12:00:00Z to 2026-01-01T12:01:00Z,\
 30 s, played 0-20 s, completion claimed 2026-01-01T12:01:00Z
  resource {first}: Video 1, 37 s, seen 0-20 s, completed 2026-01-01T12:01:00Z
  resource {second}: Video 2, 345 s, seen 0-15 s, 40-65 s, completed 2026-02-10T11:01:00Z
  quiz attempt {failed}: 2026-02-10T11:47:00Z, 0.00 %, failed
  quiz attempt {passed}: 2026-02-10T11:48:00Z, 100.00 %, passed
  submission {submission}: 2026-02-10T11:49:00Z

Module {gone_module}, deleted since: its evidence is in no figure
    2026-02-10T11:10:00Z pulse {pulse}3: resource {gone}, 15 s, received 2026-02-10T11:10:00Z
  resource {gone}, deleted since

Sums
  focus in module {module}: ledger 352 s + sealed 30 s = 382 s, sessions 382 s: agrees
  watch time of resource {first}: ledger 7 s + sealed 30 s = 37 s, counter 37 s: agrees
  coverage of resource {first}: united 20 s, counter 20 s: agrees
  watch time of resource {second}: ledger 345 s + sealed 0 s = 345 s, counter 345 s: agrees
  coverage of resource {second}: united 40 s, counter 40 s: agrees
  focus in all modules: ledger 352 s + sealed 30 s = 382 s, sessions 382 s: agrees
  focus on the dashboard: shown 375 s + received since 7 s = 382 s, sessions 382 s: agrees
  completed modules on the dashboard: shown 1 + completed since 0 = 1, completed 1: agrees

Everything agrees.
"""


class TestPrinted:
    def test_everything_there_is(self, world: World) -> None:
        assert audit(world.learner) == (0, PRINTED.format(**ids(world)))

    def test_a_learner_without_anything(self, db: None) -> None:
        learner = make_learner(make_team("Pilots"), username="ben")
        show_dashboard()

        assert audit(learner) == (
            0,
            (
                f"User {learner.pk}: ben, learner, team Pilots\n"
                "\n"
                "On the dashboard, as of 2026-02-10T12:00:00Z\n"
                "  focus        0 s, shown as 0.0 minutes\n"
                "  modules      0: 0 completed, 0 in progress\n"
                "  last active  never: not_started\n"
                "\n"
                "Sums\n"
                "  focus in all modules: ledger 0 s + sealed 0 s = 0 s, sessions 0 s: agrees\n"
                "  focus on the dashboard:"
                " shown 0 s + received since 0 s = 0 s, sessions 0 s: agrees\n"
                "  completed modules on the dashboard:"
                " shown 0 + completed since 0 = 0, completed 0: agrees\n"
                "\n"
                "Everything agrees.\n"
            ),
        )

    def test_a_module_of_which_everything_is_sealed(self, db: None) -> None:
        learner, resource = make_learner(), make_module(title="Pumps").resources.get()
        record(learner, claim(resource, at=ZERO), received_at=ZERO)
        maintain_ledger(ZERO + 40 * DAY)

        code, output = audit(learner)

        assert code == 0
        assert (
            f"  sealed 2026-02-10: resource {resource.pk}, 1 pulses from 2026-02-10T12:00:00Z"
            " to 2026-02-10T12:00:00Z, 15 s\n"
        ) in output
        assert (
            f"focus in module {resource.module_id}:"
            " ledger 0 s + sealed 15 s = 15 s, sessions 15 s: agrees\n"
        ) in output


class TestJson:
    def test_everything_there_is(self, world: World) -> None:
        of = ids(world)

        code, output = audit(world.learner, "--json")

        assert code == 0
        document = json.loads(output)
        pulses, modules = document.pop("pulses"), document.pop("modules")
        sums = document.pop("sums")
        assert document == {
            "learner": {
                "id": world.learner.pk,
                "username": "anna",
                "full_name": "Anna Ny",
                "role": "learner",
                "is_active": True,
                "team": "Pilots",
            },
            "dashboard": {
                "computed_at": "2026-02-10T12:00:00Z",
                "status": "active",
                "focus_seconds": 375,
                "total_focus_mins": 6.3,
                "modules_total": 1,
                "modules_completed": 1,
                "modules_in_progress": 0,
                "last_active_at": "2026-02-10T11:49:00Z",
            },
            "not_on_dashboard": None,
            "agrees": True,
            "broken_rules": [],
        }
        assert modules == expected_modules(of)
        assert pulses == expected_pulses(of)
        ledger = {"ledger": 352, "sealed": 30}
        assert sums == [
            summed(f"focus in module {of['module']}", ledger, "sessions"),
            summed(f"watch time of resource {of['first']}", {"ledger": 7, "sealed": 30}),
            summed(f"coverage of resource {of['first']}", {"united": 20_000}, unit="ms"),
            summed(f"watch time of resource {of['second']}", {"ledger": 345, "sealed": 0}),
            summed(f"coverage of resource {of['second']}", {"united": 40_000}, unit="ms"),
            summed("focus in all modules", ledger, "sessions"),
            summed("focus on the dashboard", {"shown": 375, "received since": 7}, "sessions"),
            summed(
                "completed modules on the dashboard",
                {"shown": 1, "completed since": 0},
                "completed",
                unit="",
            ),
        ]

    def test_a_learner_without_anything(self, db: None) -> None:
        learner = make_learner()
        show_dashboard(ZERO)

        code, output = audit(learner, "--json")

        document = json.loads(output)
        assert (code, document["agrees"]) == (0, True)
        assert (document["modules"], document["pulses"]) == ([], [])

    def test_what_differs(self, world: World) -> None:
        ResourceProgress.objects.filter(resource=world.second).update(watch_time_seconds=360)

        code, output = audit(world.learner, "--json")

        document = json.loads(output)
        assert (code, document["agrees"]) == (1, False)
        assert [each for each in document["sums"] if not each["agrees"]] == [
            {
                "of": f"watch time of resource {world.second.pk}",
                "terms": {"ledger": 345, "sealed": 0},
                "figure": "counter",
                "value": 360,
                "unit": "s",
                "difference": 15,
                "agrees": False,
            }
        ]
        assert document["broken_rules"] == [
            {
                "rule": "resource_time_is_the_sum_of_pulses",
                "rows": 1,
                "first_rows": [
                    (
                        f"learner_id={world.learner.pk} resource_id={world.second.pk}"
                        " expected_seconds=345 actual_seconds=360"
                    )
                ],
            }
        ]


def summed(
    of: str, terms: dict[str, int], figure: str = "counter", *, unit: str = "s"
) -> dict[str, Any]:
    return {
        "of": of,
        "terms": terms,
        "figure": figure,
        "value": sum(terms.values()),
        "unit": unit,
        "difference": 0,
        "agrees": True,
    }


def expected_modules(of: dict[str, Any]) -> list[dict[str, Any]]:
    first_completed, second_completed = "2026-01-01T12:01:00Z", "2026-02-10T11:01:00Z"
    passed_at, submitted_at = "2026-02-10T11:48:00Z", "2026-02-10T11:49:00Z"
    return [
        {
            "id": of["module"],
            "title": "Pumps",
            "is_deleted": False,
            "status": "completed",
            "last_accessed": "2026-02-10T12:01:00Z",
            "completed_at": submitted_at,
            "completed_by": [
                {"kind": "resource", "id": of["first"], "at": first_completed},
                {"kind": "resource", "id": of["second"], "at": second_completed},
                {"kind": "quiz attempt", "id": of["passed"], "at": passed_at},
                {"kind": "submission", "id": of["submission"], "at": submitted_at},
            ],
            "sessions": [
                {"id": pk, "from": start, "to": end, "focus_seconds": seconds}
                for pk, (start, end, seconds) in zip(
                    of["sessions"],
                    [
                        ("2026-01-01T12:00:00Z", "2026-01-01T12:01:00Z", 30),
                        ("2026-02-10T11:00:00Z", "2026-02-10T11:01:00Z", 30),
                        ("2026-02-10T11:40:00Z", "2026-02-10T12:01:00Z", 322),
                    ],
                    strict=True,
                )
            ],
            "sealed": [
                {
                    "day": "2026-01-01",
                    "resource": of["first"],
                    "pulses": 2,
                    "seconds": 30,
                    "played": [[0, 20_000]],
                    "first_at": "2026-01-01T12:00:00Z",
                    "last_at": "2026-01-01T12:01:00Z",
                    "claimed_at": "2026-01-01T12:01:00Z",
                }
            ],
            "resources": [
                {
                    "id": of["first"],
                    "title": "Video 1",
                    "is_deleted": False,
                    "watch_time_seconds": 37,
                    "seen": [[0, 20_000]],
                    "completed_at": first_completed,
                },
                {
                    "id": of["second"],
                    "title": "Video 2",
                    "is_deleted": False,
                    "watch_time_seconds": 345,
                    "seen": [[0, 15_000], [40_000, 65_000]],
                    "completed_at": second_completed,
                },
            ],
            "quiz_attempts": [
                {"id": of["failed"], "at": "2026-02-10T11:47:00Z", "score": 0.0, "passed": False},
                {"id": of["passed"], "at": passed_at, "score": 100.0, "passed": True},
            ],
            "submissions": [{"id": of["submission"], "at": submitted_at}],
        },
        {
            "id": of["gone_module"],
            "title": None,
            "is_deleted": True,
            "status": "not_started",
            "last_accessed": None,
            "completed_at": None,
            "completed_by": [],
            "sessions": [],
            "sealed": [],
            "resources": [
                {
                    "id": of["gone"],
                    "title": None,
                    "is_deleted": True,
                    "watch_time_seconds": 0,
                    "seen": [],
                    "completed_at": None,
                }
            ],
            "quiz_attempts": [],
            "submissions": [],
        },
    ]


def expected_pulses(of: dict[str, Any]) -> list[dict[str, Any]]:
    """By module and time; what is not said of one is as it mostly is."""
    of_second = {"module": of["module"], "resource": of["second"], "seconds": 15}
    at_once = "2026-02-10T11:10:00Z"
    told: list[dict[str, Any]] = [
        of_second
        | {"id": 1, "session": 1, "occurred_at": "2026-02-10T11:00:00Z", "received_at": at_once}
        | {"played": [[0, 15_000], [40_000, 65_000]]},
        of_second
        | {"id": 2, "session": 1, "occurred_at": "2026-02-10T11:01:00Z", "received_at": at_once}
        | {"completed": True},
        of_second
        | {"id": 4, "session": 2, "occurred_at": "2026-02-10T11:40:00Z", "is_clamped": True},
        of_second
        | {"id": 5, "session": 2, "occurred_at": "2026-02-10T11:45:00Z", "seconds": 300}
        | {"clock_offset_seconds": -86_400},
        {"id": 6, "session": 2, "occurred_at": "2026-02-10T12:01:00Z", "seconds": 7}
        | {"module": of["module"], "resource": of["first"]},
        {"id": 3, "session": None, "occurred_at": at_once, "seconds": 15}
        | {"module": of["gone_module"], "resource": of["gone"]},
    ]
    mostly = {"played": [], "completed": False, "is_clamped": False, "clock_offset_seconds": None}
    return [
        mostly
        | {"received_at": pulse["occurred_at"]}
        | pulse
        | {
            "id": f"{of['pulse']}{pulse['id']}",
            "session": None if pulse["session"] is None else of["sessions"][pulse["session"]],
        }
        for pulse in told
    ]


class TestWhatDiffers:
    @pytest.mark.parametrize(
        ("tamper", "words"),
        [
            (
                lambda w: ResourceProgress.objects.filter(resource=w.second).update(
                    watch_time_seconds=360
                ),
                "ledger 345 s + sealed 0 s = 345 s, counter 360 s: DIFFERS by 15 s",
            ),
            (
                lambda w: SealedPulses.objects.update(duration_seconds=29),
                "ledger 7 s + sealed 29 s = 36 s, counter 37 s: DIFFERS by 1 s",
            ),
            (
                lambda w: ResourceProgress.objects.filter(resource=w.first).update(
                    watched=Multirange([Range(5_000, 25_000)])
                ),
                "united 20 s, counter 20 s: DIFFERS by 10 s",
            ),
            (
                lambda w: LearningSession.objects.filter(focus_duration_seconds=322).delete(),
                "ledger 352 s + sealed 30 s = 382 s, sessions 60 s: DIFFERS by 322 s",
            ),
            (
                lambda w: LearningSession.objects.filter(focus_duration_seconds=322).delete(),
                f"pulse {PULSES[5]}: resource",
            ),
            (
                lambda w: QuizAttempt.objects.all().delete(),
                "sql/checks/completed_module_has_its_evidence.sql is broken, 1 rows:",
            ),
            (
                lambda w: ModuleProgress.objects.update(completed_at=None, status="in_progress"),
                "shown 1 + completed since 0 = 1, completed 0: DIFFERS by 1\n",
            ),
        ],
    )
    def test_it_is_said_by_how_much(
        self, world: World, tamper: Callable[[World], object], words: str
    ) -> None:
        tamper(world)

        code, output = audit(world.learner)

        assert code == 1
        assert words in output
        assert output.endswith("\nSomething DIFFERS.\n")

    def test_a_pulse_in_no_session_stands_where_its_time_is(self, world: World) -> None:
        LearningSession.objects.filter(focus_duration_seconds=322).delete()

        _, output = audit(world.learner)

        assert (
            f"    2026-02-10T12:01:00Z pulse {PULSES[5]}: resource {world.first.pk}, 7 s,"
            " received 2026-02-10T12:01:00Z, IN NO SESSION\n"
        ) in output

    def test_what_was_under_way_while_the_dashboard_was_computed(self, world: World) -> None:
        record(world.learner, claim(world.first, seconds=8), received_at=ZERO - MINUTE)

        code, output = audit(world.learner)

        assert code == 1
        assert (
            "  focus on the dashboard:"
            " shown 375 s + received since 7 s = 382 s, sessions 390 s: DIFFERS by 8 s\n"
        ) in output
        assert "may be on either side of its time: refresh and audit again.\n" in output

        show_dashboard(ZERO + 2 * MINUTE)
        assert audit(world.learner)[0] == 0

    def test_others_are_not_looked_at(self, world: World) -> None:
        other = make_learner()
        record(other, claim(world.first, at=ZERO))
        ResourceProgress.objects.filter(user=other).update(watch_time_seconds=99)

        assert audit(world.learner) == (0, PRINTED.format(**ids(world)))
        assert audit(other)[0] == 1


class TestDashboard:
    def test_a_module_that_was_completed_since(self, db: None) -> None:
        learner, resource = make_learner(), make_module().resources.get()
        show_dashboard()

        record(
            learner,
            claim(resource, at=ZERO - DAY, completed=True),
            received_at=ZERO + MINUTE,
        )

        code, output = audit(learner)
        assert code == 0
        assert "shown 0 + completed since 1 = 1, completed 1: agrees\n" in output

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"role": "manager"}, "whoever has the role manager appears on no dashboard"),
            ({"is_active": False}, "an account that is not active appears on no dashboard"),
            ({}, "the learner was not there at the last refresh"),
        ],
        ids=["role", "inactive", "new"],
    )
    def test_somebody_whom_managers_are_not_shown(
        self, db: None, fields: dict[str, Any], reason: str
    ) -> None:
        show_dashboard()
        user = make_user(**fields)
        record(user, claim(make_module().resources.get()))

        code, output = audit(user)
        document = json.loads(audit(user, "--json")[1])

        assert code == 0
        assert f"\n\nNot on the dashboard: {reason}.\n\n" in output
        assert "ledger 15 s + sealed 0 s = 15 s, sessions 15 s: agrees\n" in output
        assert "focus on the dashboard" not in output
        assert (document["dashboard"], document["not_on_dashboard"]) == (None, reason)

    def test_before_the_first_refresh(self, db: None) -> None:
        Stamp.objects.all().delete()

        code, output = audit(make_learner())

        assert code == 0
        assert "Not on the dashboard: no refresh has finished since the views were built" in output

    def test_a_refresh_as_beat_runs_it(self, refresh: Refresh) -> None:
        learner, resource = make_learner(), make_module().resources.get()
        record(learner, claim(resource, at=ZERO, seconds=45, completed=True))
        refresh()
        later = timezone.now()
        record(learner, claim(resource, at=later), received_at=later)

        code, output = audit(learner)

        assert code == 0
        assert "shown 45 s + received since 15 s = 60 s, sessions 60 s: agrees\n" in output


class TestWho:
    def test_by_user_name(self, db: None) -> None:
        learner = make_learner(username="anna")

        assert audit("anna")[1].startswith(f"User {learner.pk}: anna,")

    def test_a_user_name_that_is_a_number(self, db: None) -> None:
        learner = make_learner(username="1234567890")

        assert audit("1234567890")[1].startswith(f"User {learner.pk}: 1234567890,")

    def test_a_user_name_that_is_the_id_of_somebody_else(self, db: None) -> None:
        anna = make_learner(username="anna")
        namesake = make_learner(username=str(anna.pk))
        err = StringIO()

        call_command("audit_learner", str(anna.pk), stdout=StringIO(), stderr=err)

        assert err.getvalue() == (
            f"{anna.pk} is also the user name of user {namesake.pk}; --name asks for that one.\n"
        )
        assert audit(anna.pk)[1].startswith(f"User {anna.pk}: anna,")
        assert audit(anna.pk, "--name")[1].startswith(f"User {namesake.pk}: {anna.pk},")

    @pytest.mark.parametrize("text", ["nobody", "999999999", "9" * 30, "-1", "\u0663", "a\0", ""])
    def test_nobody(self, db: None, text: str) -> None:
        with pytest.raises(CommandError) as raised:
            audit(text)

        assert (str(raised.value), raised.value.returncode) == (
            f"nobody has the id or user name {text!r}",
            1,
        )

    def test_an_id_is_no_user_name(self, db: None) -> None:
        learner = make_learner()

        with pytest.raises(CommandError, match=f"nobody has the user name '{learner.pk}'"):
            audit(learner, "--name")


@pytest.mark.django_db
def test_the_pulses_stay_in_the_database_until_they_are_printed() -> None:
    learner, resource = make_learner(), make_module().resources.get()
    record(learner, *[claim(resource, seconds=1, at=ZERO) for _ in range(CHUNK + 1)])

    pulses = stream_pulses(read_evidence(learner))
    next(pulses)

    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_cursors where name like '_django_curs%'")
        assert cursor.fetchone() == (1,)
    assert sum(1 for _ in pulses) == CHUNK


@pytest.mark.parametrize(
    ("intervals", "text"),
    [([], "nothing"), ([(0, 500), (60_250, 86_400_000)], "0-0.5 s, 60.25-86400 s")],
)
def test_media_in_seconds(intervals: list[tuple[int, int]], text: str) -> None:
    assert media_text(Multirange([Range(*each) for each in intervals])) == text
