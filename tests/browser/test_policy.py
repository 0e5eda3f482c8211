"""Every page of the product works within its Content-Security-Policy.

What breaks it is an error on the browser's console, which the fixture `tab` lets no page have:
`test_accessibility` visits all pages of the dashboard, this file the others.
"""

from playwright.sync_api import expect

from tests.browser import places
from tests.browser.places import visit
from tests.browser.site import Site
from tests.browser.tab import Tab

ADMIN_PAGES = [
    "",
    "tracking/user/",
    "tracking/user/add/",
    "tracking/module/1/change/",
    "analytics/policy/",
    "analytics/policy/1/change/",
]


def test_what_breaks_the_policy_is_heard(tab: Tab, site: Site) -> None:
    visit(tab, places.SIGN_IN)
    tab.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<i style=\"top: 0\"></i>')")
    tab.page.wait_for_timeout(100)

    (complaint,) = tab.complaints
    tab.complaints.clear()
    assert "Content Security Policy" in complaint


def test_a_film_and_what_counts_it(tab: Tab, site: Site) -> None:
    tab.sign_in("learner", "demo", then=f"/learn/{site.people.film.module_id}")
    tab.play()


def test_the_page_that_tries_the_api(tab: Tab, site: Site) -> None:
    tab.page.goto("/api/docs/")
    tab.page.locator("#operations-auth-auth_token_create").get_by_role("button").first.click()
    expect(tab.page.get_by_role("button", name="Try it out")).to_be_visible()


def test_the_admin_site(tab: Tab, site: Site) -> None:
    tab.page.goto("/admin/")
    tab.page.get_by_label("Username").fill("admin")
    tab.page.get_by_label("Password").fill("demo")
    tab.page.get_by_role("button", name="Log in").click()
    for path in ADMIN_PAGES:
        response = tab.page.goto(f"/admin/{path}")
        assert response is not None
        assert response.status == 200, path
        tab.page.wait_for_load_state("networkidle")
