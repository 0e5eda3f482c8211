"""Everybody can use every page: with other eyes, without a mouse, on a small screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser import places
from tests.browser.axe import violations
from tests.browser.people import PASSWORD
from tests.browser.places import visit
from tests.browser.site import Site
from tests.browser.tab import Tab

NARROW = {"width": 360, "height": 740}
WIDE = {"width": 1280, "height": 900}
MOST_TABS = 80

FOCUSED = """
() => {
  const at = document.activeElement;
  const name = at.getAttribute("aria-label")
    ?? (at.labels?.length ? at.labels[0].textContent : at.textContent);
  return name.trim();
}
"""
FOCUS_IS_SEEN = """
() => {
  const style = getComputedStyle(document.activeElement);
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  return ring || style.boxShadow !== "none";
}
"""
OVERHANG = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def faults_of(tab: Tab, paths: list[str]) -> dict[str, list[str]]:
    """What is wrong with each of the pages that has something wrong with it."""
    faults = {}
    for path in paths:
        tab.page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        visit(tab, path)
        found = violations(tab.page)
        tab.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        overhang = tab.page.evaluate(OVERHANG)
        if overhang > 0:
            found.append(f"{overhang} pixels are out of sight at a width of {NARROW['width']}")
        if found:
            faults[path] = found
    return faults


def test_axe_finds_what_is_wrong_with_a_page(tab: Tab) -> None:
    tab.page.set_content("<p style='color: #ccc; background: #fff'>Hardly to be read</p>")

    assert any(line.startswith("color-contrast at p: ") for line in violations(tab.page))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("person", "paths_of"),
    [("manager", places.of_a_manager), ("learner", places.of_a_learner)],
    ids=["manager", "learner"],
)
def test_axe_finds_nothing_and_360_pixels_are_enough(
    tab: Tab, site: Site, person: str, paths_of: Callable[[Site], list[str]], theme: str
) -> None:
    tab.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    faults = faults_of(tab, [places.SIGN_IN])
    tab.page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    tab.sign_in(person, "demo")
    faults |= faults_of(tab, paths_of(site))

    assert faults == {}


def press_tab_until(tab: Tab, name: str) -> None:
    """Move on by the Tab key, as somebody without a mouse does, and see where one is."""
    passed = []
    for _ in range(MOST_TABS):
        tab.page.keyboard.press("Tab")
        passed.append(tab.page.evaluate(FOCUSED))
        if passed[-1] == name:
            assert tab.page.evaluate(FOCUS_IS_SEEN), f"{name} has the focus, and nobody sees it"
            return
    raise AssertionError(f"the Tab key did not lead to {name}, but to {passed}")


def test_the_keyboard_is_enough_to_sign_in_and_to_get_about(tab: Tab, site: Site) -> None:
    team = site.people.team()
    tab.page.goto("/")
    expect(tab.page.get_by_label("User name")).to_be_visible()

    press_tab_until(tab, "User name")
    tab.page.keyboard.type(team.manager.username)
    press_tab_until(tab, "Password")
    tab.page.keyboard.type(PASSWORD)
    tab.page.keyboard.press("Enter")
    expect(tab.page.get_by_role("heading", name="Team overview")).to_be_visible()

    press_tab_until(tab, "Learners")
    tab.page.keyboard.press("Enter")
    expect(tab.page.get_by_role("heading", name="Learners", exact=True)).to_be_visible()
    tab.settled()

    press_tab_until(tab, team.learner.full_name)
    tab.page.keyboard.press("Enter")
    expect(tab.page.get_by_role("heading", name=team.learner.full_name)).to_be_visible()

    tab.page.reload()
    tab.settled()
    press_tab_until(tab, "Skip to the content")
    tab.page.keyboard.press("Enter")
    expect(tab.page.get_by_role("main")).to_be_focused()

    tab.page.reload()
    tab.settled()
    press_tab_until(tab, "Sign out")
    tab.page.keyboard.press("Enter")
    expect(tab.page.get_by_role("heading", name="Sign in")).to_be_visible()
