"""The seven checks that the design has a person do by hand, done in the browser.

What a person would wait for by the clock on the wall is in the tests marked `long`.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.ledger import assert_counted_once
from tests.browser.people import PASSWORD, Course, Person, Team
from tests.browser.places import visit
from tests.browser.site import Site, eventually
from tests.browser.tab import Tab, context_at
from tests.faults.proxy import Line, Proxy

# The page gives up on an answer after 20 seconds.
GIVES_UP_MS = 30_000
SHOWN_WITHIN_SECONDS = 90
LONG_TIMEOUT = pytest.mark.timeout(600)


@contextmanager
def api_as(site: Site, person: Person) -> Iterator[httpx.Client]:
    """The API, used by somebody without a browser."""
    with httpx.Client(base_url=site.stack.base_url, trust_env=False, timeout=10) as client:
        credentials = {"username": person.username, "password": PASSWORD}
        access = client.post("/api/auth/token/", json=credentials).json()["access"]
        client.headers["Authorization"] = f"Bearer {access}"
        yield client


def send_pulse(site: Site, person: Person, seconds: int, at: dt.datetime | None = None) -> None:
    """Let a learner learn for some seconds, now or at another time."""
    course = site.people.film
    pulse = {
        "module": course.module_id,
        "resource": course.resource_ids[0],
        "duration_delta": seconds,
        "occurred_at": (at or dt.datetime.now(dt.UTC)).isoformat(),
    }
    with api_as(site, person) as api:
        reply = api.post("/api/tracking/pulses/", json={"pulses": [pulse]})
    assert reply.status_code == 200, reply.text
    assert [row["status"] for row in reply.json()["results"]] == ["recorded"]


@dataclass
class Pair:
    """A learner and the manager who sees them, each in a browser of their own."""

    site: Site
    team: Team
    learner: Tab
    manager: Tab
    # Whether time passes as it does, or by the clocks of the two pages.
    is_real: bool

    def passes(self, tab: Tab, seconds: int) -> None:
        """Let time pass on a page."""
        if self.is_real:
            tab.page.wait_for_timeout(seconds * 1000)
        else:
            tab.page.clock.run_for(seconds * 1000)

    def module_of_the_manager(self, course: Course) -> Locator:
        """What the manager's page says of a module of the learner."""
        modules = self.manager.page.get_by_role("listitem").filter(has_text=course.title)
        return modules.filter(has_text="% done")

    def shown_to_the_manager(self, what: Locator, text: str) -> None:
        """See the page, which nobody touches, say so within 90 seconds."""
        if self.is_real:
            expect(what).to_contain_text(text, timeout=SHOWN_WITHIN_SECONDS * 1000)
            return
        # A refresh of the next few seconds has it, and the page asks at its usual time.
        self.site.refreshed()
        self.passes(self.manager, SHOWN_WITHIN_SECONDS)
        expect(what).to_contain_text(text)


@pytest.fixture(
    params=["quickly", pytest.param("in real time", marks=[pytest.mark.long, LONG_TIMEOUT])]
)
def pair(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Pair]:
    is_real = request.param == "in real time"
    site: Site = request.getfixturevalue("site_by_the_minute" if is_real else "site")
    address = site.stack.base_url
    with context_at(browser, address) as hers, context_at(browser, address) as his:
        team = site.people.team()
        pair = Pair(site, team, Tab.in_(hers), Tab.in_(his), is_real)
        for person, tab in ((team.learner, pair.learner), (team.manager, pair.manager)):
            tab.sign_in(person.username)
            if not is_real:
                tab.page.clock.install()
        visit(pair.manager, f"/learners/{team.learner.id}")
        yield pair
        assert pair.learner.complaints + pair.manager.complaints == []


def test_1_of_60_seconds_of_video_the_manager_sees_60_more_within_90_seconds(pair: Pair) -> None:
    film = pair.site.people.film
    visit(pair.learner, f"/learn/{film.module_id}")
    pair.learner.play()
    pair.passes(pair.learner, 60)
    pair.learner.pause()
    counted = eventually(lambda: pair.site.focus_seconds(pair.team.learner.id), 60)
    assert counted in range(60, 62), f"{counted} s"

    module = pair.module_of_the_manager(film)
    pair.shown_to_the_manager(module, "1 min focus")


def test_2_a_module_that_is_completed_is_shown_so_within_90_seconds(pair: Pair) -> None:
    reader = pair.site.people.reader
    visit(pair.learner, f"/learn/{reader.module_id}")
    for resource in ("Video 1", "Video 2"):
        pair.learner.page.get_by_role("button", name=resource).click()
        pair.learner.page.get_by_role("button", name="Mark as done").click()
        expect(pair.learner.shown("resource-standing")).to_contain_text("Done")
    expect(pair.learner.shown("module-progress")).to_contain_text("100 %")

    module = pair.module_of_the_manager(reader)
    pair.shown_to_the_manager(module, "Completed")


