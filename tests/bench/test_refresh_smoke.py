"""The refresh benchmark runs through and comes to figures; what they are is no matter here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from bench.errors import BenchmarkError
from bench.markdown import write_section
from bench.refresh.population import broken_references
from bench.refresh.readings import Question
from bench.refresh.refreshes import Step
from bench.refresh.report import report
from bench.targets import at_least, at_most, below
from config.embedded.addresses import CHECKOUT
from tests.factories import make_module
from tracking.models import Resource

LEARNERS = 500


@pytest.mark.timeout(600)
def test_a_quick_run_has_all_figures(tmp_path: Path) -> None:
    output = tmp_path / "result.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench.refresh", "--quick", "--output", str(output)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(output.read_text())
    summary = result["summary"]

    assert set(summary["refreshes"]) == {"1", "2"}
    for steps in summary["refreshes"].values():
        assert set(steps) == set(Step)
        for step, figures in steps.items():
            assert figures["seconds"] > 0
            assert figures["wal_bytes"] > 0
            assert figures["touched"] == LEARNERS * Step(step).touched_percent / 100
    for refresh in result["refreshes"]:
        assert sum(refresh["view_ms"].values()) <= refresh["seconds"] * 1000
        assert refresh["process_memory"] > 2**20
        assert refresh["postgres_memory"] > 2**20

    assert set(summary["readings"]) == set(Question)
    for figures in summary["readings"].values():
        assert figures["requests_per_second"] > 0
        assert 0 < figures["latency_ms"]["p50"] <= figures["latency_ms"]["p99"]
    assert min(summary["memory_mib"].values()) > 1
    assert summary["on_request"]["everybody_seconds"] > 0

    once, twice = result["data"]["1"], result["data"]["2"]
    assert once["tracking_moduleprogress"] == LEARNERS * 10
    assert once["tracking_assignment"] == LEARNERS * 3
    for table in ("tracking_learningsession", "tracking_quizattempt"):
        assert 1.95 < twice[table] / once[table] < 2.05
    assert {"active", "idle", "inactive", "not_started", "at risk"} == set(once["mix"])
    assert min(once["mix"].values()) > 0
    assert report(result) in done.stdout


@pytest.mark.django_db
def test_a_row_that_refers_to_nothing_is_found() -> None:
    make_module()
    connection.ensure_connection()
    raw: psycopg.Connection = connection.connection
    assert broken_references(raw) == []

    orphan = Resource.objects.create(module_id=0, title="of no module")
    (name,) = broken_references(raw)
    orphan.delete()

    assert name.startswith("tracking_resource_module_id")


def test_a_target_is_reached_at_its_value() -> None:
    assert at_least("rate", 4, 4)["is_reached"]
    assert not at_least("rate", 3.99, 4)["is_reached"]
    assert at_most("time", 4, 4)["is_reached"]
    assert not at_most("time", 4.01, 4)["is_reached"]
    assert not below("time", 4, 4)["is_reached"]


def test_results_take_the_place_of_earlier_ones(tmp_path: Path) -> None:
    docs = tmp_path / "benchmarks.md"
    docs.write_text(
        "before\n<!-- results of x: begin -->\nold\n<!-- results of x: end -->\nafter\n"
    )

    write_section("x", "new", docs)

    assert docs.read_text() == (
        "before\n<!-- results of x: begin -->\n\nnew\n\n<!-- results of x: end -->\nafter\n"
    )
    with pytest.raises(BenchmarkError, match="no place for results"):
        write_section("y", "new", docs)
