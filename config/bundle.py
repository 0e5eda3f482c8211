"""The built dashboard: committed, so that nobody who runs the product needs Node.js."""

from config.embedded.addresses import CHECKOUT

DIRECTORY = CHECKOUT / "frontend" / "dashboard" / "dist"
PAGE = DIRECTORY / "index.html"

MISSING = (
    f"the built dashboard is missing: there is no {PAGE.relative_to(CHECKOUT)}; "
    "restore it from the repository, or build it with: make frontend"
)
