"""The packages' own tests, which run in Node.js."""

import pytest

from frontend.packages import PACKAGES, Package, run

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("node_modules")]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_the_tests_of_the_package_pass(package: Package) -> None:
    run(package, "test")
