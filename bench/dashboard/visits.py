"""How long it takes until a page can be used, by who sees how much."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser

from bench.dashboard.viewers import Viewer, signed_in

PAGES = ("/overview", "/learners")


@dataclass(frozen=True)
class Visit:
    """Milliseconds since the navigation began.

    `stages` are the ends of what the page waited for, `shown_ms` the first frame with all figures,
    `interactive_ms` the one with the answer to a click that came after it.
    """

    role: str
    page: str
    stages: dict[str, float]
    shown_ms: float
    interactive_ms: float
    loaded_bytes: int


def visit(browser: Browser, base_url: str, viewer: Viewer, path: str) -> Visit:
    """Open a page in a browser that has nothing of it, and click as soon as it is there."""
    with signed_in(browser, base_url, viewer) as context:
        page = context.new_page()
        page.goto(path, wait_until="commit")
        shown: float = page.evaluate("bench.shown")
        target = page.evaluate("bench.target()")
        page.mouse.click(target["x"], target["y"])
        answered: float = page.evaluate("bench.answered")
        stages: dict[str, Any] = page.evaluate("bench.stages", shown)
        return Visit(
            role=viewer.role,
            page=path,
            stages={name: round(at, 1) for name, at in stages.items()},
            shown_ms=round(shown, 1),
            interactive_ms=round(answered, 1),
            loaded_bytes=page.evaluate("bench.loaded()"),
        )
