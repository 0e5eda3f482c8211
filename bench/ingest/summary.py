"""What a run comes to: medians over the rounds, their ratios, and what was to be reached."""

import statistics
from collections.abc import Iterable
from typing import Any

from bench.ingest.classroom import PULSE_SECONDS
from bench.ingest.measurement import Load, Measurement, System
from bench.ingest.soak import Soak
from bench.targets import at_least, below


def summarise(measurements: list[Measurement], soak: Soak | None) -> dict[str, Any]:
    """Return the figures of a run as JSON."""
    loads = {
        load: {
            system: _medians(found)
            for system in System
            for found in [[m for m in measurements if (m.load, m.system) == (load, system)]]
            if found
        }
        for load in Load
    }
    single, batch, steady = loads[Load.SINGLE], loads[Load.BATCH], loads[Load.STEADY]
    ratios = {
        "single_to_baseline": _ratio(single, System.BASELINE),
        "single_to_ceiling": _ratio(single, System.CEILING),
        "batch_to_baseline": _ratio(batch, System.BASELINE),
        "batch_to_ceiling": _ratio(batch, System.CEILING),
    }
    rates = {load: found[System.PRODUCT]["pulses_per_second"] for load, found in loads.items()}
    soaked = _soak(soak) if soak else None
    return {
        "targets": list(_targets(ratios, steady[System.PRODUCT], soaked)),
        "loads": loads,
        "ratios": ratios,
        # Of each learner comes one pulse in 15 seconds.
        "learners": {
            "single": round(rates[Load.SINGLE] * PULSE_SECONDS),
            "batch": round(rates[Load.BATCH] * PULSE_SECONDS),
        },
        "soak": soaked,
    }


def _medians(measurements: list[Measurement]) -> dict[str, Any]:
    return {
        "pulses_per_second": _median(m.pulses_per_second for m in measurements),
        "pulses_per_second_lowest": min(m.pulses_per_second for m in measurements),
        "pulses_per_second_highest": max(m.pulses_per_second for m in measurements),
        "latency_ms": {
            name: _median(m.latency_ms[name] for m in measurements)
            for name in measurements[0].latency_ms
        },
        "cpu_us": {
            name: _median(m.cpu_us[name] for m in measurements) for name in measurements[0].cpu_us
        },
    }


def _median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 2)


def _ratio(load: dict[System, dict[str, Any]], other: System) -> float:
    """Return how the product's rate compares with another's."""
    product: float = load[System.PRODUCT]["pulses_per_second"]
    return round(product / float(load[other]["pulses_per_second"]), 3)


def _soak(soak: Soak) -> dict[str, Any]:
    return {
        "seconds": soak.measurement.seconds,
        "pulses": soak.measurement.pulses,
        "pulses_per_second": soak.measurement.pulses_per_second,
        "latency_ms": soak.measurement.latency_ms,
        "memory_mib_at_start": round(soak.memory_at_start / 2**20, 1),
        "memory_mib_at_end": round(soak.memory_at_end / 2**20, 1),
        "memory_growth": soak.memory_growth,
        "bloat": soak.bloat,
        "bloat_of_full_pages": soak.bloat_of_full_pages,
        "ledger_bytes_per_pulse": soak.ledger_bytes_per_pulse,
    }


def _targets(
    ratios: dict[str, float], steady: dict[str, Any], soak: dict[str, Any] | None
) -> Iterable[dict[str, Any]]:
    """Give each target with what was measured and whether that reaches it."""
    yield at_least("single pulses, times the baseline", ratios["single_to_baseline"], 4)
    yield at_least("single pulses, share of the ceiling", ratios["single_to_ceiling"], 0.15)
    yield at_least("batches of 50, share of the ceiling", ratios["batch_to_ceiling"], 0.5)
    yield below("p99 of single pulses at 200 a second, ms", steady["latency_ms"]["p99"], 50)
    if soak:
        yield below("growth of web's memory in the soak", soak["memory_growth"], 0.05)
        yield below("bloat of the worst table in the soak", max(soak["bloat"].values()), 2)
