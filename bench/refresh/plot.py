"""The figures of a run as pictures: the same results give the same bytes."""

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from bench.drawing import AMBER, BLUE, GREEN, GREY, headline, save, thousands
from bench.refresh.readings import Question
from bench.refresh.refreshes import Step

STEPS = {
    Step.FULL: "full",
    Step.IDLE: "idle",
    Step.IDLE_AGAIN: "idle\nagain",
    Step.TOUCHED_2: "2 %\ntouched",
    Step.IDLE_AFTER_2: "idle\nafter 2 %",
    Step.TOUCHED_10: "10 %\ntouched",
}
PRECOMPUTED = {
    Question.EMPTY: "empty view",
    Question.TEAM_SUMMARY: "team-summary",
    Question.LEARNERS: "50 learners",
    Question.NOT_MODIFIED: "304",
    Question.DETAILS: "details",
    Question.ALL_SUMMARY: "team-summary of all",
    Question.TEAM_SUMMARY_ANEW: "anew: team-summary",
    Question.LEARNERS_ANEW: "anew: 50 learners",
    Question.DETAILS_ANEW: "anew: details",
    Question.ALL_SUMMARY_ANEW: "anew: summary of all",
}
AGAINST = {
    "team-summary": (Question.TEAM_SUMMARY_ANEW, Question.TEAM_SUMMARY_ON_REQUEST),
    "50 learners": (Question.LEARNERS_ANEW, Question.LEARNERS_ON_REQUEST),
    "details": (Question.DETAILS_ANEW, Question.DETAILS_ON_REQUEST),
}
HISTORIES = {"1": "30 sessions a learner", "2": "60 sessions a learner"}
WIDTH = 0.38


def draw_refreshes(result: dict[str, Any], path: Path) -> None:
    """Draw seconds and WAL of each kind of refresh, for both lengths of the history."""
    histories = result["summary"]["refreshes"]
    learners = result["settings"]["learners"]

    def draw() -> Figure:
        figure = Figure(figsize=(9, 3.6), layout="constrained")
        headline(figure, f"A refresh over {learners:,} learners")
        time, wal = figure.subplots(1, 2)
        time.set_title("Time")
        time.set_ylabel("seconds")
        wal.set_title("Write-ahead log")
        wal.set_ylabel("MB")
        for axes, figures, unit in ((time, "seconds", 1), (wal, "wal_bytes", 1e6)):
            for place, (history, colour) in enumerate(zip(histories, (BLUE, AMBER), strict=True)):
                values = [histories[history][step][figures] / unit for step in STEPS]
                bars = axes.bar(
                    [number + (place - 0.5) * WIDTH for number in range(len(STEPS))],
                    values,
                    WIDTH,
                    color=colour,
                    label=HISTORIES[history],
                )
                axes.bar_label(bars, labels=[_short(value) for value in values], fontsize=7)
            axes.set_xticks(range(len(STEPS)), STEPS.values(), fontsize=8)
            # From milliseconds to minutes, from kilobytes to gigabytes.
            axes.set_yscale("log")
            axes.margins(y=0.15)
            axes.yaxis.set_major_formatter(lambda value, _: _short(value))
            axes.tick_params(length=0, which="both")
            axes.grid(axis="y")
        time.legend(frameon=False, fontsize=8)
        return figure

    save(draw, path)


def draw_readings(result: dict[str, Any], path: Path) -> None:
    """Draw the rates beside the empty view's, and latencies against the computation on request."""
    found = result["summary"]["readings"]
    learners = result["settings"]["learners"]

    def draw() -> Figure:
        figure = Figure(figsize=(9, 3.6), layout="constrained")
        headline(figure, f"Reading with {learners:,} learners")
        rates, latencies = figure.subplots(1, 2)
        rates.set_title("16 requests at once")
        values = [found[question]["requests_per_second"] for question in PRECOMPUTED]
        bars = rates.barh(
            list(PRECOMPUTED.values()), values, color=[GREY, *[BLUE] * (len(values) - 1)]
        )
        rates.bar_label(
            bars,
            labels=[f"{value:,.0f} ({value / values[0]:.0%})" for value in values],
            padding=4,
            fontsize=8,
        )
        rates.invert_yaxis()
        rates.set_xlim(right=max(values) * 1.3)
        rates.set_xlabel("requests per second")
        rates.xaxis.set_major_formatter(thousands())
        rates.grid(axis="x")

        latencies.set_title("One request at a time, p50")
        latencies.set_ylabel("ms")
        for place, (name, colour) in enumerate(
            (("precomputed, no answer kept", BLUE), ("on request", GREEN))
        ):
            values = [found[pair[place]]["latency_ms"]["p50"] for pair in AGAINST.values()]
            bars = latencies.bar(
                [number + (place - 0.5) * WIDTH for number in range(len(AGAINST))],
                values,
                WIDTH,
                color=colour,
                label=name,
            )
            latencies.bar_label(bars, labels=[_short(value) for value in values], fontsize=8)
        latencies.set_xticks(range(len(AGAINST)), AGAINST)
        latencies.set_yscale("log")
        latencies.margins(y=0.15)
        latencies.yaxis.set_major_formatter(lambda value, _: _short(value))
        latencies.legend(frameon=False, fontsize=8)
        latencies.grid(axis="y")
        for axes in (rates, latencies):
            axes.tick_params(length=0, which="both")
        return figure

    save(draw, path)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
