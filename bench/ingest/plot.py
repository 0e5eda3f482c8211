"""The figures of a run as pictures: the same results give the same bytes."""

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from bench.drawing import AMBER, BLUE, GREEN, GREY, headline, save, thousands
from bench.ingest.measurement import Load, System

COLOURS = {System.PRODUCT: BLUE, System.BASELINE: GREY, System.CEILING: AMBER}
NAMES = {
    System.PRODUCT: "Pulseboard, HTTP",
    System.BASELINE: "plain ORM, HTTP",
    System.CEILING: "PostgreSQL alone",
}
TITLES = {
    Load.SINGLE: "Single pulses, full rate",
    Load.BATCH: "Batches of 50, full rate",
    Load.STEADY: "Single pulses, 200 a second",
}
TABLE_COLOURS = (BLUE, AMBER, GREEN)


def draw_ingest(result: dict[str, Any], path: Path) -> None:
    """Draw rates in the upper row, latencies in the lower one."""
    loads = result["summary"]["loads"]

    def draw() -> Figure:
        figure = Figure(figsize=(9, 5.6), layout="constrained")
        cores = result["machine"]["Cores"]
        headline(figure, f"Pulses taken in by one machine with {cores} cores")
        upper, lower = figure.subfigures(2, 1, height_ratios=(1, 1.15))
        for axes, load in zip(upper.subplots(1, 2), (Load.SINGLE, Load.BATCH), strict=True):
            _rates(axes, load, loads[load])
        for axes, load in zip(lower.subplots(1, 3), Load, strict=True):
            _latencies(axes, load, loads[load])
        return figure

    save(draw, path)


def draw_soak(result: dict[str, Any], path: Path) -> None:
    """Draw rate, memory and bloat over the time of the soak."""
    soak = result["soak"]

    def draw() -> Figure:
        figure = Figure(figsize=(9, 3.2), layout="constrained")
        seconds = soak["measurement"]["seconds"]
        headline(figure, f"Single pulses at full rate for {seconds / 60:.3g} minutes")
        rate, memory, bloat = figure.subplots(1, 3)
        minutes = [sample["second"] / 60 for sample in soak["samples"]]
        every = seconds / len(soak["pulses_per_second"]) / 60

        rate.set_title("Rate")
        rate.set_ylabel("pulses per second")
        rate.plot(
            [(number + 0.5) * every for number in range(len(soak["pulses_per_second"]))],
            soak["pulses_per_second"],
            color=COLOURS[System.PRODUCT],
        )
        rate.set_ylim(0, max(soak["pulses_per_second"]) * 1.15)
        rate.yaxis.set_major_formatter(thousands())

        memory.set_title("Memory of the web processes")
        memory.set_ylabel("MiB")
        sizes = [sample["web_memory"] / 2**20 for sample in soak["samples"]]
        memory.plot(minutes, sizes, color=COLOURS[System.PRODUCT])
        memory.set_ylim(0, max(sizes) * 1.15)

        bloat.set_title("Bloat")
        bloat.set_ylabel("size over that of a vacuumed copy")
        for colour, (table, ratios) in zip(
            TABLE_COLOURS, soak["bloat_over_time"].items(), strict=True
        ):
            name = table.removeprefix("tracking_")
            bloat.plot(minutes[-len(ratios) :], ratios, color=colour, label=name)
        bloat.legend(frameon=False, fontsize=8, loc="lower right")
        highest = max(max(ratios) for ratios in soak["bloat_over_time"].values())
        bloat.set_ylim(0, max(highest, 2) * 1.15)
        for axes in (rate, memory, bloat):
            axes.set_xlim(0, seconds / 60)
            axes.set_xlabel("minutes")
            axes.grid(axis="y")
        return figure

    save(draw, path)


def _rates(axes: Any, load: Load, systems: dict[str, Any]) -> None:
    axes.set_title(TITLES[load])
    rates = [systems[system]["pulses_per_second"] for system in System]
    bars = axes.barh(
        [NAMES[system] for system in System],
        rates,
        color=[COLOURS[system] for system in System],
        height=0.62,
    )
    axes.bar_label(bars, labels=[f"{rate:,.0f}" for rate in rates], padding=4)
    axes.invert_yaxis()
    axes.set_xlim(right=max(rates) * 1.18)
    axes.set_xlabel("pulses per second")
    axes.xaxis.set_major_formatter(thousands())
    axes.tick_params(length=0)
    axes.grid(axis="x")


def _latencies(axes: Any, load: Load, systems: dict[str, Any]) -> None:
    """Two bars a system: the median in full colour, the 99th percentile behind it."""
    axes.set_title(TITLES[load])
    shown = [system for system in System if system in systems]
    names = [NAMES[system].replace(", ", "\n").replace(" alone", "\nalone") for system in shown]
    for name, width, alpha in (("p99", 0.62, 0.35), ("p50", 0.34, 1.0)):
        values = [systems[system]["latency_ms"][name] for system in shown]
        bars = axes.bar(
            names, values, width, color=[COLOURS[system] for system in shown], alpha=alpha
        )
        if name == "p99":
            axes.bar_label(bars, labels=[f"{value:,.1f}" for value in values], padding=2)
            axes.set_ylim(top=max(values) * 1.15)
    axes.set_ylabel(f"ms a {'request' if load is Load.BATCH else 'pulse'}: p50 in p99")
    axes.yaxis.set_major_formatter(thousands())
    axes.tick_params(length=0, axis="x", labelsize=8)
    axes.grid(axis="y")
