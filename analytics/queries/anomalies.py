"""What is out of the ordinary with learners."""

from analytics.queries.answer import Page, PageOf, read_page
from analytics.queries.standing import Scope

CODES = ("engagement_drop", "implausible_focus")


def anomalies(scope: Scope, code: str | None, learner: int | None, part: PageOf) -> Page:
    """One page of anomalies, the newest first, and how many there are; `None` narrows nothing."""
    narrowed = {"code": code, "learner": learner}
    return read_page(
        "anomalies", {**narrowed, **scope.parameters, **part.parameters}, key="learner_id"
    )
