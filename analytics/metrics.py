"""What monitoring asks for, in Prometheus' terms, read from PostgreSQL when it asks.

Nothing is counted in a process: however many there are, and whichever is asked, the answer is the
same. No figure is of a person.
"""

from collections.abc import Iterator

from django.db import DatabaseError, InterfaceError, connection, transaction
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from analytics.assertions import faults_of_the_figures
from config.sql import fetch_rows

# Monitoring must not weigh on what it watches.
STATEMENT_TIMEOUT_MS = 2_000


def registry() -> CollectorRegistry:
    """All metrics; they are read when the registry is asked for them."""
    found = CollectorRegistry()
    found.register(_Database())
    return found


class _Database(Collector):
    def describe(self) -> list[Metric]:
        """Empty: to be registered is no reason to ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        is_up = 1
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("set transaction isolation level repeatable read read only")
                cursor.execute(f"set local statement_timeout = {STATEMENT_TIMEOUT_MS:d}")
                families = [
                    *_figures(),
                    _runs(),
                    *_views(),
                    *_quality(),
                    _pulses(),
                    GaugeMetricFamily(
                        "pulseboard_figures_faults",
                        "Views that are missing, empty, or closed to readers.",
                        value=len(faults_of_the_figures()),
                    ),
                ]
        except (DatabaseError, InterfaceError):
            # What was read before is left out as well: a part would look like the whole.
            is_up, families = 0, []
        yield GaugeMetricFamily(
            "pulseboard_database_up",
            "1 when everything below could be read from the database in time.",
            value=is_up,
        )
        yield from families


def _figures() -> Iterator[Metric]:
    rows = fetch_rows("metrics/figures", {})
    age = GaugeMetricFamily(
        "pulseboard_figures_age_seconds",
        "Age of what the views show: time since the last committed refresh took its snapshot.",
    )
    base_age = GaugeMetricFamily(
        "pulseboard_base_age_seconds", "Time since all learners were last computed anew."
    )
    for row in rows:
        age.add_metric([], row["age_seconds"])
        if row["base_age_seconds"] is not None:
            base_age.add_metric([], max(row["base_age_seconds"], 0))
    yield age
    yield base_age


def _runs() -> Metric:
    family = GaugeMetricFamily(
        "pulseboard_refresh_runs_last_hour",
        "Refreshes that began in the last hour.",
        labels=["status", "tier"],
    )
    for row in fetch_rows("metrics/runs", {}):
        family.add_metric([row["status"], row["tier"]], row["runs"])
    return family


def _views() -> Iterator[Metric]:
    seconds = GaugeMetricFamily(
        "pulseboard_view_refresh_seconds",
        "What a view took in the refresh that the figures are of.",
        labels=["view"],
    )
    count = GaugeMetricFamily(
        "pulseboard_view_rows", "Rows of a view after that refresh.", labels=["view"]
    )
    for row in fetch_rows("metrics/views", {}):
        seconds.add_metric([row["view_name"]], row["seconds"])
        count.add_metric([row["view_name"]], row["rows"])
    yield seconds
    yield count


def _quality() -> Iterator[Metric]:
    mismatches = GaugeMetricFamily(
        "pulseboard_quality_mismatches",
        "How many figures the latest run of a check found wrong.",
        labels=["check", "status"],
    )
    age = GaugeMetricFamily(
        "pulseboard_quality_check_age_seconds",
        "Time since a check last ran.",
        labels=["check"],
    )
    for row in fetch_rows("metrics/quality", {}):
        if row["mismatches"] is not None:
            mismatches.add_metric([row["check_name"], row["status"]], row["mismatches"])
        age.add_metric([row["check_name"]], max(row["age_seconds"], 0))
    yield mismatches
    yield age


def _pulses() -> Metric:
    family = CounterMetricFamily(
        "pulseboard_pulses_recorded",
        "Pulses that were recorded, by the partition of the ledger that took them.",
        labels=["partition"],
    )
    for row in fetch_rows("metrics/pulses", {}):
        family.add_metric([row["partition"]], row["pulses"])
    return family
