"""Figures for people: Markdown tables, and their place in `docs/benchmarks.md`."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bench.errors import BenchmarkError
from config.embedded.addresses import CHECKOUT

DOCS = CHECKOUT / "docs" / "benchmarks.md"
PLOTS = CHECKOUT / "docs" / "benchmarks"


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    """Return a table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def targets_table(targets: Iterable[Mapping[str, Any]]) -> str:
    """Return each target with what was measured and whether that reaches it."""
    return table(
        ["what was to be reached", "target", "measured", ""],
        (
            [
                target["name"],
                target["target"],
                f"{target['measured']:,.2f}",
                "reached" if target["is_reached"] else "**not reached**",
            ]
            for target in targets
        ),
    )


def machine_table(machine: Mapping[str, str]) -> str:
    """Return the facts of the machine under their heading."""
    return "### The machine\n\n" + table(["", ""], map(list, machine.items()))


def write_section(name: str, text: str, docs: Path = DOCS) -> None:
    """Put a text between the marks of that name in the docs. Raises BenchmarkError."""
    begin, end = f"<!-- results of {name}: begin -->", f"<!-- results of {name}: end -->"
    before, found_begin, rest = docs.read_text(encoding="utf-8").partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise BenchmarkError(f"{docs} has no place for results: {begin} … {end}")
    docs.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")
