"""Alive, and ready: two questions with two addresses."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from analytics.models import Stamp
from config.problems import ProblemType
from tests.config.test_problems import database_down, problem_of, type_of


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
    def test_before_the_first_refresh_it_says_what_is_missing(self) -> None:
        response = Client().get("/readyz")

        body = problem_of(response)
        assert type_of(response) is ProblemType.NOT_COMPUTED
        assert body["detail"] == ProblemType.NOT_COMPUTED.meaning
        assert response["Retry-After"] == "60"

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
