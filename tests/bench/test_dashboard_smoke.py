"""The dashboard's benchmark runs through and comes to figures; what they are is no matter here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.dashboard.filters import CHOICES, Filtering
from bench.dashboard.polling import Polling
from bench.dashboard.report import report
from bench.dashboard.summary import FILTER_NAMES, PAGE_NAMES, summarise
from bench.dashboard.viewers import Viewer
from bench.dashboard.visits import Visit
from config.embedded.addresses import CHECKOUT
from frontend.chromium import NoChromium, find_or_install

LEARNERS = {"manager": 500, "admin": 1_000}


@pytest.mark.timeout(600)
def test_a_quick_run_has_all_figures(tmp_path: Path) -> None:
    try:
        find_or_install()
    except NoChromium as reason:
        pytest.skip(str(reason))
    output = tmp_path / "result.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench.dashboard", "--quick", "--output", str(output)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(output.read_text())

    assert {viewer["role"]: viewer["learners"] for viewer in result["viewers"]} == LEARNERS
    assert {(one["role"], one["page"]) for one in result["visits"]} == {
        (role, page) for role in LEARNERS for page in PAGE_NAMES
    }
    for one in result["visits"]:
        stages = one["stages"]
        assert 0 < stages["document"] < stages["program"] < stages["session"] < stages["figures"]
        assert stages["figures"] < one["shown_ms"] < one["interactive_ms"]
        assert one["loaded_bytes"] > 10_000

    assert [(one["role"], one["name"], one["value"]) for one in result["filterings"]] == [
        (role, *choice) for role in LEARNERS for choice in CHOICES
    ]
    matches = {
        (one["role"], one["value"]): one["matches"]
        for one in result["filterings"]
        if one["name"] == "search"
    }
    assert matches["manager", "learner"] == "500 learners match"
    assert matches["admin", "learner"] == "1,000 learners match"
    assert matches["admin", "no such person"] == "0 learners match"
    for one in result["filterings"]:
        parts = (one["asking_ms"], one["server_ms"], one["showing_ms"])
        assert min(parts) > 0
        assert sum(parts) == pytest.approx(one["response_ms"], abs=0.5)
        assert (one["pause_ms"] > 0) is (one["name"] == "search")

    assert [one["requests_per_interval"] for one in result["pollings"]] == [3, 1, 3]
    assert report(result) in done.stdout


def test_targets_are_held_against_medians() -> None:
    viewers = [Viewer("manager", "manager-1", 500)]
    visits = [
        Visit("manager", page, dict.fromkeys(("document", "program", "session", "figures"), 1.0),
              shown_ms=900, interactive_ms=milliseconds, loaded_bytes=150 * 1024)
        for page in PAGE_NAMES
        for milliseconds in (1_000, 1_999, 9_000)
    ]  # fmt: skip
    filterings = [
        Filtering("manager", name, "x", "1 learner match", pause_ms=250, response_ms=milliseconds,
                  asking_ms=1, server_ms=1, showing_ms=1)
        for name in FILTER_NAMES
        for milliseconds in (50, 100, 100)
    ]  # fmt: skip
    pollings = [Polling("/overview", 60, 5, 15, 3), Polling("/learners", 90, 5, 20, 4)]

    targets = summarise(viewers, visits, filterings, pollings)["targets"]

    assert [(target["measured"], target["is_reached"]) for target in targets] == [
        *[(1.999, True)] * 2,
        *[(100, False)] * 3,
        (150, True),
        (4, False),
    ]
