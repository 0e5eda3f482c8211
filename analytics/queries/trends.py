"""The teams' figures day by day."""

from analytics.problems import NotComputedYet
from analytics.queries.answer import Figures
from analytics.queries.reading import read_rows
from analytics.queries.standing import Scope, freshness_of


def trends(scope: Scope, days: int) -> Figures:
    """One entry for each of the last UTC days, the oldest first; today is the day of the stamp."""
    rows = read_rows("trends", {"days": days, **scope.parameters})
    if not rows:
        raise NotComputedYet
    return Figures(
        {
            "days": [
                {
                    "date": row["day"],
                    "active_learners": row["active_learners"],
                    "focus_minutes": row["focus_minutes"],
                    "completions": row["completions"],
                    "quiz_accuracy": row["quiz_accuracy"],
                }
                for row in rows
            ]
        },
        freshness_of(rows[0]),
    )
