"""How much the pages load, and how often they ask."""

from collections import Counter

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser import places
from tests.browser.places import visit
from tests.browser.site import Site
from tests.browser.tab import Tab

FIRST_LOAD_BYTES = 150 * 1024
LOADED = """
() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .filter(({ name }) => !name.includes("/api/"))
  .map(({ name, encodedBodySize, decodedBodySize }) => [name, encodedBodySize, decodedBodySize])
"""
MOST_REQUESTS = 3
ROUNDS = 4
# Playwright has every tab count as looked at, also one behind another or in a minimised window, and
# no command of the debugger's protocol takes that back. So the page is told by its own property and
# event, as a browser tells it.
TURN = """
(visibility) => {
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => visibility });
  document.dispatchEvent(new Event("visibilitychange"));
}
"""


@pytest.mark.parametrize("signed_in", [False, True], ids=["sign-in page", "overview"])
def test_the_first_load_is_at_most_150_kilobytes(tab: Tab, site: Site, signed_in: bool) -> None:
    if signed_in:
        tab.sign_in("manager", "demo")
    visit(tab, "/")

    loaded = tab.page.evaluate(LOADED)
    scripts = [(sent, whole) for name, sent, whole in loaded if name.endswith((".js", ".css"))]
    assert scripts
    assert [(sent, whole) for sent, whole in scripts if whole > 1024 and sent >= whole] == []
    assert sum(sent for _, sent, _ in loaded) <= FIRST_LOAD_BYTES


@pytest.mark.parametrize(
    ("place", "every_seconds"),
    [(0, 60), (1, 90), (3, 30)],
    ids=["overview", "learners", "learner"],
)
def test_a_page_asks_at_its_interval_for_three_things_at_most(
    context: BrowserContext, tab: Tab, site: Site, place: int, every_seconds: int
) -> None:
    path = places.of_a_manager(site)[place]
    tab.sign_in("manager", "demo")
    tab.page.clock.install()
    visit(tab, path)
    before = len(tab.asked)

    tab.page.clock.run_for(ROUNDS * every_seconds * 1000)
    tab.page.wait_for_load_state("networkidle")
    asked = Counter(one.path for one in tab.asked[before:] if "/analytics/" in one.path)

    assert 1 <= len(asked) <= MOST_REQUESTS, asked
    # Each interval is up to a tenth shorter or longer.
    assert set(asked.values()) <= {ROUNDS - 1, ROUNDS, ROUNDS + 1}, asked


def test_a_page_without_a_network_asks_for_nothing_and_says_so(
    context: BrowserContext, tab: Tab, site: Site
) -> None:
    tab.sign_in("manager", "demo")
    tab.page.clock.install()
    visit(tab, "/overview")
    figure = tab.shown("figure-active_24h").inner_text()

    context.set_offline(True)
    expect(tab.shown("offline")).to_be_visible()
    before = len(tab.asked)
    tab.page.clock.run_for(400_000)
    assert tab.asked[before:] == []
    expect(tab.shown("figure-active_24h")).to_have_text(figure, use_inner_text=True)
    expect(tab.shown("outdated")).to_be_visible()

    context.set_offline(False)
    expect(tab.shown("offline")).to_have_count(0)
    expect(tab.shown("freshness")).to_have_attribute("data-status", "fresh")


def test_a_hidden_tab_asks_for_nothing_and_for_everything_when_it_is_shown_again(
    tab: Tab, site: Site
) -> None:
    tab.sign_in("manager", "demo")
    tab.page.clock.install()
    visit(tab, "/overview")

    tab.page.evaluate(TURN, "hidden")
    before = len(tab.asked)
    tab.page.clock.run_for(600_000)
    tab.page.wait_for_load_state("networkidle")
    assert tab.asked[before:] == []

    tab.page.evaluate(TURN, "visible")
    tab.page.clock.run_for(1)
    expect(tab.shown("freshness")).to_have_attribute("data-status", "fresh")
    tab.page.wait_for_load_state("networkidle")
    asked = Counter(one.path for one in tab.asked[before:] if "/analytics/" in one.path)
    assert asked == {
        f"/api/analytics/manager/{name}/": 1 for name in ("team-summary", "breakdown", "trends")
    }


def test_a_tab_that_is_shown_again_before_its_time_asks_at_its_time(tab: Tab, site: Site) -> None:
    tab.sign_in("manager", "demo")
    tab.page.clock.install()
    visit(tab, "/overview")
    before = len(tab.asked)

    for visibility in ("hidden", "visible"):
        tab.page.evaluate(TURN, visibility)
        tab.page.clock.run_for(20_000)
    assert tab.asked[before:] == []

    tab.page.clock.run_for(30_000)
    tab.page.wait_for_load_state("networkidle")
    assert len([one for one in tab.asked[before:] if "/analytics/" in one.path]) == 3
