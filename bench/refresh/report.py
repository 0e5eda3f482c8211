"""The figures of a run for people: a Markdown text, and its place in `docs/benchmarks.md`."""

from typing import Any

from bench.markdown import PLOTS, machine_table, table, targets_table, write_section
from bench.refresh.readings import Question
from bench.refresh.refreshes import Step

STEPS = {
    Step.FULL: "full recomputation",
    Step.IDLE: "minute refresh, nobody touched",
    Step.IDLE_AGAIN: "the same again, without a checkpoint before",
    Step.TOUCHED_2: "minute refresh, 2 % touched",
    Step.IDLE_AFTER_2: "minute refresh, nobody touched since those 2 %",
    Step.TOUCHED_10: "minute refresh, 10 % touched",
}
QUESTIONS = {
    Question.EMPTY: "empty view",
    Question.TEAM_SUMMARY: "team-summary of a team of 500",
    Question.LEARNERS: "page of 50 learners of the team",
    Question.NOT_MODIFIED: "304 to the same team-summary",
    Question.DETAILS: "details of a learner",
    Question.ALL_SUMMARY: "team-summary of everybody, by an admin",
    Question.TEAM_SUMMARY_ANEW: "no answer kept: team-summary of the team",
    Question.LEARNERS_ANEW: "no answer kept: page of 50 learners",
    Question.DETAILS_ANEW: "no answer kept: details of a learner",
    Question.ALL_SUMMARY_ANEW: "no answer kept: team-summary of everybody",
    Question.TEAM_SUMMARY_ON_REQUEST: "on request: team-summary of the team",
    Question.LEARNERS_ON_REQUEST: "on request: page of 50 learners",
    Question.DETAILS_ON_REQUEST: "on request: details of a learner",
}
HISTORIES = {"1": "once", "2": "twice"}
TABLES = {
    "tracking_learningsession": "sessions",
    "tracking_quizattempt": "quiz attempts",
    "tracking_moduleprogress": "modules of learners",
    "tracking_resourceprogress": "resources of learners",
    "tracking_assignment": "assignments",
    "tracking_submission": "submissions",
}


def report(result: dict[str, Any]) -> str:
    """Return a run's figures as Markdown."""
    return "\n\n".join(
        [
            _made(result),
            _targets(result),
            _refreshes(result),
            _views(result),
            _readings(result),
            _on_request(result),
            _memory(result),
            _data(result),
            machine_table(result["machine"]),
        ]
    )


def write_docs(result: dict[str, Any]) -> None:
    """Put the report between the marks of its size, and draw the plots. Raises BenchmarkError."""
    from bench.refresh.plot import draw_readings, draw_refreshes  # noqa: PLC0415 - needs matplotlib

    size = result["settings"]["size"]
    PLOTS.mkdir(exist_ok=True)
    draw_refreshes(result, PLOTS / f"refresh-{size}.svg")
    draw_readings(result, PLOTS / f"reading-{size}.svg")
    plots = [
        f"![Seconds and WAL of a refresh](benchmarks/refresh-{size}.svg)",
        f"![Rates and latencies of the manager endpoints](benchmarks/reading-{size}.svg)",
    ]
    write_section(f"bench.refresh {size}", "\n\n".join([*plots, report(result)]))


def _made(result: dict[str, Any]) -> str:
    settings = result["settings"]
    return (
        f"Measured on {result['started_at'][:10]} with `{result['command']}`: "
        f"{settings['learners']:,} learners, medians of {settings['rounds']} rounds."
    )


def _targets(result: dict[str, Any]) -> str:
    """Those that were set for this size: at another one they say nothing."""
    size = result["settings"]["size"]
    targets = result["summary"]["targets"]
    of_size = [target for target in targets if target["size"] == size]
    if of_size:
        return targets_table(of_size)
    sizes = " and ".join(sorted({target["size"] for target in targets}))
    return f"Targets were set for {sizes}; here is where this size stands.\n\n" + targets_table(
        targets
    )


