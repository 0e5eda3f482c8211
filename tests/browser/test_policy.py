"""Every page of the product works within its Content-Security-Policy."""

from tests.browser.site import Site
from tests.browser.tab import Tab


def test_the_sign_in_page(tab: Tab, site: Site) -> None:
    tab.page.goto("/")
    tab.settled()
    assert tab.page.url.endswith("/sign-in")


def test_the_overview(tab: Tab, site: Site) -> None:
    tab.sign_in("manager", "demo")
    tab.settled()


def test_the_api_can_be_tried(tab: Tab, site: Site) -> None:
    tab.page.goto("/api/docs/")
    tab.page.get_by_text("/api/auth/token/", exact=True).first.wait_for()
    tab.page.get_by_text("/api/auth/token/", exact=True).first.click()


ADMIN_PAGES = [
    "",
    "tracking/user/",
    "tracking/user/add/",
    "tracking/module/1/change/",
    "analytics/policy/",
    "analytics/policy/1/change/",
]


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
