"""A whole run: the data, then visits and filters in turns, then polling, and the summary."""

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench.dashboard.filters import Filtering, filter_list
from bench.dashboard.polling import PAGES as POLLED
from bench.dashboard.polling import poll
from bench.dashboard.summary import summarise
from bench.dashboard.viewers import Viewer, viewers_of
from bench.dashboard.visits import PAGES, Visit, visit
from bench.errors import BenchmarkError
from bench.machine import machine_facts
from bench.refresh.population import Population, bulk_server
from bench.servers import (
    Application,
    connect,
    environment_of,
    own_services,
    run_python,
    running_webs,
)
from frontend.chromium import NoChromium, launch

# Learners who have sent pulses since the last full recomputation, in percent.
TOUCHED_PERCENT = 2
# A refresh may take its time here.
PRODUCT_SETTINGS = {"REFRESH_STATEMENT_TIMEOUT_MS": "3600000"}
# Nothing is kept: every answer is the first of its kind since the refresh.
ANEW = Application(environment={"ANSWER_MEMORY_MB": "0"})


@dataclass(frozen=True)
class Settings:
    """How much there is of everything."""

    home: Path
    size: str
    learners: int
    rounds: int


def run(settings: Settings, *, command: str, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure everything; the result is JSON.

    Raises BenchmarkError, EmbeddedServiceError and Playwright's errors.
    """
    started_at = dt.datetime.now(dt.UTC)
    say("Starting PostgreSQL and Valkey ...")
    with own_services(settings.home) as services:
        services.start_valkey()
        environment = environment_of(services, REDIS_URL=services.redis_url, **PRODUCT_SETTINGS)
        run_python(["manage.py", "deploy"], environment)
        population = Population(services.database_url, settings.learners, started_at)
        with connect(services) as connection:
            machine = machine_facts(connection, settings.home)
            say(f"Making {settings.learners:,} learners ...")
            with bulk_server(connection):
                population.make()
            say("Computing their figures ...")
            run_python(["manage.py", "refresh", "--base"], environment)
            population.touch(TOUCHED_PERCENT, shift=0)
            connection.execute("vacuum (analyze)")
            viewers = viewers_of(population, connection, environment)

            def refresh() -> None:
                run_python(["manage.py", "refresh"], environment)

            with running_webs({"web": ANEW}, services, environment) as webs:
                base_url = f"http://127.0.0.1:{webs['web'].port}"
                with sync_playwright() as playwright:
                    browser = _launched(playwright.chromium)
                    machine["Chromium"] = browser.version
                    rounds = _Rounds(browser, base_url, viewers, refresh, say)
                    rounds.measure(settings.rounds)
                    refresh()
                    pollings = [poll(browser, base_url, viewers[0], path) for path in POLLED]
                    browser.close()
    return {
        "started_at": started_at.isoformat(timespec="seconds"),
        "command": command,
        "machine": machine,
        "settings": {
            "size": settings.size,
            "learners": settings.learners,
            "rounds": settings.rounds,
        },
        "viewers": [asdict(viewer) for viewer in viewers],
        "visits": [asdict(one) for one in rounds.visits],
        "filterings": [asdict(one) for one in rounds.filterings],
        "pollings": [asdict(one) for one in pollings],
        "summary": summarise(viewers, rounds.visits, rounds.filterings, pollings),
    }


class _Rounds:
    """Each round opens every page once as everybody, and chooses every filter once."""

    def __init__(
        self,
        browser: Browser,
        base_url: str,
        viewers: list[Viewer],
        refresh: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        self._browser, self._base_url = browser, base_url
        self._viewers = viewers
        self._refresh, self._say = refresh, say
        self.visits: list[Visit] = []
        self.filterings: list[Filtering] = []

    def measure(self, rounds: int) -> None:
        # What each web process and the browser do the first time they are used is not to count.
        self._round()
        self.visits.clear()
        self.filterings.clear()
        for number in range(1, rounds + 1):
            self._say(f"Round {number} of {rounds} ...")
            self._round()

    def _round(self) -> None:
        self._refresh()
        for viewer in self._viewers:
            for path in PAGES:
                one = visit(self._browser, self._base_url, viewer, path)
                self.visits.append(one)
                self._say(
                    f"  {viewer.role:8} {path:10}  shown {one.shown_ms:>8.1f} ms"
                    f"  interactive {one.interactive_ms:>8.1f} ms"
                )
            found = filter_list(self._browser, self._base_url, viewer)
            self.filterings += found
            for filtering in found:
                self._say(
                    f"  {viewer.role:8} {filtering.name:10} {filtering.value:16}"
                    f"  {filtering.response_ms:>8.1f} ms: {filtering.asking_ms:.1f}"
                    f" + {filtering.server_ms:.1f} + {filtering.showing_ms:.1f}"
                )


def _launched(chromium: Any) -> Browser:
    try:
        return launch(chromium)
    except NoChromium as reason:
        raise BenchmarkError(str(reason)) from reason
