"""Learners: many of them in a list, or one in detail."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from analytics.problems import no_such_learner
from analytics.queries.answer import Figures, Page, PageOf, read_page, read_row, rows_of_all_pages
from analytics.queries.standing import Freshness, Scope

# What `?ordering=` may name; what each sorts by is in the statement.
ORDERINGS = (
    "id",
    "username",
    "full_name",
    "engagement_score",
    "modules_completed",
    "modules_in_progress",
    "total_focus_mins",
    "last_active",
    "risk_level",
    "status",
    "team_id",
)


@dataclass(frozen=True)
class LearnerFilter:
    """Which learners of the scope, in which order; a minus before it puts the largest first."""

    search: str | None = None
    ordering: str = "username"
    risk_level: str | None = None
    status: str | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "search": self.search,
            "ordering": self.ordering.removeprefix("-"),
            "is_descending": self.ordering.startswith("-"),
            "risk_level": self.risk_level,
            "status": self.status,
        }


def learners(scope: Scope, wanted: LearnerFilter, part: PageOf) -> Page:
    """One page of learners and how many there are."""
    return read_page(
        "learners", {**scope.parameters, **wanted.parameters, **part.parameters}, key="id"
    )


def all_learners(
    scope: Scope, wanted: LearnerFilter
) -> AbstractContextManager[tuple[Iterator[dict[str, Any]], Freshness]]:
    """The rows of all pages, in bounded memory."""
    return rows_of_all_pages("learners", {**scope.parameters, **wanted.parameters}, key="id")


def learner_details(scope: Scope, learner_id: int) -> Figures:
    """Who it is, timeline, modules, attempts, assignments. Raises `NOT_FOUND` outside the scope."""
    details = read_row("learner_details", _of(learner_id, scope))
    if details.members["learner"] is None:
        raise no_such_learner()
    return details


def learner_risk(scope: Scope, learner_id: int) -> Figures:
    """Level, points and factors with their evidence. Raises `NOT_FOUND` outside the scope."""
    risk = read_row("learner_risk", _of(learner_id, scope))
    if risk.members["id"] is None:
        raise no_such_learner()
    return risk


def _of(learner_id: int, scope: Scope) -> Mapping[str, Any]:
    return {"learner": learner_id, **scope.parameters}
