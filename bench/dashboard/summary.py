"""What a run comes to: medians, the worst, and what was to be reached."""

import statistics
from collections.abc import Iterable, Sequence
from typing import Any

from bench.dashboard.filters import Filtering
from bench.dashboard.polling import Polling
from bench.dashboard.viewers import Viewer
from bench.dashboard.visits import PAGES, Visit
from bench.targets import at_most, below

INTERACTIVE_SECONDS = 2
FILTER_MS = 100
FIRST_LOAD_KB = 150
REQUESTS = 3
PAGE_NAMES = {"/overview": "the team overview", "/learners": "the page of learners"}
FILTER_NAMES = {"status": "by status", "risk_level": "by risk", "search": "by name"}
STAGES = ("document", "program", "session", "figures")


def summarise(
    viewers: Sequence[Viewer],
    visits: Sequence[Visit],
    filterings: Sequence[Filtering],
    pollings: Sequence[Polling],
) -> dict[str, Any]:
    """Return the figures of a run as JSON."""
    pages = {
        viewer.role: {
            path: _of_visits([v for v in visits if (v.role, v.page) == (viewer.role, path)])
            for path in PAGES
        }
        for viewer in viewers
    }
    filters = {
        viewer.role: {
            name: _of_filterings([f for f in filterings if (f.role, f.name) == (viewer.role, name)])
            for name in FILTER_NAMES
        }
        for viewer in viewers
    }
    first_load = max(visit.loaded_bytes for visit in visits)
    requests = max(polling.requests_per_interval for polling in pollings)
    return {
        "targets": list(_targets(viewers, pages, filters, first_load, requests)),
        "pages": pages,
        "filters": filters,
        "first_load_bytes": first_load,
    }


def _of_visits(visits: Sequence[Visit]) -> dict[str, Any]:
    return {
        "stages_ms": {
            name: round(statistics.median(visit.stages[name] for visit in visits), 1)
            for name in STAGES
        },
        "shown_ms": _median_and_worst(visit.shown_ms for visit in visits),
        "interactive_ms": _median_and_worst(visit.interactive_ms for visit in visits),
    }


def _of_filterings(filterings: Sequence[Filtering]) -> dict[str, Any]:
    return {
        part: _median_and_worst(getattr(filtering, part) for filtering in filterings)
        for part in ("response_ms", "asking_ms", "server_ms", "showing_ms", "pause_ms")
    }


def _targets(
    viewers: Sequence[Viewer],
    pages: dict[str, dict[str, Any]],
    filters: dict[str, dict[str, Any]],
    first_load: int,
    requests: int,
) -> Iterable[dict[str, Any]]:
    """Give each target with what was measured, and whether it is reached."""
    for viewer in viewers:
        sees = f"{viewer.role}, {viewer.learners:,} learners"
        for path, name in PAGE_NAMES.items():
            seconds = pages[viewer.role][path]["interactive_ms"]["median"] / 1000
            yield below(f"{name} is interactive, s: {sees}", seconds, INTERACTIVE_SECONDS)
        for name, words in FILTER_NAMES.items():
            milliseconds = filters[viewer.role][name]["response_ms"]["median"]
            yield below(f"the list filtered {words}, ms: {sees}", milliseconds, FILTER_MS)
    yield at_most("first load, compressed, KB", round(first_load / 1024, 1), FIRST_LOAD_KB)
    yield at_most("requests of a tab in a polling interval", requests, REQUESTS)


def _median_and_worst(values: Iterable[float]) -> dict[str, float]:
    found = list(values)
    return {"median": round(statistics.median(found), 1), "worst": round(max(found), 1)}
