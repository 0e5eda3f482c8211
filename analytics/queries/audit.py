"""Who did what with the figures: read live, as the log is not refreshed."""

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from analytics.queries.answer import PageOf
from analytics.queries.reading import read_rows


@dataclass(frozen=True)
class AuditFilter:
    """Which entries; `until` is not within. Everything that is `None` is not looked at."""

    actor: int | None = None
    action: str | None = None
    learner: int | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True)
class Entries:
    rows: list[dict[str, Any]]
    total: int


def audit_entries(*, only_of: int | None, wanted: AuditFilter, part: PageOf) -> Entries:
    """One page of entries, the newest first; those of one person, or with `None` of everybody."""
    rows = read_rows("audit", {"reader": only_of, **asdict(wanted), **part.parameters})
    total = rows[0]["total"]
    for row in rows:
        del row["total"]
    return Entries([row for row in rows if row["id"] is not None], total)
