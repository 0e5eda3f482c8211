"""With CI=true a test that did not run fails the run; on a developer's machine it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.embedded.addresses import CHECKOUT

SKIPPED = """
import pytest

@pytest.mark.skip(reason="no such program")
def test_is_skipped():
    pass
"""
SKIPPED_AS_A_WHOLE = """
import pytest

pytest.importorskip("no_such_module")
"""
EXPECTED_TO_FAIL = """
import pytest

@pytest.mark.xfail
def test_fails():
    assert False

@pytest.mark.xfail
def test_passes_anyway():
    pass
"""
RUNS = """
def test_runs():
    pass
"""


def run_tests(directory: Path, source: str, ci: str = "") -> subprocess.CompletedProcess[str]:
    """Run pytest with this plugin and no other on the given tests and one that passes."""
    (directory / "test_sample.py").write_text(source)
    (directory / "test_other.py").write_text(RUNS)
    (directory / "pytest.ini").write_text("[pytest]\n")
    environment = {
        **os.environ,
        "CI": ci,
        "PYTHONPATH": str(CHECKOUT),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_ADDOPTS": "",
    }
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.plugins.no_skips"],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


NOT_RUN = [
    pytest.param(SKIPPED, ["test_sample.py::test_is_skipped: Skipped: no such program"], id="test"),
    pytest.param(SKIPPED_AS_A_WHOLE, ["test_sample.py: ", "no_such_module"], id="module"),
    pytest.param(
        EXPECTED_TO_FAIL,
        [
            "test_sample.py::test_fails: expected to fail",
            "test_sample.py::test_passes_anyway: expected to fail",
        ],
        id="xfail",
    ),
]


@pytest.mark.parametrize(("source", "named"), NOT_RUN)
def test_in_ci_what_did_not_run_fails_the_run_and_is_named(
    tmp_path: Path, source: str, named: list[str]
) -> None:
    done = run_tests(tmp_path, source, ci="true")

    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    _, _, listed = done.stdout.partition("tests that did not run count as failed")
    for words in named:
        assert words in listed


@pytest.mark.parametrize("source", [SKIPPED, EXPECTED_TO_FAIL], ids=["test", "xfail"])
@pytest.mark.parametrize("ci", ["", "false"])
def test_elsewhere_a_skip_is_fine(tmp_path: Path, source: str, ci: str) -> None:
    done = run_tests(tmp_path, source, ci=ci)

    assert done.returncode == pytest.ExitCode.OK, done.stdout
    assert "count as failed" not in done.stdout


def test_in_ci_a_run_of_every_test_stays_green(tmp_path: Path) -> None:
    done = run_tests(tmp_path, RUNS, ci="true")

    assert done.returncode == pytest.ExitCode.OK, done.stdout
    assert "count as failed" not in done.stdout
