import pytest

from frontend.packages import prepare


@pytest.fixture(scope="session")
def node_modules() -> None:
    """What builds and tests the packages; takes a minute where it is not there yet."""
    prepare()
