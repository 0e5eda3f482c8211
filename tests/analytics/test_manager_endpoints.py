"""What managers read: the source design's shapes, scoped, stamped, and in agreement."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from analytics.engine import IntelligenceEngine
from analytics.models import LearnerSnapshot, Policy, Stamp, TeamSummary
from analytics.models.views import DELTA_VIEWS
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
from tracking.assignments import submit
from tracking.models import LearningSession, ModuleProgress, QuizAttempt, User

Refresh = Callable[[], None]
API = "/api/analytics/manager/"
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
MICROSECOND = dt.timedelta(microseconds=1)

pytestmark = pytest.mark.usefixtures("committed")


def summary_of(client: APIClient) -> dict[str, Any]:
    """The figures alone, without their stamp."""
    body: dict[str, Any] = client.get(f"{API}team-summary/").json()
    return {key: value for key, value in body.items() if key not in STAMP}


STAMP = {"computed_at", "data_freshness_seconds"}


class TestSourceScenarios:
    def test_team_summary_accuracy(self, refresh: Refresh) -> None:
        """Two learners with sessions of 30 and 60 minutes: two active, 45 minutes on average."""
        first, second, module = make_learner(), make_learner(), make_module()
        make_session(first, module, start_time=timezone.now() - HOUR, minutes=30)
        make_session(second, module, start_time=timezone.now() - HOUR, minutes=60)
        refresh()

        response = client_of(make_user("manager")).get(f"{API}team-summary/")

        body = response.json()
        assert body["active_24h"] == 2
        assert body["avg_focus_mins"] == 45.0

    def test_learner_completion_tracking(self, refresh: Refresh) -> None:
        """All three resources completed: one module completed, none in progress."""
        learner, module = make_learner(), make_module(resources=3)
        for resource in module.resources.all():
            record(learner, claim(resource, completed=True), received_at=timezone.now())
        refresh()

        snapshot = IntelligenceEngine.get_learner_snapshot(learner)
        (row,) = client_of(make_user("manager")).get(f"{API}learners/").json()

        assert (snapshot["modules_completed"], snapshot["modules_in_progress"]) == (1, 0)
        assert (row["modules_completed"], row["modules_in_progress"]) == (1, 0)


class TestTeamSummary:
    def test_the_whole_answer(self, refresh: Refresh) -> None:
        now = timezone.now()
        module = make_module(questions=2, has_assignment=True)
        active, idle, inactive, never = (make_learner() for _ in range(4))
        make_session(active, module, start_time=now - HOUR, minutes=20)
        make_session(active, module, start_time=now - 8 * DAY, minutes=500)
        make_session(idle, module, start_time=now - 30 * HOUR, minutes=10)
        make_session(inactive, module, start_time=now - 73 * HOUR, minutes=15)
        make_attempt(active, module.quiz, score=100, timestamp=now - DAY)
        make_attempt(idle, module.quiz, score=50, timestamp=now - 2 * DAY)
        make_attempt(idle, module.quiz, score=0, timestamp=now - 8 * DAY)
        make_assignment(active, module, submitted_at=now - DAY)
        make_assignment(idle, module)
        make_assignment(never, module)
        refresh()

        response = client_of(make_user("manager")).get(f"{API}team-summary/")

        stamp = Stamp.objects.get()
        body = response.json()
        assert 0 <= body.pop("data_freshness_seconds") <= 5
        assert body == {
            "active_24h": 1,
            "inactive_72h": 1,
            "avg_focus_mins": 15.0,
            "avg_accuracy": 75.0,
            "assignment_rate": 33.3,
            "at_risk_count": 1,
            "computed_at": stamp.computed_at.isoformat().replace("+00:00", "Z"),
        }
        assert response["X-Data-Status"] == "fresh"
        assert response["X-Refresh-Id"] == str(stamp.refresh_id)
        assert response["Cache-Control"] == "private, no-cache"
        assert response["Vary"] == "Authorization"

    def test_averages_with_nothing_to_average_are_null(self, refresh: Refresh) -> None:
        make_learner()
        refresh()

        assert summary_of(client_of(make_user("manager"))) == {
            "active_24h": 0,
            "inactive_72h": 0,
            "avg_focus_mins": None,
            "avg_accuracy": None,
            "assignment_rate": None,
            "at_risk_count": 0,
        }

    def test_averages_over_teams_of_unequal_size_are_exact(self, refresh: Refresh) -> None:
        now, module = timezone.now(), make_module()
        manager = make_user("manager")
        for minutes in ([10], [20, 20, 70]):
            team = make_team()
            team.managers.add(manager)
            for length in minutes:
                make_session(make_learner(team), module, start_time=now - HOUR, minutes=length)
        refresh()

        assert summary_of(client_of(manager))["avg_focus_mins"] == 30.0

    def test_a_foreign_team_is_not_counted(self, refresh: Refresh) -> None:
        make_session(make_learner(make_team()), make_module(), start_time=timezone.now() - HOUR)
        refresh()

        assert summary_of(client_of(make_user("manager")))["active_24h"] == 0
        assert summary_of(client_of(make_user("admin")))["active_24h"] == 1

    def test_leavers_and_managers_are_not_learners(self, refresh: Refresh) -> None:
        now, module = timezone.now(), make_module()
        for user in (make_learner(is_active=False), make_user("manager"), make_user("admin")):
            make_session(user, module, start_time=now - HOUR)
        refresh()

        client = client_of(make_user("manager"))
        assert summary_of(client)["active_24h"] == 0
        assert client.get(f"{API}learners/").json() == []

    @pytest.mark.parametrize(
        ("age", "status"),
        [(119, "fresh"), (121, "stale"), (299, "stale"), (301, "outdated")],
    )
    def test_old_data_says_so(self, refresh: Refresh, age: int, status: str) -> None:
        refresh()
        Stamp.objects.update(computed_at=timezone.now() - dt.timedelta(seconds=age))

        response = client_of(make_user("manager")).get(f"{API}team-summary/")

        assert response["X-Data-Status"] == status
        assert response.json()["data_freshness_seconds"] == pytest.approx(age, abs=1)

    def test_a_clock_set_back_makes_no_negative_freshness(self, refresh: Refresh) -> None:
        refresh()
        Stamp.objects.update(computed_at=timezone.now() + dt.timedelta(minutes=5))

        response = client_of(make_user("manager")).get(f"{API}team-summary/")

        assert response.json()["data_freshness_seconds"] == 0


class TestLearnersList:
    def test_a_row_has_the_fields_of_the_source_design(self, refresh: Refresh) -> None:
        now, module = timezone.now(), make_module(questions=2)
        learner = make_learner(first_name="First", last_name="Last", username="learner-a")
        make_session(learner, module, start_time=now - HOUR, minutes=340)
        make_attempt(learner, module.quiz, score=90, timestamp=now - HOUR)
        ModuleProgress.objects.create(
            user=learner, module=module, status="completed", completed_at=now
        )
        refresh()

        (row,) = client_of(make_user("manager")).get(f"{API}learners/").json()

        stamp = Stamp.objects.get()
        # focus 340 min / 10 = 34, completion 30, accuracy 18, one active day / 7
        assert row == {
            "id": learner.pk,
            "username": "learner-a",
            "full_name": "First Last",
            "engagement_score": 82.1,
            "modules_completed": 1,
            "modules_in_progress": 0,
            "total_focus_mins": 340.0,
            "last_active": (now - HOUR).isoformat().replace("+00:00", "Z"),
            "risk_level": "Low",
            "status": "active",
            "team_id": learner.team_id,
            "computed_at": stamp.computed_at.isoformat().replace("+00:00", "Z"),
        }

    def test_search_filter_order_and_pages(self, refresh: Refresh) -> None:
        now, module = timezone.now(), make_module()
        for number, hours in enumerate((1, 30, 80), start=1):
            make_session(
                make_learner(username=f"l{number}", first_name=f"Name{number}"),
                module,
                start_time=now - hours * HOUR,
                minutes=number,
            )
        make_learner(username="l4")
        refresh()
        client = client_of(make_user("manager"))

        def names(query: str) -> list[str]:
            return [row["username"] for row in client.get(f"{API}learners/?{query}").json()]

        assert names("") == ["l1", "l2", "l3", "l4"]
        assert names("search=NAME2") == ["l2"]
        assert names("search=l%25") == []
        assert names("ordering=-total_focus_mins") == ["l3", "l2", "l1", "l4"]
        assert names("ordering=-last_active") == ["l1", "l2", "l3", "l4"]
        assert names("ordering=-risk_level") == ["l3", "l2", "l1", "l4"]
        assert names("status=inactive") == ["l3"]
        assert names("status=not_started") == ["l4"]
        assert names("risk_level=High") == ["l3"]
        assert names("page=2&page_size=3") == ["l4"]
        assert names("page=3&page_size=3") == []

    def test_totals_and_pages_are_in_the_headers(self, refresh: Refresh) -> None:
        for _ in range(5):
            make_learner()
        refresh()

        response = client_of(make_user("manager")).get(
            f"{API}learners/?page=2&page_size=2&ordering=username"
        )

        base = f"http://testserver{API}learners/"
        assert response["X-Total-Count"] == "5"
        assert response["Link"].split(", ") == [
            f'<{base}?page=1&page_size=2&ordering=username>; rel="first"',
            f'<{base}?page=3&page_size=2&ordering=username>; rel="last"',
            f'<{base}?page=1&page_size=2&ordering=username>; rel="prev"',
            f'<{base}?page=3&page_size=2&ordering=username>; rel="next"',
        ]

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("ordering=password", "ordering"),
            ("page=0", "page"),
            ("page=-1", "page"),
            ("page=x", "page"),
            ("page_size=501", "page_size"),
            ("page_size=0", "page_size"),
            ("risk_level=Severe", "risk_level"),
            ("status=gone", "status"),
            ("team=0", "team"),
            ("team=99999999999999999999", "team"),
            ("search=" + "x" * 101, "search"),
            ("search=%00", "search"),
            ("risk=High", "risk"),
        ],
    )
    def test_a_bad_parameter_is_400_and_named(
        self, refresh: Refresh, query: str, field: str
    ) -> None:
        refresh()

        response = client_of(make_user("manager")).get(f"{API}learners/?{query}")

        assert response.status_code == 400
        assert [error["field"] for error in response.json()["errors"]] == [field]


class TestEdges:
    """To the microsecond: on the edge is within."""

    @pytest.mark.parametrize(
        ("age", "status"),
        [
            (DAY, "active"),
            (DAY + MICROSECOND, "idle"),
            (3 * DAY, "idle"),
            (3 * DAY + MICROSECOND, "inactive"),
        ],
    )
    def test_the_status_by_the_age_of_the_last_activity(
        self, refresh: Refresh, age: dt.timedelta, status: str
    ) -> None:
        at = timezone.now() - DAY
        make_session(make_learner(), make_module(), start_time=at)
        refresh()
        Stamp.objects.update(computed_at=at + age)

        assert LearnerSnapshot.objects.get().status == status

    @pytest.mark.parametrize(("age", "count"), [(7 * DAY, 1), (7 * DAY + MICROSECOND, 0)])
    def test_the_week_of_the_averages(
        self, refresh: Refresh, age: dt.timedelta, count: int
    ) -> None:
        learner, module = make_learner(), make_module(questions=1)
        make_session(learner, module, start_time=timezone.now())
        make_attempt(learner, module.quiz, score=50, timestamp=timezone.now())
        refresh()
        at = Stamp.objects.get().computed_at - age
        LearningSession.objects.update(start_time=at)
        QuizAttempt.objects.update(timestamp=at)
        # Not by a refresh, which would move the stamp.
        with connection.cursor() as cursor:
            for view in DELTA_VIEWS:
                cursor.execute(f"refresh materialized view {view._meta.db_table}")

        summary = TeamSummary.objects.get()
        assert (summary.week_session_count, summary.week_attempt_count) == (count, count)


class TestScope:
    def test_who_sees_whom(self, refresh: Refresh) -> None:
        """A manager the teams that list them, or else their own; an admin everybody."""
        listed_team, own_team, foreign_team = make_team(), make_team(), make_team()
        for name, team in (("a", listed_team), ("b", own_team), ("c", foreign_team)):
            make_learner(team, username=name)
        make_learner(username="d")
        listed = make_user("manager", team=own_team)
        listed_team.managers.add(listed)
        refresh()

        def seen_by(user: User) -> list[str]:
            rows = client_of(user).get(f"{API}learners/").json()
            return [row["username"] for row in rows]

        assert seen_by(listed) == ["a"]
        assert seen_by(make_user("manager", team=own_team)) == ["b"]
        assert seen_by(make_user("manager")) == ["d"]
        assert seen_by(make_user("admin")) == ["a", "b", "c", "d"]

    @pytest.mark.parametrize("page", ["details", "risk"])
    def test_a_learner_outside_the_scope_is_not_found_like_one_who_does_not_exist(
        self, refresh: Refresh, page: str
    ) -> None:
        foreign = make_learner(make_team())
        refresh()
        client = client_of(make_user("manager"))

        outside = client.get(f"{API}{foreign.pk}/{page}/")
        missing = client.get(f"{API}999999/{page}/")

        assert (outside.status_code, missing.status_code) == (404, 404)
        assert outside.json()["detail"] == missing.json()["detail"]

    def test_a_foreign_team_is_not_found(self, refresh: Refresh) -> None:
        foreign = make_team()
        refresh()

        response = client_of(make_user("manager")).get(f"{API}learners/?team={foreign.pk}")

        assert response.status_code == 404
        assert response.json()["detail"].startswith("team:")

    @pytest.mark.parametrize("page", ["team-summary/", "learners/", "1/details/", "1/risk/"])
    def test_learners_are_refused_and_strangers_asked_to_sign_in(
        self, refresh: Refresh, page: str
    ) -> None:
        refresh()

        assert client_of(make_learner()).get(f"{API}{page}").status_code == 403
        assert APIClient().get(f"{API}{page}").status_code == 401


class TestDetails:
    def test_the_whole_answer(self, refresh: Refresh) -> None:
        now = timezone.now()
        learner = make_learner()
        module = make_module(title="Safety", questions=2, has_assignment=True)
        resource = module.resources.get()
        record(
            learner,
            claim(resource, seconds=90, at=now - 3 * HOUR, completed=True),
            received_at=now,
        )
        attempt = make_attempt(learner, module.quiz, score=90, timestamp=now - 2 * HOUR)
        assignment = make_assignment(learner, module, submitted_at=now - HOUR)
        refresh()

        response = client_of(make_user("manager")).get(f"{API}{learner.pk}/details/")

        body = response.json()
        assert 0 <= body.pop("data_freshness_seconds") <= 5
        assert body == {
            "learner": {
                "id": learner.pk,
                "username": learner.username,
                "full_name": "",
                "team_id": learner.team_id,
                "status": "active",
                "engagement_score": 18.3,
                "total_focus_mins": 1.5,
                "last_active": iso(now - 3 * HOUR),
                "risk_level": "Low",
            },
            "timeline": [
                {
                    "timestamp": iso(now - HOUR),
                    "event": "Submitted Assignment: Safety",
                    "type": "submission",
                },
                {
                    "timestamp": iso(now - 2 * HOUR),
                    "event": "Passed Quiz: Safety (90%)",
                    "type": "quiz",
                },
                {
                    "timestamp": iso(now - 3 * HOUR),
                    "event": "Started Module: Safety",
                    "type": "start",
                },
            ],
            "modules": [
                {
                    "id": module.pk,
                    "title": "Safety",
                    "status": "in_progress",
                    "progress_percent": 100.0,
                    "focus_time_mins": 1.5,
                }
            ],
            "quiz_performance": [
                {
                    "quiz_id": module.quiz.pk,
                    "module_title": "Safety",
                    "score": 90.0,
                    "passed": True,
                    "timestamp": iso(attempt.timestamp),
                }
            ],
            "assignments": [
                {
                    "id": assignment.pk,
                    "module_title": "Safety",
                    "status": "assigned",
                    "submitted_at": iso(now - HOUR),
                    "module_id": module.pk,
                    "due_at": None,
                    "submission_id": assignment.submissions.get().pk,
                    "grade": None,
                }
            ],
            "computed_at": iso(Stamp.objects.get().computed_at),
        }

    def test_what_happened_after_the_refresh_is_not_shown_before_the_next(
        self, refresh: Refresh
    ) -> None:
        learner, module = make_learner(), make_module(questions=1, has_assignment=True)
        refresh()
        client = client_of(make_user("manager"))
        make_attempt(learner, module.quiz, score=0, timestamp=timezone.now())
        make_assignment(learner, module, assigned_at=timezone.now(), submitted_at=timezone.now())

        def counts() -> list[int]:
            body = client.get(f"{API}{learner.pk}/details/").json()
            return [len(body[part]) for part in ("timeline", "quiz_performance", "assignments")]

        assert counts() == [0, 0, 0]
        refresh()
        assert counts() == [2, 1, 1]

    def test_a_submission_after_the_refresh_is_not_handed_in_before_the_next(
        self, refresh: Refresh
    ) -> None:
        learner, module = make_learner(), make_module(has_assignment=True)
        make_assignment(learner, module)
        refresh()
        submit(learner=learner, module=module, text="done", url="", received_at=timezone.now())
        client = client_of(make_user("manager"))

        def shown() -> list[Any]:
            (row,) = client.get(f"{API}{learner.pk}/details/").json()["assignments"]
            return [row["status"], row["submitted_at"] is not None]

        assert shown() == ["assigned", False]
        refresh()
        assert shown() == ["submitted", True]

    def test_a_completion_after_the_refresh_shows_in_no_part_before_the_next(
        self, refresh: Refresh
    ) -> None:
        now, learner, module = timezone.now(), make_learner(), make_module(has_assignment=True)
        submit(learner=learner, module=module, text="done", url="", received_at=now)
        refresh()
        record(learner, claim(module.resources.get(), completed=True), received_at=now)
        client = client_of(make_user("manager"))

        def shown() -> list[Any]:
            details = client.get(f"{API}{learner.pk}/details/").json()
            (row,) = client.get(f"{API}learners/").json()
            return [
                details["modules"][0]["status"],
                details["assignments"][0]["status"],
                row["modules_completed"],
            ]

        assert shown() == ["in_progress", "submitted", 0]
        refresh()
        assert shown() == ["completed", "completed", 1]


class TestPolicy:
    def test_an_edit_shows_on_every_screen_with_the_next_refresh_and_on_none_before(
        self, refresh: Refresh
    ) -> None:
        learner, module = make_learner(), make_module()
        make_session(learner, module, start_time=timezone.now() - 30 * HOUR)
        refresh()
        client = client_of(make_user("manager"))

        def shown() -> list[Any]:
            (row,) = client.get(f"{API}learners/").json()
            risk = client.get(f"{API}{learner.pk}/risk/").json()
            return [summary_of(client)["at_risk_count"], row["risk_level"], risk["risk_points"]]

        Policy.objects.update(low_engagement=0, high_risk=35, medium_risk=35, idle_risk=35)
        assert shown() == [1, "Medium", 40.0]
        refresh()
        assert shown() == [0, "High", 35.0]


class TestRisk:
    def test_every_factor_with_its_evidence(self, refresh: Refresh) -> None:
        now = timezone.now()
        learner = make_learner()
        modules = [make_module(questions=1, has_assignment=True) for _ in range(2)]
        make_session(learner, modules[0], start_time=now - 80 * HOUR, minutes=10)
        for module in modules:
            make_attempt(learner, module.quiz, score=0, timestamp=now - 80 * HOUR)
        due_at = now - DAY
        make_assignment(learner, modules[0], due_at=due_at)
        make_assignment(learner, modules[1], due_at=now + DAY)
        refresh()

        body = client_of(make_user("manager")).get(f"{API}{learner.pk}/risk/").json()

        stamped = {key: body.pop(key) for key in STAMP}
        assert stamped["data_freshness_seconds"] <= 5
        evidence = {factor["code"]: factor.pop("evidence") for factor in body["factors"]}
        assert body == {
            "id": learner.pk,
            "username": learner.username,
            "risk_level": "High",
            "risk_points": 100.0,
            "insufficient_data": False,
            "factors": [
                {
                    "code": "inactive",
                    "label": "No activity for more than 72 hours",
                    "points": 40.0,
                },
                {"code": "low_engagement", "label": "Engagement is low", "points": 25.0},
                {"code": "overdue_assignment", "label": "An assignment is overdue", "points": 20.0},
                {
                    "code": "failing_quizzes",
                    "label": "Several quizzes are failed and not yet passed",
                    "points": 15.0,
                },
            ],
        }
        assert evidence["low_engagement"] == {"engagement_score": 1.1}
        assert evidence["failing_quizzes"] == {"failing_quiz_count": 2}
        assert evidence["overdue_assignment"] == {
            "overdue_count": 1,
            "first_due_at": iso(due_at),
        }
        assert evidence["inactive"] == {"last_active": iso(now - 80 * HOUR)}

    def test_idle_with_low_engagement_is_at_least_medium(self, refresh: Refresh) -> None:
        learner, module = make_learner(), make_module()
        make_session(learner, module, start_time=timezone.now() - 30 * HOUR)
        refresh()

        body = client_of(make_user("manager")).get(f"{API}{learner.pk}/risk/").json()

        assert (body["risk_level"], body["risk_points"]) == ("Medium", 40.0)

    def test_assigned_work_that_was_never_begun(self, refresh: Refresh) -> None:
        learner = make_learner()
        make_assignment(learner, make_module(has_assignment=True))
        refresh()

        body = client_of(make_user("manager")).get(f"{API}{learner.pk}/risk/").json()

        assert [factor["code"] for factor in body["factors"]] == [
            "never_started",
            "low_engagement",
        ]
        assert body["risk_level"] == "Medium"

    def test_a_learner_who_completed_everything_is_never_flagged(self, refresh: Refresh) -> None:
        now, learner, module = timezone.now(), make_learner(), make_module()
        record(
            learner,
            claim(module.resources.get(), at=now - 30 * HOUR, completed=True),
            received_at=now,
        )
        refresh()

        body = client_of(make_user("manager")).get(f"{API}{learner.pk}/risk/").json()

        assert (body["risk_level"], body["factors"]) == ("Low", [])

    def test_work_that_its_module_accepted_without_a_submission_is_not_overdue(
        self, refresh: Refresh
    ) -> None:
        now, learner, module = timezone.now(), make_learner(), make_module()
        make_assignment(learner, module, due_at=now - HOUR)
        record(learner, claim(module.resources.get(), at=now, completed=True), received_at=now)
        refresh()

        body = client_of(make_user("manager")).get(f"{API}{learner.pk}/risk/").json()

        assert (body["risk_level"], body["factors"]) == ("Low", [])

    def test_nothing_assigned_and_nothing_done_is_insufficient_data(self, refresh: Refresh) -> None:
        learner = make_learner()
        refresh()

        body = client_of(make_user("manager")).get(f"{API}{learner.pk}/risk/").json()

        assert (body["risk_level"], body["factors"], body["insufficient_data"]) == (
            "Low",
            [],
            True,
        )


def iso(moment: dt.datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
