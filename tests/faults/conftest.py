from collections.abc import Iterator

import pytest
from django.conf import settings

from tests.faults.people import People
from tests.faults.proxy import Proxy
from tests.faults.server import Server
from tests.faults.site import Site


@pytest.fixture(scope="session")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One server for all fault tests, as its start takes seconds."""
    # The same key, so that the tests can sign tokens; the server would refuse them otherwise.
    server = Server(tmp_path_factory.mktemp("faults").resolve(), settings.SECRET_KEY)
    try:
        server.start()
        yield Site(server, People.on(server))
    finally:
        server.stop()


@pytest.fixture(scope="module")
def checked_site(shared_site: Site) -> Iterator[Site]:
    """The same; after each module the invariant holds over everything that was ever sent."""
    yield shared_site
    assert shared_site.violations_ever() == []


@pytest.fixture
def site(checked_site: Site) -> Iterator[Site]:
    """The same, serving; after the test the invariant holds over all that the test has sent."""
    checked_site.server.repair()
    checked_site.begin()
    yield checked_site
    assert checked_site.violations_since_begin() == []


@pytest.fixture
def proxy(site: Site) -> Iterator[Proxy]:
    with Proxy(site.server.port) as proxy:
        yield proxy
