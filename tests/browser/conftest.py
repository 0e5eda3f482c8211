from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from frontend.chromium import NoChromium, launch
from tests.browser.site import REFRESH_SECONDS, Site, site_in
from tests.browser.tab import PATIENCE_MS, Tab, context_at
from tests.faults.proxy import Proxy


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run these last: from Playwright's start to its end Django's database is out of reach."""
    items.sort(key=lambda item: "tests/browser/" in item.nodeid)
    for item in items:
        if "tests/browser/" in item.nodeid and item.get_closest_marker("timeout") is None:
            # The first one installs the browser and starts the stack.
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright.chromium)
        except NoChromium as reason:
            pytest.skip(str(reason))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Everything that `make run` runs, for all browser tests."""
    given = {"REFRESH_INTERVAL_SECONDS": str(REFRESH_SECONDS)}
    with site_in(tmp_path_factory.mktemp("browser"), given) as site:
        yield site


@pytest.fixture(scope="session")
def site_by_the_minute(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The same with its usual pace of refreshes, for tests that are about how long it takes."""
    with site_in(tmp_path_factory.mktemp("minute"), {}) as site:
        yield site


@pytest.fixture
def network(site: Site) -> Iterator[Proxy]:
    """What lies between the browser and the site."""
    with Proxy(site.stack.port) as network:
        yield network


@pytest.fixture
def context(browser: Browser, network: Proxy) -> Iterator[BrowserContext]:
    """A browser that nobody has used yet."""
    with context_at(browser, network.base_url) as context:
        yield context


@pytest.fixture
def tab(context: BrowserContext) -> Iterator[Tab]:
    """A tab of it, which has nothing to complain about all along."""
    tab = Tab.in_(context)
    yield tab
    assert tab.complaints == []
