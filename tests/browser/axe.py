"""What axe-core, the checker of WCAG, finds on a page."""

from functools import cache
from typing import Any

from playwright.sync_api import Page

from frontend.packages import ROOT, install

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """
async (rules) => {
  const found = await axe.run(document, { runOnly: { type: "tag", values: rules } });
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary}`));
}
"""


@cache
def source() -> str:
    """The script, as npm has it."""
    install()
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """Every place that breaks a rule, and how to put it right.

    The script comes by the debugger's protocol: the page's own policy lets no foreign one in.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(source())
    found: Any = page.evaluate(RUN, RULES)
    return list(found)
