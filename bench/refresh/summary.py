"""What a run comes to: medians, what they are to one another, and what was to be reached."""

import statistics
from collections.abc import Iterable, Sequence
from typing import Any

from bench.refresh.readings import Question, Reading, Sample
from bench.refresh.refreshes import Refresh, Step
from bench.targets import at_least, at_most

# The size for which a target was set.
LARGE, MIDDLE = "1m", "100k"
READ_TARGETS = (
    (Question.TEAM_SUMMARY, "team-summary", 0.6),
    (Question.LEARNERS, "a page of 50 learners", 0.6),
    (Question.TEAM_SUMMARY_ANEW, "team-summary with no answer kept", 0.6),
    (Question.LEARNERS_ANEW, "a page of 50 learners with no answer kept", 0.6),
    (Question.NOT_MODIFIED, "a 304", 0.8),
)


def summarise(
    learners: int,
    refreshes: Sequence[Refresh],
    readings: Sequence[Reading],
    samples: Sequence[Sample],
    memory: dict[str, int],
) -> dict[str, Any]:
    """Return the figures of a run as JSON. `memory` is that of web and worker while reading."""
    by_history = {
        str(history): {
            step: _refresh_medians(found)
            for step in Step
            for found in [[r for r in refreshes if (r.history, r.step) == (history, step)]]
        }
        for history in (1, 2)
    }
    asked = {
        question: _reading_medians([r for r in readings if r.question is question])
        for question in Question
    }
    everybody = _extrapolated(samples, learners)
    return {
        "targets": list(_targets(by_history, asked)),
        "refreshes": by_history,
        "views": {str(history): _views(refreshes, history) for history in (1, 2)},
        "readings": asked,
        "on_request": {
            "samples": [{"learners": s.learners, "seconds": s.seconds} for s in samples],
            "everybody_seconds": everybody,
            "everybody_factor": round(
                everybody * 1000 / asked[Question.ALL_SUMMARY_ANEW]["latency_ms"]["p50"]
            ),
        },
        "memory_mib": {
            "web, while it was asked": _mib(memory["web"]),
            "worker, at its highest": _mib(
                max(
                    memory["worker"],
                    *(r.process_memory for r in refreshes if r.step is not Step.FULL),
                )
            ),
            "the command of a full refresh": _mib(
                max(r.process_memory for r in refreshes if r.step is Step.FULL)
            ),
            "PostgreSQL's backends in a full refresh, without shared buffers": _mib(
                max(r.postgres_memory for r in refreshes if r.step is Step.FULL)
            ),
            "the same in a minute refresh": _mib(
                max(r.postgres_memory for r in refreshes if r.step is not Step.FULL)
            ),
        },
    }


def _refresh_medians(refreshes: list[Refresh]) -> dict[str, Any]:
    return {
        "touched": refreshes[0].touched,
        "seconds": _median(r.seconds for r in refreshes),
        "seconds_lowest": min(r.seconds for r in refreshes),
        "seconds_highest": max(r.seconds for r in refreshes),
        "wal_bytes": round(_median(r.wal_bytes for r in refreshes)),
    }


def _views(refreshes: Sequence[Refresh], history: int) -> dict[str, dict[str, Any]]:
    """Return for each step and view the median of its milliseconds, and its rows."""
    steps: dict[str, dict[str, Any]] = {}
    for step in Step:
        found = [r for r in refreshes if (r.history, r.step) == (history, step)]
        names = list(dict.fromkeys(name for r in found for name in r.view_ms))
        steps[step] = {
            name: {
                "ms": _median(r.view_ms[name] for r in found if name in r.view_ms),
                "rows": found[-1].view_rows.get(name, 0),
            }
            for name in names
        }
    return steps


def _reading_medians(readings: list[Reading]) -> dict[str, Any]:
    return {
        "latency_ms": {
            name: _median(r.latency_ms[name] for r in readings) for name in readings[0].latency_ms
        },
        "requests_per_second": _median(r.requests_per_second for r in readings),
        "requests_per_second_lowest": min(r.requests_per_second for r in readings),
        "requests_per_second_highest": max(r.requests_per_second for r in readings),
        "bytes": readings[-1].bytes,
    }


def _extrapolated(samples: Sequence[Sample], learners: int) -> float:
    """Return the seconds that the whole installation would take, by the largest sample."""
    largest = max(samples, key=lambda sample: sample.learners)
    return round(largest.seconds / largest.learners * learners, 1)


def _targets(
    refreshes: dict[str, dict[Step, dict[str, Any]]], asked: dict[Question, dict[str, Any]]
) -> Iterable[dict[str, Any]]:
    """Give each target with what was measured, whether it is reached, and the size it is for."""
    once, twice = refreshes["1"], refreshes["2"]
    empty = asked[Question.EMPTY]["requests_per_second"]
    summary, on_request = asked[Question.TEAM_SUMMARY_ANEW], asked[Question.TEAM_SUMMARY_ON_REQUEST]
    idle_bytes = max(
        found[step]["wal_bytes"]
        for found in (once, twice)
        for step in (Step.IDLE, Step.IDLE_AGAIN, Step.IDLE_AFTER_2)
    )
    large = [
        at_most(
            "minute refresh at 2 % touched, share of a full one",
            _ratio(once[Step.TOUCHED_2]["seconds"], once[Step.FULL]["seconds"]),
            0.15,
        ),
        at_most(
            "the same with twice the history, times",
            _ratio(twice[Step.TOUCHED_2]["seconds"], once[Step.TOUCHED_2]["seconds"]),
            1.2,
        ),
        at_most(
            "WAL of an idle refresh right after a checkpoint, MB", round(idle_bytes / 1e6, 3), 1
        ),
        *(
            at_least(
                f"rate of {name}, share of an empty view",
                _ratio(asked[question]["requests_per_second"], empty),
                target,
            )
            for question, name, target in READ_TARGETS
        ),
    ]
    middle = [
        at_least(
            "team-summary of a team, no answer kept, times as fast as on request",
            _ratio(on_request["latency_ms"]["p50"], summary["latency_ms"]["p50"]),
            100,
        )
    ]
    for size, targets in ((LARGE, large), (MIDDLE, middle)):
        yield from (target | {"size": size} for target in targets)


def _ratio(value: float, other: float) -> float:
    return round(value / other, 3)


def _median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 3)


def _mib(size: int) -> float:
    return round(size / 2**20, 1)
