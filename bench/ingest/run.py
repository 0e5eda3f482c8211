"""A whole run: rounds of measurements that take turns, then the soak, then what they come to."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bench.ingest.classroom import step_after
from bench.ingest.measurement import STEADY_RATE, Load, Measurement, System, Terms, measure
from bench.ingest.servers import Servers, running_servers
from bench.ingest.soak import Soak, soak
from bench.ingest.summary import summarise
from bench.machine import machine_facts

TURNS = (
    (Load.SINGLE, System.PRODUCT),
    (Load.SINGLE, System.BASELINE),
    (Load.SINGLE, System.CEILING),
    (Load.BATCH, System.PRODUCT),
    (Load.BATCH, System.BASELINE),
    (Load.BATCH, System.CEILING),
    (Load.STEADY, System.PRODUCT),
    (Load.STEADY, System.BASELINE),
)


@dataclass(frozen=True)
class Settings:
    """How long everything takes. `soak_seconds` of 0 leaves the soak out."""

    home: Path
    rounds: int
    warmup_seconds: float
    seconds: float
    soak_seconds: float
    learners: int
    connections: Mapping[Load, int]

    def terms(self, load: Load, first_step: int) -> Terms:
        """Return the terms of one of the measurements in the rounds."""
        return Terms(
            warmup_seconds=self.warmup_seconds,
            seconds=self.seconds,
            connections=self.connections[load],
            learners=self.learners,
            first_step=first_step,
        )


def run(settings: Settings, *, command: str, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure everything; the result is JSON. Raises BenchmarkError, EmbeddedServiceError."""
    started_at = dt.datetime.now(dt.UTC)
    say("Starting PostgreSQL and the web processes ...")
    with running_servers(settings.home, learners=settings.learners) as servers:
        with servers.connect() as connection:
            machine = machine_facts(connection, settings.home)
        rounds, step = _rounds(servers, settings, say)
        soaked: Soak | None = None
        if settings.soak_seconds:
            say(f"Soaking for {settings.soak_seconds:g} s ...")
            terms = settings.terms(Load.SINGLE, step)
            soaked = soak(
                servers, replace(terms, warmup_seconds=0.0, seconds=settings.soak_seconds)
            )
    return {
        "started_at": started_at.isoformat(timespec="seconds"),
        "command": command,
        "machine": machine,
        "settings": {
            "rounds": settings.rounds,
            "warmup_seconds": settings.warmup_seconds,
            "seconds": settings.seconds,
            "soak_seconds": settings.soak_seconds,
            "learners": settings.learners,
            "connections": settings.connections,
            "batch": Load.BATCH.batch,
            "steady_rate": STEADY_RATE,
        },
        "rounds": [[asdict(measurement) for measurement in measured] for measured in rounds],
        "soak": asdict(soaked) if soaked else None,
        "summary": summarise([m for measured in rounds for m in measured], soaked),
    }


def _rounds(
    servers: Servers, settings: Settings, say: Callable[[str], None]
) -> tuple[list[list[Measurement]], int]:
    """Measure all rounds; also says where in the course the learners go on."""
    step = 0
    rounds: list[list[Measurement]] = []
    for number in range(1, settings.rounds + 1):
        rounds.append([])
        for load, system in TURNS:
            measured = measure(servers, system, load, settings.terms(load, step))
            rounds[-1].append(measured)
            step = step_after(step, pulses=measured.pulses_in_all, learners=settings.learners)
            say(
                f"round {number}  {load:6}  {system:8}  "
                f"{measured.pulses_per_second:>9,.0f} pulses/s  "
                f"p50 {measured.latency_ms['p50']:>7.2f} ms  "
                f"p99 {measured.latency_ms['p99']:>7.2f} ms"
            )
    return rounds, step