def test_3_a_learner_who_was_inactive_for_73_hours_is_shown_as_inactive(
    tab: Tab, site: Site
) -> None:
    team = site.people.team()
    send_pulse(site, team.learner, 60, at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=73))
    site.refreshed()

    tab.sign_in(team.manager.username, then="/learners")
    row = tab.page.get_by_role("row").filter(has_text=team.learner.username)
    expect(row).to_contain_text("Inactive")

    tab.page.goto("/overview")
    expect(tab.shown("figure-inactive_72h")).to_contain_text("1")


def test_4_a_pulse_that_the_network_loses_is_sent_again_and_the_next_one_comes_through(
    tab: Tab, site: Site, network: Proxy
) -> None:
    """The design allows the pulse to be lost; here it is kept, and counted once."""
    team = site.people.team()
    tab.sign_in(team.learner.username)
    tab.page.clock.install()
    visit(tab, f"/learn/{site.people.film.module_id}")
    tab.play()

    network.line = Line.DOWN
    tab.page.clock.run_for(16_000)
    expect(tab.shown("pulses-waiting")).to_be_visible()
    assert site.focus_seconds(team.learner.id) == 0

    network.line = Line.UP
    tab.page.clock.run_for(15_000)
    tab.pause()
    assert_counted_once(site, team.learner, tab, least=31)
    expect(tab.shown("pulses-waiting")).to_have_count(0)


def test_5_a_manager_who_refreshes_sees_newer_data_with_a_newer_time(tab: Tab, site: Site) -> None:
    team = site.people.team()
    tab.sign_in(team.manager.username)
    freshness = tab.shown("freshness")
    expect(tab.shown("figure-avg_focus_mins")).to_have_text("No data")

    with site.without("beat"):
        # One of the last five seconds would do for everybody who asks.
        site.age_figures(dt.timedelta(seconds=30))
        tab.page.reload()
        expect(freshness).to_be_visible()
        before = freshness.get_attribute("data-refresh-id")
        time_before = freshness.locator("time").get_attribute("datetime")
        send_pulse(site, team.learner, 300)
        tab.page.get_by_role("button", name="Refresh").click()
        expect(tab.shown("figure-avg_focus_mins")).to_contain_text("5")

    after = freshness.get_attribute("data-refresh-id")
    time_after = freshness.locator("time").get_attribute("datetime")
    assert before is not None
    assert after is not None
    assert int(after) > int(before)
    assert time_before is not None
    assert time_after is not None
    assert time_after > time_before


def test_6_data_older_than_two_minutes_carries_a_warning(tab: Tab, site: Site) -> None:
    with site.without("beat"):
        site.refreshed()
        tab.sign_in("manager", "demo")
        expect(tab.shown("freshness")).to_have_attribute("data-status", "fresh")
        expect(tab.shown("stale")).to_have_count(0)

        site.age_figures(dt.timedelta(seconds=121))
        tab.page.reload()
        expect(tab.shown("stale")).to_be_visible()
        expect(tab.shown("freshness")).to_have_attribute("data-status", "stale")
        assert tab.age_seconds() >= 120

        site.age_figures(dt.timedelta(seconds=180))
        tab.page.reload()
        expect(tab.shown("outdated")).to_contain_text("Data may be outdated")
        assert tab.age_seconds() >= 300

    site.refreshed()
    tab.page.reload()
    expect(tab.shown("freshness")).to_have_attribute("data-status", "fresh")
    expect(tab.shown("outdated")).to_have_count(0)


def test_7_an_api_that_does_not_answer_is_told_and_the_last_data_stays(
    tab: Tab, site: Site, network: Proxy
) -> None:
    tab.sign_in("manager", "demo")
    tab.settled()
    figures = tab.page.get_by_role("main")
    shown = {
        name: tab.shown(f"figure-{name}").inner_text()
        for name in ("active_24h", "inactive_72h", "avg_focus_mins", "at_risk_count")
    }

    network.line = Line.SILENT
    tab.page.get_by_role("button", name="Refresh").click()
    expect(figures).to_contain_text("did not answer in time", timeout=GIVES_UP_MS)
    for name, text in shown.items():
        expect(tab.shown(f"figure-{name}")).to_have_text(text, use_inner_text=True)

    network.line = Line.UP
    tab.page.get_by_role("button", name="Refresh").click()
    expect(figures).not_to_contain_text("did not answer in time")
