"""The figures of a run for people: a Markdown text, and its place in `docs/benchmarks.md`."""

from collections.abc import Iterable, Iterator
from typing import Any

from bench.ingest.errors import BenchmarkError
from bench.ingest.measurement import Load, System
from config.embedded.addresses import CHECKOUT

DOCS = CHECKOUT / "docs" / "benchmarks.md"
PLOTS = CHECKOUT / "docs" / "benchmarks"
BEGIN = "<!-- results of bench.ingest: begin -->"
END = "<!-- results of bench.ingest: end -->"

SYSTEMS = {
    System.PRODUCT: "Pulseboard over HTTP",
    System.BASELINE: "plain ORM over HTTP",
    System.CEILING: "PostgreSQL alone (pgbench)",
}
LOADS = {
    Load.SINGLE: "Single pulses, full rate",
    Load.BATCH: "Batches of 50, full rate",
    Load.STEADY: "Single pulses, 200 a second",
}
WHO = {"web": "web", "postgres": "PostgreSQL", "load": "load generator"}


def report(result: dict[str, Any]) -> str:
    """Return a run's figures as Markdown."""
    sections = [_made(result), _targets(result), _learners(result), *_loads(result), _cpu(result)]
    if result["soak"]:
        sections.append(_soak(result))
    sections.append(_machine(result))
    return "\n\n".join(sections)


def write_docs(result: dict[str, Any]) -> None:
    """Put the report between the marks in the docs, and draw the plots. Raises BenchmarkError."""
    from bench.ingest.plot import draw_ingest, draw_soak  # noqa: PLC0415 - needs matplotlib

    text = DOCS.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise BenchmarkError(f"{DOCS} has no place for results: {BEGIN} … {END}")
    PLOTS.mkdir(exist_ok=True)
    draw_ingest(result, PLOTS / "ingest.svg")
    plots = ["![Pulses per second and latency](benchmarks/ingest.svg)"]
    if result["soak"]:
        draw_soak(result, PLOTS / "soak.svg")
        plots.append("![Rate, memory and bloat in the soak](benchmarks/soak.svg)")
    middle = "\n\n".join([BEGIN, *plots, report(result), END])
    DOCS.write_text(before + middle + after, encoding="utf-8")


def _made(result: dict[str, Any]) -> str:
    settings = result["settings"]
    return (
        f"Measured on {result['started_at'][:10]} with `{result['command']}`; medians of "
        f"{settings['rounds']} measurements of {settings['seconds']:g} s each, "
        f"{settings['learners']:,} learners."
    )


def _targets(result: dict[str, Any]) -> str:
    return _table(
        ["what was to be reached", "target", "measured", ""],
        (
            [
                target["name"],
                target["target"],
                f"{target['measured']:,.2f}",
                "reached" if target["is_reached"] else "**not reached**",
            ]
            for target in result["summary"]["targets"]
        ),
    )


def _learners(result: dict[str, Any]) -> str:
    summary = result["summary"]
    rate = summary["loads"][Load.SINGLE][System.PRODUCT]["pulses_per_second"]
    return (
        f"A learner sends a pulse every 15 seconds, so {rate:,.0f} pulses a second are "
        f"**{summary['learners']['single']:,} learners at once**."
    )


def _loads(result: dict[str, Any]) -> Iterator[str]:
    for load, title in LOADS.items():
        unit = "request" if load is Load.BATCH else "pulse"
        head = ["", f"p50 of a {unit}", f"p99 of a {unit}"]
        if load is not Load.STEADY:
            head += ["pulses/s", "lowest and highest round"]
        systems = result["summary"]["loads"][load]
        yield f"### {title}"
        yield _table(
            head,
            (
                [name, *_figures(systems[system])][: len(head)]
                for system, name in SYSTEMS.items()
                if system in systems
            ),
        )


def _figures(found: dict[str, Any]) -> list[str]:
    lowest, highest = found["pulses_per_second_lowest"], found["pulses_per_second_highest"]
    return [
        f"{found['latency_ms']['p50']:,.1f} ms",
        f"{found['latency_ms']['p99']:,.1f} ms",
        f"{found['pulses_per_second']:,.0f}",
        f"{lowest:,.0f}, {highest:,.0f}",
    ]


def _cpu(result: dict[str, Any]) -> str:
    loads = result["summary"]["loads"]
    table = _table(
        ["CPU time of a pulse, in µs", *WHO.values()],
        (
            [
                f"{LOADS[load]}: {SYSTEMS[system]}",
                *(f"{found['cpu_us'][who]:,.0f}" if who in found["cpu_us"] else "" for who in WHO),
            ]
            for load in (Load.SINGLE, Load.BATCH)
            for system in SYSTEMS
            for found in [loads[load][system]]
        ),
    )
    return f"### Where the time goes\n\n{table}"


def _soak(result: dict[str, Any]) -> str:
    soak = result["summary"]["soak"]
    facts = [
        ["length", f"{soak['seconds']:g} s"],
        ["pulses", f"{soak['pulses']:,}"],
        ["pulses/s", f"{soak['pulses_per_second']:,.0f}"],
        ["p50, p99", f"{soak['latency_ms']['p50']:.1f} ms, {soak['latency_ms']['p99']:.1f} ms"],
        ["memory of web, after the first minute → at the end", _memory(soak)],
        *(
            [
                f"bloat of `{table}`, at worst",
                f"{bloat:.2f}; against full pages {soak['bloat_of_full_pages'][table]:.2f}",
            ]
            for table, bloat in soak["bloat"].items()
        ),
        ["growth of the ledger", f"{soak['ledger_bytes_per_pulse']:.0f} bytes a pulse"],
    ]
    return f"### Soak: single pulses at full rate\n\n{_table(['', ''], facts)}"


def _memory(soak: dict[str, Any]) -> str:
    start, end = soak["memory_mib_at_start"], soak["memory_mib_at_end"]
    return f"{start:.1f} → {end:.1f} MiB ({soak['memory_growth']:+.1%})"


def _machine(result: dict[str, Any]) -> str:
    return "### The machine\n\n" + _table(["", ""], map(list, result["machine"].items()))


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
