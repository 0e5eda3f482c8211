"""What a page asks for while it is left alone."""

from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Request

from bench.dashboard.viewers import Viewer, signed_in
from bench.errors import BenchmarkError

INTERVALS = 5
# A page, and the seconds after which it asks anew.
PAGES = {"/overview": 60, "/learners": 90, "/learners/1": 30}
HEADING = "[data-testid=freshness]"


@dataclass(frozen=True)
class Polling:
    """What was asked for in so many intervals, and how many requests that is in each."""

    page: str
    every_seconds: int
    intervals: int
    requests: int
    requests_per_interval: int


def poll(browser: Browser, base_url: str, viewer: Viewer, path: str) -> Polling:
    """Leave a page alone for some intervals, which pass by its own clock.

    Raises BenchmarkError when something is asked for more often than once an interval.
    """
    with signed_in(browser, base_url, viewer) as context:
        page = context.new_page()
        page.clock.install()
        page.goto(path)
        page.wait_for_selector(HEADING)
        page.wait_for_load_state("networkidle")
        asked: Counter[str] = Counter()

        def note(request: Request) -> None:
            asked[urlsplit(request.url).path] += 1

        page.on("request", note)
        # The intervals of a page are up to a tenth shorter or longer.
        for _ in range(INTERVALS):
            page.clock.run_for(PAGES[path] * 1000)
            page.wait_for_load_state("networkidle")
    often = {name: count for name, count in asked.items() if count > INTERVALS + 1}
    if often or not asked:
        raise BenchmarkError(f"{path} asked in {INTERVALS} intervals for {dict(asked)}")
    return Polling(path, PAGES[path], INTERVALS, asked.total(), len(asked))
