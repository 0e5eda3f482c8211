"""PostgreSQL alone: pgbench calls the function that the product calls, over the same socket.

What is left out is everything that is Python: HTTP, tokens, checking the payload. The statements
are prepared: that came out faster than text, although the JSON of a pulse is then put together in
SQL.
"""

import json
import math
import resource
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.errors import BenchmarkError
from bench.ingest import classroom
from bench.ingest.load import Delivery
from bench.ingest.servers import Servers
from bench.percentiles import percentiles
from config.embedded.account import service_account
from config.embedded.addresses import DATABASE, DATABASE_ROLE
from config.embedded.binaries import postgres_binaries

SCRIPTS = Path(__file__).parent / "pgbench"
# More of them than this only wait for each other on two cores.
MAX_CLIENTS = 16
THREADS = 2
# More than it takes to connect, and to wait for the last transactions.
SLACK_SECONDS = 60
# Serial numbers are decimal digits in the place of 12 hexadecimal ones of a UUID.
FIRST_SERIAL = 100_000_000_000


def prepare_batches(servers: Servers) -> None:
    """Put the text of a batch for each place in the course at which one can begin into a table."""
    with servers.connect() as connection:
        connection.execute("drop table if exists bench.batch")
        # Uncompressed: the product's JSON comes over the socket as it is, too.
        connection.execute(
            "create table bench.batch (start bigint primary key, pulses text storage external)"
        )
        starts = range(0, classroom.COURSE_PULSES, classroom.STRIDE)
        id_time = _id_time()
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into bench.batch values (%s, %s)",
                [(start, json.dumps(list(_batch(start, id_time)))) for start in starts],
            )
        connection.execute("vacuum analyze bench.batch")


def deliver(
    servers: Servers,
    *,
    batch: int,
    connections: int,
    learners: int,
    first_step: int,
    warmup_seconds: float,
    seconds: float,
) -> Delivery:
    """Run pgbench for that long; what it came to, in the words of the load over HTTP.

    Raises BenchmarkError.
    """
    if batch > 1:
        prepare_batches(servers)
    clients = min(MAX_CLIENTS, connections)
    variables = {
        "run": _run(),
        "id_time": _id_time(),
        "clients": clients,
        "share": learners // clients,
        "first_step": first_step,
        "serial": FIRST_SERIAL,
    }
    account = service_account()
    # Whole seconds, and one more for the time that connecting takes.
    duration = math.ceil(warmup_seconds + seconds) + 1
    directory = Path(tempfile.mkdtemp(prefix="pulseboard-pgbench-"))
    recorded_before = _recorded(servers)
    cpu = _cpu_of_children()
    begun = time.time()
    try:
        done = subprocess.run(
            [
                str(postgres_binaries(account) / "pgbench"),
                *("--host", str(servers.services.socket_directory)),
                *("--username", DATABASE_ROLE),
                "--no-vacuum",
                *("--protocol", "prepared"),
                *("--client", str(clients), "--jobs", str(min(THREADS, clients))),
                *("--time", str(duration)),
                *("--log", "--log-prefix", str(directory / "log")),
                *(f"--define={name}={value}" for name, value in variables.items()),
                *("--file", str(SCRIPTS / ("single.sql" if batch == 1 else "batch.sql"))),
                DATABASE,
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=duration + SLACK_SECONDS,
        )
        if done.returncode != 0:
            raise BenchmarkError(f"pgbench failed:\n{done.stderr.strip()[:1000]}")
        transactions = sorted(_transactions(directory))
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    cpu = _cpu_of_children() - cpu
    recorded = _recorded(servers) - recorded_before
    if recorded != len(transactions) * batch:
        # pgbench does not look at what a statement returns.
        raise BenchmarkError(
            f"pgbench sent {len(transactions) * batch} pulses, of which {recorded} were recorded"
        )
    begin = (transactions[0][0] if transactions else begun) + warmup_seconds
    measured = [(ended, ms) for ended, ms in transactions if begin <= ended < begin + seconds]
    by_second = [0] * math.ceil(seconds)
    for ended, _ in measured:
        by_second[int(ended - begin)] += batch
    return Delivery(
        pulses=len(measured) * batch,
        pulses_in_all=len(transactions) * batch,
        seconds=seconds,
        latency_ms=percentiles(ms for _, ms in measured),
        by_second=by_second,
        cpu_seconds_in_all=cpu,
    )


def _batch(start: int, id_time: str) -> Iterator[dict[str, object]]:
    """What the product makes of a batch; LANE-SERIAL stands where the ids are to differ."""
    now = time.time()
    for index in range(classroom.BATCH_PULSES):
        step = start + index
        number = classroom.resource_at(step)
        second = classroom.second_at(step)
        end = second + classroom.PULSE_SECONDS
        occurred_at = now - classroom.PULSE_SECONDS * (classroom.BATCH_PULSES - 1 - index)
        yield {
            "index": index,
            "pulse_id": f"{id_time}-7{index:03d}-8LANE-SERIAL",
            "module_id": classroom.module_of(number),
            "resource_id": number,
            "duration_delta": classroom.PULSE_SECONDS,
            "watch_time": float(end),
            "completed": classroom.ends_resource(step),
            "played": f"{{[{second * 1000},{end * 1000})}}",
            "occurred_at": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(occurred_at)),
            "is_clamped": False,
            "clock_offset_seconds": None,
            "trace": f"t{step}",
            "digest": f"\\x{step:08d}{index:024d}",
        }


def _transactions(directory: Path) -> Iterator[tuple[float, float]]:
    """Read pgbench's logs: when each transaction ended, and how many milliseconds it took."""
    for log in directory.iterdir():
        with log.open(encoding="ascii") as lines:
            for line in lines:
                _, _, microseconds, _, seconds, fraction, *_ = line.split()
                yield int(seconds) + int(fraction) / 1e6, int(microseconds) / 1000


def _id_time() -> str:
    """Return the first two groups of a UUID of version 7 that is made now."""
    text = f"{int(time.time() * 1000):012x}"
    return f"{text[:8]}-{text[8:]}"


def _run() -> str:
    """Return three digits of a UUID that tell runs of the same moment apart."""
    return f"{secrets.randbelow(1000):03d}"


def _recorded(servers: Servers) -> int:
    with servers.connect() as connection:
        row = connection.execute("select count(*) from tracking_pulse").fetchone()
    return int(row[0]) if row else 0


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
