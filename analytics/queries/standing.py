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
from analytics.queries.reading import read_one

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
    refresh_id, computed_at, team_ids, is_team_there = read_one(
        "standing", {"asker": asker_id, "team": team}
    )
    visible = None if team_ids is None else frozenset(team_ids)
    if team is not None and not (is_team_there and (visible is None or team in visible)):
        raise no_such_team(team)
    freshness = freshness_of({"refresh_id": refresh_id, "computed_at": computed_at})
    return Standing(Scope(visible if team is None else frozenset({team})), freshness)


def read_freshness() -> Freshness:
    """Raises `NotComputedYet` unless there is a stamp."""
    return standing_of(NOBODY).freshness


def freshness_of(row: Mapping[str, Any]) -> Freshness:
    """The stamp of a row that names it. Raises `NotComputedYet` if there was none."""
    if row["refresh_id"] is None:
        raise NotComputedYet
    age = timezone.now() - row["computed_at"]
    # A clock that was set back makes nothing younger than new.
    return Freshness(row["refresh_id"], row["computed_at"], max(age, dt.timedelta(0)))
