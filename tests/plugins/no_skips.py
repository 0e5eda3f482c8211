"""With CI=true a test that did not run is a failure: a skip must not hide a missing program."""

from __future__ import annotations

import os

import pytest

_not_run: list[str] = []


def _strict() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def _note(report: pytest.TestReport | pytest.CollectReport) -> None:
    # A test expected to fail is reported as skipped, too; one that passed anyway carries the mark.
    if report.skipped or hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else "expected to fail"
        _not_run.append(f"{report.nodeid}: {reason}")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Collect tests that were skipped or expected to fail."""
    _note(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Collect modules that were skipped as a whole."""
    _note(report)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Turn a green run into a failed one."""
    if _strict() and _not_run and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name every test that did not run."""
    if _strict() and _not_run:
        terminalreporter.section("CI=true: tests that did not run count as failed", red=True)
        for line in _not_run:
            terminalreporter.line(line)
