"""How long the list of learners takes to follow a filter, and whose time that is."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page

from bench.dashboard.viewers import Viewer, signed_in
from bench.errors import BenchmarkError

# Between two keys, in milliseconds: somebody who types fast.
KEY_MS = 60
SEARCH = "Search by name"
SELECTS = {"status": "Status", "risk_level": "Risk"}
# By the name of the parameter: all values of the two filters, and texts that match one learner, a
# tenth or so of them, all, and nobody.
CHOICES = (
    *(("status", value) for value in ("active", "idle", "inactive", "not_started")),
    *(("risk_level", value) for value in ("High", "Medium", "Low")),
    *(("search", value) for value in ("learner-0000042", "7", "learner", "no such person")),
)


@dataclass(frozen=True)
class Filtering:
    """Milliseconds from the choice, or from the last key, to the frame with the new rows.

    `pause_ms` is what the page waits for another key before it asks, and no part of the response.
    That is made of the page's work until it asks, the server's from the request to the first byte
    of the answer, and the page's with the answer.
    """

    role: str
    name: str
    value: str
    matches: str
    pause_ms: float
    response_ms: float
    asking_ms: float
    server_ms: float
    showing_ms: float


def filter_list(browser: Browser, base_url: str, viewer: Viewer) -> list[Filtering]:
    """Choose each filter once, one after the other, each time from the whole list."""
    with signed_in(browser, base_url, viewer) as context:
        page = context.new_page()
        page.goto("/learners", wait_until="commit")
        page.evaluate("bench.shown")
        found = []
        for name, value in CHOICES:
            times = _choose(page, name, value)
            if times is None:
                raise BenchmarkError(f"the page did not ask for {name}={value}")
            _choose(page, name, "")
            found.append(_filtering(viewer, name, value, times))
        return found


def _choose(page: Page, name: str, value: str) -> dict[str, Any] | None:
    """Choose as a person does; None if the page had the rows already."""
    page.evaluate("([name, value]) => { bench.next = bench.filtered(name, value); }", [name, value])
    if name == "search":
        field = page.get_by_label(SEARCH)
        field.focus()
        if value:
            page.keyboard.type(value, delay=KEY_MS)
        else:
            page.keyboard.press("ControlOrMeta+A")
            page.keyboard.press("Delete")
    else:
        page.get_by_label(SELECTS[name], exact=True).select_option(value)
    times: dict[str, Any] | None = page.evaluate("bench.next")
    return times


def _filtering(viewer: Viewer, name: str, value: str, times: dict[str, Any]) -> Filtering:
    # What the page does before it asks cannot be told from the pause; it is little beside it.
    begun = times["sentAt"] if name == "search" else times["chosenAt"]
    return Filtering(
        role=viewer.role,
        name=name,
        value=value,
        matches=times["matches"],
        pause_ms=round(begun - times["chosenAt"], 1),
        response_ms=round(times["shownAt"] - begun, 1),
        asking_ms=round(times["requestAt"] - begun, 1),
        server_ms=round(times["responseAt"] - times["requestAt"], 1),
        showing_ms=round(times["shownAt"] - times["responseAt"], 1),
    )
