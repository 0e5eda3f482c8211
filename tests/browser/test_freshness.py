"""What is shown is never shown as newer than it is."""

import datetime as dt
import time

import pytest
from playwright.sync_api import expect

from tests.browser.people import Team
from tests.browser.site import REFRESH_SECONDS, Site
from tests.browser.tab import UNIT_SECONDS, Tab

# An answer carries whole seconds, and takes a moment to arrive.
SLACK_SECONDS = 2
# In the order in which they follow each other.
STATUS_FROM = {"fresh": 0, "stale": 120, "outdated": 300}


def assert_not_younger(tab: Tab) -> str:
    """Hold what the page says against the time of the figures; return the status it shows."""
    freshness = tab.shown("freshness")
    computed_at = dt.datetime.fromisoformat(
        freshness.locator("time").get_attribute("datetime") or "missing"
    )
    said = tab.age_seconds()
    status = freshness.get_attribute("data-status") or "missing"
    # The page was asked first, so the true age is no less than what it may have said.
    true = (dt.datetime.now(dt.UTC) - computed_at).total_seconds()
    unit = max(size for size in UNIT_SECONDS.values() if size <= max(said, 1))
    assert said > true - unit - SLACK_SECONDS, f"{true:.1f} s old figures are said to be {said} s"
    least = [name for name, seconds in STATUS_FROM.items() if true - SLACK_SECONDS > seconds]
    assert status in list(STATUS_FROM)[len(least[1:]) :], f"{true:.1f} s old is called {status}"
    return status


@pytest.fixture
def team(site: Site) -> Team:
    return site.people.team()


def test_figures_that_come_and_go_are_as_old_as_they_say(tab: Tab, site: Site, team: Team) -> None:
    tab.sign_in(team.manager.username)
    ends = time.monotonic() + REFRESH_SECONDS + 1
    while time.monotonic() < ends:
        assert assert_not_younger(tab) == "fresh"
        time.sleep(0.2)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_figures_that_nobody_refreshes_grow_old_before_ones_eyes(
    tab: Tab, site: Site, team: Team
) -> None:
    tab.sign_in(team.manager.username)
    with site.without("beat"):
        tab.page.reload()
        expect(tab.shown("freshness")).to_be_visible()
        seen = [assert_not_younger(tab)]
        ends = time.monotonic() + STATUS_FROM["outdated"] + 30
        while time.monotonic() < ends and seen[-1] != "outdated":
            status = assert_not_younger(tab)
            if status != seen[-1]:
                seen.append(status)
            time.sleep(1)

    assert seen == ["fresh", "stale", "outdated"]
    expect(tab.shown("freshness")).to_have_attribute("data-status", "fresh", timeout=90_000)
