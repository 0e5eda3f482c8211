"""A manager gives a module to several learners at once."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.places import visit
from tests.browser.site import Site
from tests.browser.tab import Tab

ASSIGNED = """
    select count(*)::int as count, count(distinct due_at)::int as due_dates
    from tracking_assignment where module_id = %(module)s and user_id = any(%(learners)s)
"""


@pytest.fixture
def learners(tab: Tab, site: Site) -> list[int]:
    """Who is on the manager's first page, in its order."""
    tab.sign_in("manager", "demo")
    visit(tab, "/learners?ordering=-engagement_score")
    links = tab.page.get_by_role("rowheader").get_by_role("link").all()
    return [int((link.get_attribute("href") or "").rsplit("/", 1)[1]) for link in links]


def test_a_module_is_given_to_those_who_are_chosen_by_keyboard_alone(
    tab: Tab, site: Site, learners: list[int]
) -> None:
    module = site.people.reader
    page = tab.page
    choose_all = page.get_by_role("checkbox", name="Choose all on this page")
    choose_all.focus()
    page.keyboard.press("Space")
    expect(tab.shown("chosen-count")).to_have_text(f"{len(learners)} learners chosen")
    first = page.get_by_role("row").nth(1).get_by_role("checkbox")
    first.focus()
    page.keyboard.press("Space")
    expect(tab.shown("chosen-count")).to_have_text(f"{len(learners) - 1} learners chosen")
    assert choose_all.evaluate("box => box.indeterminate")
    assert violations(page) == []

    open_form = page.get_by_role("button", name="Assign a module")
    open_form.focus()
    page.keyboard.press("Enter")
    expect(tab.shown("assign-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(open_form).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_label("Module (required)").select_option(module.title)
    page.get_by_label("Due").fill("2030-03-01T09:30")
    assert violations(page) == []
    page.get_by_role("button", name="Assign", exact=True).focus()
    page.keyboard.press("Enter")

    results = tab.shown("assign-results")
    expect(results.get_by_role("listitem")).to_have_count(len(learners) - 1)
    expect(results).to_contain_text(f"{len(learners) - 1} learners assigned")
    expect(results.get_by_role("button", name="Close").last).to_be_focused()
    assert violations(page) == []
    page.keyboard.press("Enter")
    expect(tab.shown("chosen-count")).to_have_count(0)
    (given,) = site.rows(ASSIGNED, module=module.module_id, learners=learners)
    assert given == {"count": len(learners) - 1, "due_dates": 1}
    (left_out,) = site.rows(ASSIGNED, module=module.module_id, learners=learners[:1])
    assert left_out["count"] == 0
