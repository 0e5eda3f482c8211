"""One tab of Chromium, and all that it complained about."""

import contextlib
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    ViewportSize,
    expect,
)

from tests.browser.people import PASSWORD

# The browser says so of every answer that is no success, and of every cut connection.
NETWORK_NOISE = "Failed to load resource"
PULSES_PATH = "/api/tracking/pulses/"
PLAYS = """
() => {
  const { paused, currentTime, readyState } = document.querySelector("video");
  return !paused && currentTime > 0 && readyState > HTMLMediaElement.HAVE_CURRENT_DATA;
}
"""
UNIT_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}


# How long a person may have to wait for what is on its way; the machine may be busy.
PATIENCE_MS = 15_000


@contextlib.contextmanager
def context_at(browser: Browser, base_url: str) -> Iterator[BrowserContext]:
    """A browser that nobody has used yet, at the given address."""
    size: ViewportSize = {"width": 1280, "height": 900}
    context = browser.new_context(base_url=base_url, viewport=size)
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield context
    finally:
        context.close()


@dataclass(frozen=True)
class Asked:
    """A request of the page, with the seconds of a monotonic clock."""

    at: float
    method: str
    path: str


@dataclass
class Tab:
    """A page that signs people in and finds things by what they are to a person."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    # The seconds of each pulse that the page has sent, by its id, however often.
    pulses: dict[str, int] = field(default_factory=dict)
    tries: Counter[str] = field(default_factory=Counter)
    # From when until when a film played, in seconds of the page's own clock.
    watches: list[tuple[float, float | None]] = field(default_factory=list)

    @classmethod
    def in_(cls, context: BrowserContext) -> "Tab":
        tab = cls(context.new_page())
        tab.page.on("console", tab._hear)
        tab.page.on("pageerror", lambda error: tab.complaints.append(f"uncaught: {error}"))
        tab.page.on("request", tab._note)
        return tab

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and NETWORK_NOISE not in message.text:
            self.complaints.append(f"{message.type}: {message.text}")

    def _note(self, request: Request) -> None:
        path = urlsplit(request.url).path
        self.asked.append(Asked(time.monotonic(), request.method, path))
        if path == PULSES_PATH:
            for pulse in json.loads(request.post_data or "{}").get("pulses", []):
                self.pulses[pulse["pulse_id"]] = pulse["duration_delta"]
                self.tries[pulse["pulse_id"]] += 1

    def sign_in(self, username: str, password: str = PASSWORD, then: str = "/") -> None:
        """Sign in by the form and wait until the page behind it is there."""
        self.page.goto(then)
        self.page.get_by_label("User name").fill(username)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("navigation", name="Main")).to_be_visible()

    def shown(self, test_id: str) -> Locator:
        return self.page.get_by_test_id(test_id)

    def settled(self) -> None:
        """Wait until the page shows what it is about, and asks for nothing any more."""
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()
        expect(self.shown("loading")).to_have_count(0)
        self.page.wait_for_load_state("networkidle")

    def play(self) -> None:
        """Start the film of the page by its own controls, and see that it plays."""
        self.page.locator("video").focus()
        self.page.keyboard.press("Space")
        self.page.wait_for_function(PLAYS)
        self.watches.append((self._clock_seconds(), None))

    def pause(self) -> None:
        self.page.locator("video").focus()
        self.page.keyboard.press("Space")
        self.page.wait_for_function("document.querySelector('video').paused")
        self._end_watch()

    def reload(self) -> None:
        """Load the page anew, which ends whatever plays."""
        if self.watches and self.watches[-1][1] is None:
            self._end_watch()
        self.page.reload()
        self.settled()

    def _end_watch(self) -> None:
        began, _ = self.watches.pop()
        self.watches.append((began, self._clock_seconds()))

    def _clock_seconds(self) -> float:
        return float(self.page.evaluate("performance.now() / 1000"))

    def age_seconds(self) -> int:
        """How old the page says that its figures are, at least: it says whole units."""
        said = self.shown("age").inner_text()
        found = re.fullmatch(r"(\d+) (second|minute|hour|day)s? ago", said)
        assert found, said
        return int(found[1]) * UNIT_SECONDS[found[2]]
