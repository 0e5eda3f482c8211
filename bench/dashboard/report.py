"""The figures of a run for people: a Markdown text, and its place in `docs/benchmarks.md`."""

from collections.abc import Mapping
from typing import Any

from bench.dashboard.summary import FILTER_NAMES, PAGE_NAMES
from bench.markdown import machine_table, table, targets_table, write_section


def report(result: dict[str, Any]) -> str:
    """Return a run's figures as Markdown."""
    return "\n\n".join(
        [
            _made(result),
            targets_table(result["summary"]["targets"]),
            _visits(result),
            _filters(result),
            _polling(result),
            machine_table(result["machine"]),
        ]
    )


def write_docs(result: dict[str, Any]) -> None:
    """Put the report between the marks. Raises BenchmarkError."""
    write_section("bench.dashboard", report(result))


def _made(result: dict[str, Any]) -> str:
    settings = result["settings"]
    return (
        f"Measured on {result['started_at'][:10]} with `{result['command']}`: "
        f"{settings['learners']:,} learners in the database, {settings['rounds']} rounds; targets "
        "are held against medians."
    )


def _visits(result: dict[str, Any]) -> str:
    rows = []
    for viewer in result["viewers"]:
        for path, name in PAGE_NAMES.items():
            found = result["summary"]["pages"][viewer["role"]][path]
            rows.append(
                [
                    name,
                    f"{viewer['role']}, {viewer['learners']:,} learners",
                    *(f"{at:,.0f} ms" for at in found["stages_ms"].values()),
                    f"{found['shown_ms']['median']:,.0f} ms",
                    f"{found['interactive_ms']['median']:,.0f} ms",
                    f"{found['interactive_ms']['worst']:,.0f} ms",
                ]
            )
    head = [
        *("", "as", "document there", "scripts and styles there", "who it is known"),
        *("figures there", "figures on the screen", "**a click answered**", "worst"),
    ]
    return f"### From the navigation to a page that can be used\n\n{table(head, rows)}"


def _filters(result: dict[str, Any]) -> str:
    rows = [
        [
            f"the list filtered {words}",
            f"{viewer['role']}, {viewer['learners']:,} learners",
            f"{found['response_ms']['median']:,.0f} ms",
            f"{found['response_ms']['worst']:,.0f} ms",
            f"{found['asking_ms']['median']:,.0f} ms",
            _both(found["server_ms"]),
            f"{found['showing_ms']['median']:,.0f} ms",
            _both(found["pause_ms"]) if name == "search" else "",
        ]
        for viewer in result["viewers"]
        for name, words in FILTER_NAMES.items()
        for found in [result["summary"]["filters"][viewer["role"]][name]]
    ]
    head = [
        *("", "as", "**new rows on the screen**", "worst"),
        *("until it is asked for", "the server", "until it is shown", "before it, the pause"),
    ]
    return f"### From a filter to the new rows\n\n{table(head, rows)}"


def _polling(result: dict[str, Any]) -> str:
    rows = [
        [
            f"`{polling['page']}`",
            f"{polling['every_seconds']} s",
            str(polling["requests_per_interval"]),
            f"{polling['requests']} in {polling['intervals']} intervals",
        ]
        for polling in result["pollings"]
    ]
    head = ["page that is left alone", "interval", "requests in each", "counted"]
    return f"### Polling\n\n{table(head, rows)}"


def _both(found: Mapping[str, float]) -> str:
    return f"{found['median']:,.0f} ms, worst {found['worst']:,.0f}"
