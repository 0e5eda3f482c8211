"""One measurement: a system under a kind of load, for some seconds."""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from enum import StrEnum

from bench.errors import BenchmarkError
from bench.ingest import ceiling, classroom
from bench.ingest.load import Delivery, Order
from bench.ingest.servers import Servers
from bench.processes import cpu_seconds_of, cpu_seconds_of_postgres
from bench.traffic import DRAIN_SECONDS
from config.embedded.addresses import CHECKOUT

STEADY_RATE = 200.0
START_SECONDS = 30


class System(StrEnum):
    PRODUCT = "product"
    BASELINE = "baseline"
    CEILING = "ceiling"


class Load(StrEnum):
    """Single pulses or batches at full rate, or single pulses at a steady rate."""

    SINGLE = "single"
    BATCH = "batch"
    STEADY = "steady"

    @property
    def batch(self) -> int:
        return classroom.BATCH_PULSES if self is Load.BATCH else 1


@dataclass(frozen=True)
class Measurement:
    """What was measured. `cpu_us` is CPU time a pulse, in microseconds, by who used it."""

    system: System
    load: Load
    pulses: int
    pulses_in_all: int
    seconds: float
    pulses_per_second: float
    latency_ms: dict[str, float]
    cpu_us: dict[str, float]
    by_second: list[int]


@dataclass(frozen=True)
class Terms:
    """How long a measurement takes, over how many connections, by how many learners.

    `first_step` is where in the course they begin.
    """

    warmup_seconds: float
    seconds: float
    connections: int
    learners: int
    first_step: int


def measure(servers: Servers, system: System, load: Load, terms: Terms) -> Measurement:
    """Put a system under a load. Raises BenchmarkError when any pulse was not recorded."""
    web = [] if system is System.CEILING else servers.web[system].processes()
    before = cpu_seconds_of(web), cpu_seconds_of_postgres(servers.postmaster)
    if system is System.CEILING:
        delivery = ceiling.deliver(
            servers,
            batch=load.batch,
            connections=terms.connections,
            learners=terms.learners,
            first_step=terms.first_step,
            warmup_seconds=terms.warmup_seconds,
            seconds=terms.seconds,
        )
    else:
        delivery = _deliver_over_http(
            Order(
                port=servers.web[system].port,
                players=str(servers.players),
                connections=terms.connections,
                batch=load.batch,
                warmup_seconds=terms.warmup_seconds,
                seconds=terms.seconds,
                first_step=terms.first_step,
                rate=STEADY_RATE if load is Load.STEADY else 0.0,
            )
        )
    after = cpu_seconds_of(web), cpu_seconds_of_postgres(servers.postmaster)
    if not delivery.pulses:
        raise BenchmarkError(f"no pulse of {system} was answered in {delivery.seconds} s")
    used = {
        "load": delivery.cpu_seconds_in_all,
        "web": after[0] - before[0],
        "postgres": after[1] - before[1],
    }
    return Measurement(
        system=system,
        load=load,
        pulses=delivery.pulses,
        pulses_in_all=delivery.pulses_in_all,
        seconds=delivery.seconds,
        pulses_per_second=round(delivery.pulses / delivery.seconds, 1),
        latency_ms=delivery.latency_ms,
        cpu_us={
            name: round(seconds / delivery.pulses_in_all * 1e6, 1)
            for name, seconds in used.items()
            if seconds or system is not System.CEILING
        },
        by_second=delivery.by_second,
    )


def _deliver_over_http(order: Order) -> Delivery:
    done = subprocess.run(
        [sys.executable, "-m", "bench.ingest.load"],
        cwd=CHECKOUT,
        input=json.dumps(asdict(order)),
        capture_output=True,
        text=True,
        check=False,
        timeout=order.warmup_seconds + order.seconds + DRAIN_SECONDS + START_SECONDS,
    )
    if done.returncode != 0:
        raise BenchmarkError(f"the load failed: {done.stderr.strip()}")
    return Delivery(**json.loads(done.stdout))
