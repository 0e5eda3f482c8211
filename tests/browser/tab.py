"""One tab of Chromium, and all that it complained about."""

import re
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, expect

from tests.browser.people import PASSWORD

# The browser says so of every answer that is no success, and of every cut connection.
NETWORK_NOISE = "Failed to load resource"
UNIT_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}


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

    def age_seconds(self) -> int:
        """How old the page says that its figures are, at least: it says whole units."""
        said = self.shown("age").inner_text()
        found = re.fullmatch(r"(\d+) (second|minute|hour|day)s? ago", said)
        assert found, said
        return int(found[1]) * UNIT_SECONDS[found[2]]
