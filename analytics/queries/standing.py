"""What is known before any figure is read: how old the figures are, and whose may be seen.

Who sees whom is decided by the SQL function `teams_in_scope` and nowhere else.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone

from analytics.problems import NotComputedYet, no_such_team
from analytics.queries.reading import read_rows

NOBODY = 0


@dataclass(frozen=True)
class Scope:
    """The teams whose learners somebody may see; `None` for all of them."""

    team_ids: frozenset[int] | None

    @property
    def parameters(self) -> dict[str, Any]:
        """What every statement over figures has to be given."""
        return {"team_ids": None if self.team_ids is None else sorted(self.team_ids)}


@dataclass(frozen=True)
class Freshness:
    """Which refresh the figures are of, and how old they are by the server's clock."""

    refresh_id: int
    computed_at: dt.datetime
    age: dt.timedelta

    @property
    def age_seconds(self) -> int:
        return int(self.age.total_seconds())

    @property
    def data_status(self) -> str:
        if self.age.total_seconds() > settings.DATA_OUTDATED_SECONDS:
            return "outdated"
        if self.age.total_seconds() > settings.DATA_STALE_SECONDS:
            return "stale"
        return "fresh"


@dataclass(frozen=True)
class Standing:
    scope: Scope
    freshness: Freshness


def standing_of(asker_id: int, *, team: int | None = None) -> Standing:
    """The refresh, and the scope of the asker: all of it, or the one team that is asked about.

    One statement. Raises `NotComputedYet` without a refresh, and `NOT_FOUND` for a team that is
    outside the scope.
    """
    (row,) = read_rows("standing", {"asker": asker_id, "team": team})
    visible = None if row["team_ids"] is None else frozenset(row["team_ids"])
    if team is not None and not (row["is_team_there"] and (visible is None or team in visible)):
        raise no_such_team(team)
    return Standing(Scope(visible if team is None else frozenset({team})), freshness_of(row))


def read_freshness() -> Freshness:
    """Raises `NotComputedYet` unless there is a stamp."""
    (row,) = read_rows("standing", {"asker": NOBODY, "team": None})
    return freshness_of(row)


def freshness_of(row: Mapping[str, Any]) -> Freshness:
    """The stamp of a row that names it. Raises `NotComputedYet` if there was none."""
    if row["refresh_id"] is None:
        raise NotComputedYet
    age = timezone.now() - row["computed_at"]
    # A clock that was set back makes nothing younger than new.
    return Freshness(row["refresh_id"], row["computed_at"], max(age, dt.timedelta(0)))
