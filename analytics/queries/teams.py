"""Figures over the learners of teams."""

from typing import Any

from analytics.queries.answer import Figures, Page, PageOf, read_page, read_row
from analytics.queries.standing import Freshness, Scope

AVERAGES = ("avg_focus_mins", "avg_accuracy", "assignment_rate")


def team_summary(scope: Scope) -> tuple[dict[str, Any], Freshness]:
    """The six figures over the scope. An average with nothing to average is `None`."""
    summary = read_row("team_summary", scope.parameters)
    figures = summary.members
    for name in AVERAGES:
        figures[name] = None if figures[name] is None else float(figures[name])
    return figures, summary.freshness


def breakdown(scope: Scope) -> Figures:
    """How many learners of the scope are of each status and of each risk level."""
    found = read_row("breakdown", scope.parameters)
    counts = found.members
    statuses = ("active", "idle", "inactive", "not_started")
    return Figures(
        {
            "learner_count": counts["learner_count"],
            "status": {status: counts[status] for status in statuses},
            "risk": {level: counts[level.lower()] for level in ("High", "Medium", "Low")},
        },
        found.freshness,
    )


def teams(scope: Scope, part: PageOf) -> Page:
    """Each team of the scope with its six figures, by name."""
    return read_page("teams", {**scope.parameters, **part.parameters}, key="id")
