"""What monitoring reads: the right figures, of nobody, for whoever holds the token."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from analytics.models import RefreshRun, Stamp
from config.problems import ProblemType
from tests.config.test_problems import database_down, type_of
from tests.factories import claim, make_learner, make_module, record
from tests.reader import execute

Refresh = Callable[[], None]
Samples = dict[tuple[str, tuple[str, ...]], float]

TOKEN = "of-the-monitoring-of-tests"


@pytest.fixture(autouse=True)
def token(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


def scrape() -> Samples:
    """Every sample: name and values of its labels → value."""
    response = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain")
    assert response["Cache-Control"] == "no-store"
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


class TestWhoIsAnswered:
    @pytest.mark.parametrize(
        "given", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "é"}]
    )
    def test_nobody_without_the_token(self, given: dict[str, str]) -> None:
        """pytest-django refuses every use of the database here."""
        response = Client().get("/metrics", headers=given)

        assert type_of(response) is ProblemType.NOT_AUTHENTICATED
        assert response["WWW-Authenticate"] == "Bearer"

    def test_nobody_where_there_is_no_token(self, settings: Any) -> None:
        settings.METRICS_TOKEN, settings.EMBEDDED = "", False

        response = Client().get("/metrics", headers={"Authorization": "Bearer "})

        assert type_of(response) is ProblemType.NOT_FOUND

    def test_anybody_in_the_demo_which_listens_on_loopback(
        self, settings: Any, committed: None
    ) -> None:
        settings.METRICS_TOKEN, settings.EMBEDDED = "", True

        assert Client().get("/metrics").status_code == 200


@pytest.mark.usefixtures("committed")
class TestWhatIsSaid:
    def test_before_the_first_refresh_no_age_rather_than_a_false_one(self) -> None:
        samples = scrape()

        assert samples["pulseboard_database_up", ()] == 1
        assert ("pulseboard_figures_age_seconds", ()) not in samples

    def test_the_age_is_that_of_the_last_committed_refresh(self, refresh: Refresh) -> None:
        refresh()
        Stamp.objects.update(computed_at=timezone.now() - dt.timedelta(seconds=500))

        samples = scrape()

        assert 500 <= samples["pulseboard_figures_age_seconds", ()] < 560
        assert 0 <= samples["pulseboard_base_age_seconds", ()] < 60

    def test_runs_of_the_last_hour_by_status_and_tier(self, refresh: Refresh) -> None:
        refresh()
        now = timezone.now()
        for age, status in ((10, "failed"), (20, "failed"), (30, "skipped"), (3_700, "failed")):
            at = now - dt.timedelta(seconds=age)
            RefreshRun.objects.create(
                started_at=at, finished_at=at, status=status, trigger="schedule"
            )

        samples = scrape()

        name = "pulseboard_refresh_runs_last_hour"
        assert {labels: value for (found, labels), value in samples.items() if found == name} == {
            ("done", "base"): 1,
            ("failed", "none"): 2,
            ("skipped", "none"): 1,
        }

    def test_each_view_with_what_it_took_and_holds(self, refresh: Refresh) -> None:
        make_learner()
        refresh()
        run = RefreshRun.objects.get()

        samples = scrape()

        for view in run.views:
            labels = (view["view"],)
            assert samples["pulseboard_view_refresh_seconds", labels] == pytest.approx(
                view["milliseconds"] / 1000
            )
            assert samples["pulseboard_view_rows", labels] == view["rows"]

    def test_mismatches_that_reconciliation_has_found(self, refresh: Refresh) -> None:
        refresh()
        call_command("reconcile", "--all", stdout=_Silent(), stderr=_Silent())

        samples = scrape()

        assert samples["pulseboard_quality_mismatches", ("reconciliation", "ok")] == 0
        assert samples["pulseboard_quality_check_age_seconds", ("reconciliation",)] < 60

    def test_pulses_are_counted_without_looking_at_them(self) -> None:
        before = pulses(scrape())
        learner, resource, now = make_learner(), make_module().resources.get(), timezone.now()
        for number in range(3):
            record(learner, claim(resource, at=now - dt.timedelta(minutes=number)), received_at=now)
        execute("select pg_stat_force_next_flush()")

        assert pulses(scrape()) == before + 3

    def test_views_that_are_missing_are_counted(self, refresh: Refresh) -> None:
        refresh()
        assert scrape()["pulseboard_figures_faults", ()] == 0

        execute("refresh materialized view team_totals with no data")

        assert scrape()["pulseboard_figures_faults", ()] == 1

    def test_no_figure_is_of_a_person(self, refresh: Refresh) -> None:
        make_learner(username="lea-the-learner")
        refresh()

        response = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})

        assert "lea-the-learner" not in response.content.decode()

    def test_without_the_database_that_is_what_it_says(self) -> None:
        with database_down():
            samples = scrape()

        assert samples == {("pulseboard_database_up", ()): 0}

    def test_a_broken_database_as_well(self) -> None:
        execute("alter table analytics_refreshrun rename to put_aside")
        try:
            assert scrape() == {("pulseboard_database_up", ()): 0}
        finally:
            execute("alter table put_aside rename to analytics_refreshrun")


def pulses(samples: Samples) -> float:
    return sum(
        value for (name, _), value in samples.items() if name == "pulseboard_pulses_recorded_total"
    )


class _Silent:
    def write(self, text: str) -> int:
        return len(text)
