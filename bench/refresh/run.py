"""A whole run: the data, refreshes and readings in turns, the longer history, the summary."""

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.errors import BenchmarkError
from bench.machine import machine_facts
from bench.refresh.memory import PeakMemory, program_memory
from bench.refresh.population import Population, bulk_server, facts
from bench.refresh.readings import (
    APPLICATIONS,
    SAMPLES,
    Question,
    Reader,
    Reading,
    Sample,
    Terms,
    sign_in,
)
from bench.refresh.refreshes import ROUND, Refresh, Refresher, Step
from bench.refresh.summary import summarise
from bench.servers import (
    connect,
    environment_of,
    own_services,
    run_python,
    running_webs,
    running_worker,
)

# With twice the history, indexes, views and the log of what is written.
BYTES_PER_LEARNER = 30_000
# A refresh may take its time here: how much is what is asked. Nor does an answer age meanwhile.
PRODUCT_SETTINGS = {
    "REFRESH_STATEMENT_TIMEOUT_MS": "3600000",
    # Also the 10 % are computed as a delta: by default they make a full recomputation due.
    "REFRESH_BASE_SHARE": "0.5",
    # One follows the other at once: none is the second of a tick.
    "REFRESH_INTERVAL_SECONDS": "0",
    "DATA_STALE_SECONDS": "86400",
    "DATA_OUTDATED_SECONDS": "86400",
}


@dataclass(frozen=True)
class Settings:
    """How much there is of everything."""

    home: Path
    size: str
    learners: int
    rounds: int
    warmup_seconds: float
    seconds: float


@dataclass(frozen=True)
class _Readings:
    rounds: list[list[Reading]]
    samples: list[Sample]
    memory: dict[str, int]


def run(settings: Settings, *, command: str, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure everything; the result is JSON. Raises BenchmarkError, EmbeddedServiceError."""
    _check_disk(settings)
    started_at = dt.datetime.now(dt.UTC)
    say("Starting PostgreSQL and Valkey ...")
    with own_services(settings.home) as services:
        services.start_valkey()
        environment = environment_of(services, REDIS_URL=services.redis_url, **PRODUCT_SETTINGS)
        run_python(["manage.py", "deploy"], environment)
        population = Population(services.database_url, settings.learners, started_at)
        with connect(services) as connection, running_worker(services, environment) as worker:
            machine = machine_facts(connection, settings.home)
            # What nobody asked for is not to fall into a measurement.
            connection.execute("alter system set autovacuum = off")
            connection.execute("select pg_reload_conf()")
            refresher = Refresher(services, environment, worker)
            refreshes = []
            data = {}

            say(f"Making {settings.learners:,} learners ...")
            with bulk_server(connection):
                population.make()
            refreshes += _refresh(refresher, population, settings, history=1, say=say)
            data["1"] = facts(connection)
            readings = _read(refresher, population, settings, say=say)

            say("Making the history twice as long ...")
            with bulk_server(connection):
                population.lengthen_history()
            refreshes += _refresh(refresher, population, settings, history=2, say=say)
            data["2"] = facts(connection)
    return {
        "started_at": started_at.isoformat(timespec="seconds"),
        "command": command,
        "machine": machine,
        "settings": {
            "size": settings.size,
            "learners": settings.learners,
            "rounds": settings.rounds,
            "warmup_seconds": settings.warmup_seconds,
            "seconds": settings.seconds,
        },
        "data": data,
        "refreshes": [asdict(refresh) for refresh in refreshes],
        "readings": asdict(readings),
        "summary": summarise(
            settings.learners,
            refreshes,
            [reading for measured in readings.rounds for reading in measured],
            readings.samples,
            readings.memory,
        ),
    }


def _refresh(
    refresher: Refresher,
    population: Population,
    settings: Settings,
    *,
    history: int,
    say: Callable[[str], None],
) -> list[Refresh]:
    """Measure all rounds of refreshes over the data as it is."""
    measured = []
    for number in range(1, settings.rounds + 1):
        for place, step in enumerate(ROUND):
            touched = 0
            if step.touched_percent:
                touched = population.touch(step.touched_percent, shift=17 * number + 29 * place)
            refresh = refresher.measure(step, history=history, touched=touched)
            measured.append(refresh)
            say(
                f"history x{history}  round {number}  {step:14}  {refresh.seconds:>9.3f} s  "
                f"{refresh.wal_bytes / 1e6:>9.2f} MB of WAL"
            )
            if step is Step.FULL:
                # As autovacuum does when all rows are new; it rests during a run.
                with connect(refresher.services) as connection:
                    connection.execute("vacuum (analyze)")
    return measured


def _read(
    refresher: Refresher, population: Population, settings: Settings, *, say: Callable[[str], None]
) -> _Readings:
    """Measure all rounds of readings, with what 2 % of the learners did since the full refresh."""
    for step in (Step.FULL, Step.TOUCHED_2):
        touched = population.touch(step.touched_percent, shift=0) if step.touched_percent else 0
        refresher.measure(step, history=1, touched=touched)
    services, environment = refresher.services, refresher.environment
    terms = Terms(settings.warmup_seconds, settings.seconds)
    rounds: list[list[Reading]] = []
    with connect(services) as connection:
        connection.execute("vacuum (analyze)")
    with running_webs(APPLICATIONS, services, environment) as webs:
        reader = Reader(webs, sign_in(population, environment), environment)
        watched = {"web": webs["product"], "worker": refresher.worker}
        with PeakMemory({name: program_memory(watched[name]) for name in watched}) as memory:
            for number in range(1, settings.rounds + 1):
                rounds.append([])
                for question in Question:
                    reading = reader.measure(question, terms)
                    rounds[-1].append(reading)
                    say(
                        f"round {number}  {question:24}  "
                        f"p50 {reading.latency_ms['p50']:>10.2f} ms  "
                        f"p99 {reading.latency_ms['p99']:>10.2f} ms  "
                        f"{reading.requests_per_second:>8.1f} requests/s"
                    )
            samples = [
                reader.sample(learners) for learners in SAMPLES if learners <= settings.learners
            ]
    return _Readings(rounds, samples, memory.peaks)


def _check_disk(settings: Settings) -> None:
    """Raise BenchmarkError when the data would not fit."""
    settings.home.parent.mkdir(parents=True, exist_ok=True)
    needed = settings.learners * BYTES_PER_LEARNER
    free = shutil.disk_usage(settings.home.parent).free
    if free < needed:
        raise BenchmarkError(
            f"{settings.learners:,} learners need {needed / 1e9:.0f} GB of disk, and "
            f"{settings.home.parent} has {free / 1e9:.0f} GB left; take a smaller SIZE or another "
            "PULSEBOARD_HOME"
        )
