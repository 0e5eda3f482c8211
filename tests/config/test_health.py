"""Alive, ready, and with good figures: three questions with three addresses."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from analytics.build import build_views
from analytics.grants import grant_readers
from analytics.models import Stamp
from config.problems import ProblemType
from tests.config.test_problems import database_down, problem_of, type_of
from tests.reader import execute

Refresh = Callable[[], None]

READY_WITHOUT_FIGURES = {
    "status": "ready",
    "computed_at": None,
    "data_freshness_seconds": None,
    "data_status": "unknown",
}

# How the figures get lost, and what is said of it.
WITHOUT_FIGURES = {
    "drop view analytics.team_summary": "view analytics.team_summary does not exist",
    "drop materialized view team_totals cascade": "view public.team_totals does not exist",
    "refresh materialized view team_totals with no data": (
        "view public.team_totals was never filled"
    ),
    "revoke select on analytics.learner_risk from pulseboard_reader": (
        "pulseboard_reader may not read analytics.learner_risk"
    ),
    "revoke usage on schema analytics from pulseboard_reader": (
        "pulseboard_reader may not use schema analytics"
    ),
}


@contextmanager
def broken(what: str) -> Iterator[None]:
    execute(what)
    try:
        yield
    finally:
        build_views()
        grant_readers()


class TestAlive:
    def test_the_process_answers_without_a_database(self) -> None:
        """pytest-django refuses every use of the database here."""
        response = Client().get("/healthz")

        assert (response.status_code, response.json()) == (200, {"status": "ok"})

    @pytest.mark.usefixtures("committed")
    def test_the_process_answers_while_the_database_is_down(self) -> None:
        with database_down():
            assert Client().get("/healthz").status_code == 200


class TestReady:
    @pytest.mark.usefixtures("committed")
    def test_before_the_first_refresh_learners_are_served(self) -> None:
        response = Client().get("/readyz")

        assert (response.status_code, response.json()) == (200, READY_WITHOUT_FIGURES)

    @pytest.mark.parametrize("what", WITHOUT_FIGURES)
    def test_learners_are_served_whatever_befalls_the_figures(
        self, refresh: Refresh, what: str
    ) -> None:
        refresh()
        with broken(what):
            response = Client().get("/readyz")

        assert (response.status_code, response.json()) == (200, READY_WITHOUT_FIGURES)

    def test_after_a_refresh_it_gives_the_age_of_the_figures(
        self, refresh: Callable[[], None]
    ) -> None:
        refresh()

        response = Client().get("/readyz")

        body = response.json()
        assert response.status_code == 200
        assert list(body) == ["status", "computed_at", "data_freshness_seconds", "data_status"]
        assert (body["status"], body["data_status"]) == ("ready", "fresh")
        assert 0 <= body["data_freshness_seconds"] < 60
        shown = dt.datetime.fromisoformat(body["computed_at"])
        assert abs(shown - Stamp.objects.get().computed_at) < dt.timedelta(milliseconds=1)

    @pytest.mark.django_db
    def test_unapplied_migrations_are_named_with_the_remedy(self) -> None:
        recorder = MigrationRecorder(connection)
        latest = MigrationLoader(connection).graph.leaf_nodes()
        for app, name in latest:
            if app in {"tracking", "analytics"}:
                recorder.record_unapplied(app, name)

        response = Client().get("/readyz")

        assert type_of(response) is ProblemType.UNAVAILABLE
        assert problem_of(response)["detail"] == (
            "2 migrations are not applied: run manage.py deploy."
        )

    @pytest.mark.usefixtures("committed")
    def test_an_unreachable_database_is_503_and_not_a_defect(self) -> None:
        with database_down():
            response = Client().get("/readyz")

        assert type_of(response) is ProblemType.UNAVAILABLE
        assert problem_of(response)["detail"] == "The database does not answer."
        assert response["Retry-After"] == "5"


class TestTheFigures:
    def test_are_good_after_a_refresh(self, refresh: Refresh) -> None:
        refresh()

        response = Client().get("/healthz/data")

        body = response.json()
        assert response.status_code == 200
        assert list(body) == ["status", "computed_at", "data_freshness_seconds", "data_status"]
        assert (body["status"], body["data_status"]) == ("ok", "fresh")

    @pytest.mark.usefixtures("committed")
    def test_are_not_there_before_the_first_refresh(self) -> None:
        response = Client().get("/healthz/data")

        assert type_of(response) is ProblemType.NOT_COMPUTED
        assert response["Retry-After"] == "60"

    @pytest.mark.parametrize("what", WITHOUT_FIGURES)
    def test_are_lost_and_it_says_which(self, refresh: Refresh, what: str) -> None:
        refresh()
        with broken(what):
            response = Client().get("/healthz/data")

        assert type_of(response) is ProblemType.UNAVAILABLE
        assert WITHOUT_FIGURES[what] in problem_of(response)["detail"]
        assert problem_of(response)["detail"].endswith("manage.py deploy makes all of it anew.")

    @pytest.mark.parametrize(("age", "status"), [(119, 200), (121, 200), (299, 200), (301, 503)])
    def test_are_too_old_from_the_limit_on(self, refresh: Refresh, age: int, status: int) -> None:
        refresh()
        Stamp.objects.update(computed_at=timezone.now() - dt.timedelta(seconds=age))

        response = Client().get("/healthz/data")

        assert response.status_code == status
        if status == 503:
            assert "the limit is 300: refreshes do not come through" in response.json()["detail"]

    def test_that_are_old_take_no_process_away(self, refresh: Refresh) -> None:
        refresh()
        Stamp.objects.update(computed_at=timezone.now() - dt.timedelta(days=2))

        response = Client().get("/readyz")

        assert (response.status_code, response.json()["data_status"]) == (200, "outdated")

    @pytest.mark.usefixtures("committed")
    def test_cannot_be_told_of_without_the_database(self) -> None:
        with database_down():
            response = Client().get("/healthz/data")

        assert type_of(response) is ProblemType.UNAVAILABLE
        assert problem_of(response)["detail"] == "The database does not answer."

    @pytest.mark.usefixtures("committed")
    def test_that_cannot_be_read_concern_nobody_else(self) -> None:
        with broken("drop function teams_in_scope"):
            figures, process = Client().get("/healthz/data"), Client().get("/readyz")

        assert type_of(figures) is ProblemType.UNAVAILABLE
        assert problem_of(figures)["detail"] == "The figures cannot be read."
        assert (process.status_code, process.json()) == (200, READY_WITHOUT_FIGURES)
