from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.browser.chromium import NoChromium, launch
from tests.browser.people import People
from tests.browser.site import REFRESH_SECONDS, Site
from tests.browser.tab import Tab
from tests.faults.proxy import Proxy
from tests.flows.running_stack import stack_in

# How long a person may have to wait for what is on its way; the machine may be busy.
PATIENCE_MS = 15_000


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
    with stack_in(tmp_path_factory.mktemp("browser"), given) as stack:
        stack.start()
        site = Site(stack, People.on(stack))
        site.stop("simulator")
        yield site


@pytest.fixture
def network(site: Site) -> Iterator[Proxy]:
    """What lies between the browser and the site."""
    with Proxy(site.stack.port) as network:
        yield network


@pytest.fixture
def context(browser: Browser, network: Proxy) -> Iterator[BrowserContext]:
    """A browser that nobody has used yet."""
    with ExitStack() as closing:
        context = browser.new_context(
            base_url=network.base_url, viewport={"width": 1280, "height": 900}
        )
        closing.callback(context.close)
        context.set_default_timeout(PATIENCE_MS)
        yield context


@pytest.fixture
def tab(context: BrowserContext) -> Iterator[Tab]:
    """A tab of it, which has nothing to complain about all along."""
    tab = Tab.in_(context)
    yield tab
    assert tab.complaints == []