def _refreshes(result: dict[str, Any]) -> str:
    rows = []
    for history, steps in result["summary"]["refreshes"].items():
        full = steps[Step.FULL]["seconds"]
        for step, name in STEPS.items():
            found = steps[step]
            rows.append(
                [
                    name,
                    HISTORIES[history],
                    f"{found['touched']:,}",
                    f"{found['seconds']:,.2f} s",
                    f"{found['seconds_lowest']:,.2f}, {found['seconds_highest']:,.2f}",
                    f"{found['seconds'] / full:.1%}",
                    f"{found['wal_bytes'] / 1e6:,.2f} MB",
                ]
            )
    head = ["", "history", "learners touched", "time", "lowest, highest", "of a full one", "WAL"]
    return f"### Refreshes\n\n{table(head, rows)}"


def _views(result: dict[str, Any]) -> str:
    """Where the time of a refresh goes, with the history once over."""
    views = result["summary"]["views"]["1"]
    names = list(dict.fromkeys(name for step in STEPS for name in views[step]))
    rows = [
        [
            f"`{name}`",
            *(f"{views[step][name]['ms']:,.0f}" if name in views[step] else "" for step in STEPS),
            f"{max(views[step][name]['rows'] for step in STEPS if name in views[step]):,}",
        ]
        for name in names
    ]
    head = ["ms a view", "full", "idle", "idle again", "2 %", "idle after 2 %", "10 %", "rows"]
    return f"### Where the time of a refresh goes\n\n{table(head, rows)}"


def _readings(result: dict[str, Any]) -> str:
    found = result["summary"]["readings"]
    empty = found[Question.EMPTY]["requests_per_second"]
    rows = [
        [
            name,
            f"{figures['latency_ms']['p50']:,.1f} ms",
            f"{figures['latency_ms']['p99']:,.1f} ms",
            f"{figures['requests_per_second']:,.1f}",
            f"{lowest:,.1f}, {highest:,.1f}",
            f"{figures['requests_per_second'] / empty:.1%}",
            f"{figures['bytes']:,}",
        ]
        for question, name in QUESTIONS.items()
        for figures in [found[question]]
        for lowest in [figures["requests_per_second_lowest"]]
        for highest in [figures["requests_per_second_highest"]]
    ]
    head = ["", "p50 alone", "p99 alone", "requests/s", "lowest, highest", "of empty", "bytes"]
    return f"### Reading\n\n{table(head, rows)}"


def _on_request(result: dict[str, Any]) -> str:
    found = result["summary"]["on_request"]
    learners = result["settings"]["learners"]
    samples = ", ".join(
        f"{sample['seconds']:,.1f} s for {sample['learners']:,}" for sample in found["samples"]
    )
    precomputed = result["summary"]["readings"][Question.ALL_SUMMARY_ANEW]["latency_ms"]["p50"]
    return (
        f"The summary of everybody on request was measured for some learners only: {samples}. "
        f"**Extrapolated** in proportion, all {learners:,} would take "
        f"{found['everybody_seconds']:,.0f} s; precomputed they take {precomputed:,.1f} ms, "
        f"{found['everybody_factor']:,} times less."
    )


def _memory(result: dict[str, Any]) -> str:
    rows = [[name, f"{size:,.0f} MiB"] for name, size in result["summary"]["memory_mib"].items()]
    return f"### Memory\n\n{table(['at its highest', ''], rows)}"


def _data(result: dict[str, Any]) -> str:
    data = result["data"]
    rows = [
        [title, *(f"{facts[name]:,}" for facts in data.values())] for name, title in TABLES.items()
    ]
    rows += [
        [f"learners who are {status}", *(f"{facts['mix'][status]:,}" for facts in data.values())]
        for status in data["1"]["mix"]
    ]
    rows.append(["size of the database", *(f"{f['bytes'] / 1e9:,.2f} GB" for f in data.values())])
    head = ["rows", *(f"{HISTORIES[history]} the history" for history in data)]
    return f"### The data\n\n{table(head, rows)}"
