"""The ingest benchmark runs through and comes to figures; what they are is no matter here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.ingest import classroom
from bench.ingest.report import report
from bench.percentiles import percentiles
from config.embedded.addresses import CHECKOUT


@pytest.mark.timeout(300)
def test_a_quick_run_has_all_figures(tmp_path: Path) -> None:
    output = tmp_path / "result.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench.ingest", "--quick", "--output", str(output)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr

    result = json.loads(output.read_text())
    loads = result["summary"]["loads"]
    assert {load: set(systems) for load, systems in loads.items()} == {
        "single": {"product", "baseline", "ceiling"},
        "batch": {"product", "baseline", "ceiling"},
        "steady": {"product", "baseline"},
    }
    for figures in (found for systems in loads.values() for found in systems.values()):
        assert figures["pulses_per_second"] > 0
        assert 0 < figures["latency_ms"]["p50"] <= figures["latency_ms"]["p99"]
    assert all(ratio > 0 for ratio in result["summary"]["ratios"].values())
    assert result["summary"]["learners"]["single"] > 0
    assert len(result["summary"]["targets"]) == 6
    soak = result["summary"]["soak"]
    assert soak["pulses"] > 0
    assert soak["memory_mib_at_end"] > 0
    assert min(soak["bloat"].values()) > 0.5
    assert soak["ledger_bytes_per_pulse"] >= 0
    assert report(result) in done.stdout


@pytest.mark.timeout(300)
def test_the_application_alone_is_measured_and_profiled() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.ingest.alone", "--requests", "100", "--profile"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    for load in ("single pulses", "batches of 50"):
        figures = re.search(rf"{load}: median ([\d.]+), lowest ([\d.]+) us", done.stdout)
        assert figures
        assert 0 < float(figures[2]) <= float(figures[1])
    assert "views/pulses.py" in done.stdout


def test_every_place_of_the_course_is_played_in_order() -> None:
    resources = [classroom.resource_at(step) for step in range(classroom.COURSE_PULSES)]

    assert resources == sorted(resources)
    assert set(resources) == set(range(1, classroom.RESOURCES + 1))
    assert {classroom.module_of(number) for number in resources} == set(
        range(1, classroom.MODULES + 1)
    )
    assert sum(map(classroom.ends_resource, range(classroom.COURSE_PULSES))) == classroom.RESOURCES


def test_batches_begin_where_one_is_prepared() -> None:
    places = {classroom.starting_place(learner) % classroom.STRIDE for learner in range(1, 2001)}

    assert places == {0}
    assert classroom.step_after(20, pulses=999, learners=100) == 30
    assert classroom.step_after(20, pulses=1000, learners=100) == 40


def test_percentiles_are_by_nearest_rank() -> None:
    found = percentiles(float(number) for number in range(1, 101))

    assert found == {"p50": 50.0, "p90": 90.0, "p99": 99.0, "max": 100.0}
    assert percentiles([]) == {}
