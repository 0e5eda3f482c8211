"""Each second of learning is counted once, whatever happens to the page, its tabs and its network.

What the page has sent, by the ids of its pulses, is held against the ledger of the database.
"""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
import time_machine
from playwright.sync_api import BrowserContext, Route, expect

from tests.browser.ledger import assert_counted_once
from tests.browser.people import Person
from tests.browser.places import visit
from tests.browser.site import Site, eventually
from tests.browser.tab import PULSES_PATH, Tab
from tests.faults.proxy import Line, Proxy, Side


@pytest.fixture
def learner(site: Site) -> Person:
    return site.people.team().learner


@pytest.fixture
def open_film(context: BrowserContext, site: Site, learner: Person) -> Iterator[Callable[[], Tab]]:
    """Open the film in another tab of the same browser; its clock passes when it is told to."""
    tabs: list[Tab] = []

    def opened() -> Tab:
        tab = Tab.in_(context)
        path = f"/learn/{site.people.film.module_id}"
        if not tabs:
            tab.sign_in(learner.username, then=path)
        tab.page.clock.install()
        visit(tab, path)
        tabs.append(tab)
        return tab

    yield opened
    assert [line for tab in tabs for line in tab.complaints] == []


def test_a_reload_after_lost_replies_counts_everything_once(
    open_film: Callable[[], Tab], site: Site, learner: Person, network: Proxy
) -> None:
    tab = open_film()
    tab.play()
    # What was under way is over, and the next connection loses its reply after the commit.
    network.line = Line.DOWN
    tab.page.wait_for_timeout(300)
    network.line = Line.UP
    network.cut(Side.REPLY, after=1)
    tab.page.clock.run_for(16_000)
    assert eventually(lambda: site.focus_seconds(learner.id), 15) >= 15

    tab.reload()
    tab.play()
    tab.page.clock.run_for(20_000)
    tab.pause()
    assert_counted_once(site, learner, tab, least=35)
    assert max(tab.tries.values()) > 1, "no reply was lost"


def test_time_without_a_network_is_counted_when_it_is_back(
    context: BrowserContext, open_film: Callable[[], Tab], site: Site, learner: Person
) -> None:
    tab = open_film()
    tab.play()
    tab.page.clock.run_for(15_000)
    context.set_offline(True)
    tab.page.clock.run_for(120_000)
    expect(tab.shown("offline")).to_be_visible()
    tab.pause()
    assert site.focus_seconds(learner.id) <= 17

    context.set_offline(False)
    assert_counted_once(site, learner, tab, least=135)


def test_two_tabs_count_each_for_itself_and_send_nothing_twice(
    open_film: Callable[[], Tab], site: Site, learner: Person
) -> None:
    tabs = [open_film(), open_film()]
    for tab in tabs:
        tab.play()
    for _ in range(4):
        for tab in tabs:
            tab.page.clock.run_for(10_000)
    for tab in tabs:
        tab.pause()
    assert_counted_once(site, learner, *tabs, least=80)


def test_a_token_that_has_expired_is_renewed_and_the_pulse_sent_again(
    context: BrowserContext, open_film: Callable[[], Tab], site: Site, learner: Person
) -> None:
    with time_machine.travel(dt.datetime.now(dt.UTC) - dt.timedelta(days=1)):
        expired = learner.access_token
    refused: list[str] = []

    def age_the_first(route: Route) -> None:
        if refused:
            route.continue_()
        else:
            refused.append(route.request.url)
            headers = {**route.request.headers, "authorization": f"Bearer {expired}"}
            route.continue_(headers=headers)

    tab = open_film()
    context.route(f"**{PULSES_PATH}", age_the_first)
    tab.play()
    tab.page.clock.run_for(16_000)
    tab.pause()
    assert_counted_once(site, learner, tab, least=16)
    assert refused != []
    asked = [one.path for one in tab.asked]
    first = asked.index(PULSES_PATH)
    assert "/api/auth/token/refresh/" in asked[first:]
    expect(tab.shown("session-expired")).to_have_count(0)
