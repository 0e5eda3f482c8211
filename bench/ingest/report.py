"""The figures of a run for people: a Markdown text, and its place in `docs/benchmarks.md`."""

from collections.abc import Iterator
from typing import Any

from bench.ingest.measurement import Load, System
from bench.markdown import PLOTS, machine_table, table, targets_table, write_section

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
    sections = [
        _made(result),
        targets_table(result["summary"]["targets"]),
        _learners(result),
        *_loads(result),
        _cpu(result),
    ]
    if result["soak"]:
        sections.append(_soak(result))
    sections.append(machine_table(result["machine"]))
    return "\n\n".join(sections)


def write_docs(result: dict[str, Any]) -> None:
    """Put the report between the marks in the docs, and draw the plots. Raises BenchmarkError."""
    from bench.ingest.plot import draw_ingest, draw_soak  # noqa: PLC0415 - needs matplotlib

    PLOTS.mkdir(exist_ok=True)
    draw_ingest(result, PLOTS / "ingest.svg")
    plots = ["![Pulses per second and latency](benchmarks/ingest.svg)"]
    if result["soak"]:
        draw_soak(result, PLOTS / "soak.svg")
        plots.append("![Rate, memory and bloat in the soak](benchmarks/soak.svg)")
    write_section("bench.ingest", "\n\n".join([*plots, report(result)]))


def _made(result: dict[str, Any]) -> str:
    settings = result["settings"]
    return (
        f"Measured on {result['started_at'][:10]} with `{result['command']}`; medians of "
        f"{settings['rounds']} measurements of {settings['seconds']:g} s each, "
        f"{settings['learners']:,} learners."
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
        yield table(
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
    figures = table(
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
    return f"### Where the time goes\n\n{figures}"


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
    return f"### Soak: single pulses at full rate\n\n{table(['', ''], facts)}"


def _memory(soak: dict[str, Any]) -> str:
    start, end = soak["memory_mib_at_start"], soak["memory_mib_at_end"]
    return f"{start:.1f} → {end:.1f} MiB ({soak['memory_growth']:+.1%})"
