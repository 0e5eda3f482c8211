"""Single pulses at full rate for a long time: do memory and tables stay as they are?"""

import threading
import time
from dataclasses import dataclass

import psycopg
from psycopg import sql

from bench.ingest.measurement import Load, Measurement, System, Terms, measure
from bench.ingest.servers import Servers

# Each pulse updates a row in each of them, so versions of rows die here.
HOT_TABLES = ("tracking_resourceprogress", "tracking_moduleprogress", "tracking_learningsession")
LEDGER = "tracking_pulse"
SAMPLE_SECONDS = 10.0
# What Python and PostgreSQL take to get going is not growth.
SETTLING_SECONDS = 60.0


@dataclass(frozen=True)
class Sample:
    """The state at a moment, in seconds from the start. Sizes are in bytes, with all indexes."""

    second: float
    web_memory: int
    table_sizes: dict[str, int]
    table_rows: dict[str, int]
    ledger_size: int


@dataclass(frozen=True)
class Soak:
    """What a soak has shown.

    `bloat` is the greatest size of a table over that of a copy made by `vacuum full`, row for row;
    `bloat_of_full_pages` the same over a copy with no room left on its pages.
    """

    measurement: Measurement
    samples: list[Sample]
    pulses_per_second: list[float]
    memory_at_start: int
    memory_at_end: int
    memory_growth: float
    bloat: dict[str, float]
    bloat_of_full_pages: dict[str, float]
    bloat_over_time: dict[str, list[float]]
    ledger_bytes_per_pulse: float


def soak(servers: Servers, terms: Terms) -> Soak:
    """Send single pulses to the product on these terms and look on. Raises BenchmarkError."""
    with servers.connect() as connection:
        for table in HOT_TABLES:
            connection.execute(sql.SQL("vacuum (full, analyze) {}").format(sql.Identifier(table)))
        watch = _Watch(servers, connection)
        ledger_before = _size(connection, LEDGER)
        watch.start()
        try:
            measurement = measure(servers, System.PRODUCT, Load.SINGLE, terms)
        finally:
            samples = watch.stop()
        copies = {table: _copy_sizes(connection, table) for table in HOT_TABLES}
        ledger_grew = _size(connection, LEDGER) - ledger_before
    return _soak(measurement, samples, copies, ledger_grew)


def _soak(
    measurement: Measurement,
    samples: list[Sample],
    copies: dict[str, tuple[float, float]],
    ledger_grew: int,
) -> Soak:
    settled = [sample for sample in samples if sample.second >= SETTLING_SECONDS] or samples
    at_start, at_end = settled[0].web_memory, settled[-1].web_memory
    filled = [sample for sample in samples if all(sample.table_rows.values())]
    per_row = {
        table: [sample.table_sizes[table] / sample.table_rows[table] for sample in filled]
        for table in HOT_TABLES
    }
    every = round(SAMPLE_SECONDS)
    by_second = measurement.by_second
    return Soak(
        measurement=measurement,
        samples=samples,
        pulses_per_second=[
            sum(part) / len(part)
            for start in range(0, len(by_second), every)
            for part in [by_second[start : start + every]]
        ],
        memory_at_start=at_start,
        memory_at_end=at_end,
        memory_growth=round(at_end / at_start - 1, 4),
        bloat={table: round(max(sizes) / copies[table][0], 2) for table, sizes in per_row.items()},
        bloat_of_full_pages={
            table: round(max(sizes) / copies[table][1], 2) for table, sizes in per_row.items()
        },
        bloat_over_time={
            table: [round(size / copies[table][0], 3) for size in sizes]
            for table, sizes in per_row.items()
        },
        ledger_bytes_per_pulse=round(ledger_grew / measurement.pulses_in_all, 1),
    )


class _Watch(threading.Thread):
    """Takes a sample every few seconds until it is stopped."""

    def __init__(self, servers: Servers, connection: psycopg.Connection) -> None:
        super().__init__(name="soak", daemon=True)
        self._servers = servers
        self._connection = connection
        self._over = threading.Event()
        self._samples: list[Sample] = []
        self._begun = time.monotonic()

    def run(self) -> None:
        due = self._begun
        while not self._over.wait(max(due - time.monotonic(), 0)):
            self._samples.append(self._sample())
            due += SAMPLE_SECONDS

    def stop(self) -> list[Sample]:
        """Take the last sample and return all."""
        self._over.set()
        self.join()
        return [*self._samples, self._sample()]

    def _sample(self) -> Sample:
        return Sample(
            second=round(time.monotonic() - self._begun, 1),
            web_memory=self._servers.web[System.PRODUCT].memory(),
            table_sizes={table: _size(self._connection, table) for table in HOT_TABLES},
            table_rows={table: _rows(self._connection, table) for table in HOT_TABLES},
            ledger_size=_size(self._connection, LEDGER),
        )


def _size(connection: psycopg.Connection, table: str) -> int:
    """Return the bytes of a table, its partitions and all their indexes."""
    row = connection.execute(
        "select pg_total_relation_size(%(table)s::regclass) + coalesce("
        "(select sum(pg_total_relation_size(relid)) from pg_partition_tree(%(table)s::regclass)"
        " where relid <> %(table)s::regclass), 0)",
        {"table": table},
    ).fetchone()
    assert row is not None
    return int(row[0])


def _rows(connection: psycopg.Connection, table: str) -> int:
    row = connection.execute(
        sql.SQL("select count(*) from {}").format(sql.Identifier(table))
    ).fetchone()
    assert row is not None
    return int(row[0])


def _copy_sizes(connection: psycopg.Connection, table: str) -> tuple[float, float]:
    """Return bytes a row of a compact copy: with the table's own settings, and with full pages."""
    original, copy = sql.Identifier(table), sql.Identifier("bench", "copy")
    columns = connection.execute(
        "select attname from pg_attribute where attrelid = %s::regclass"
        " and attnum > 0 and not attisdropped and attgenerated = ''",
        [table],
    ).fetchall()
    names = sql.SQL(", ").join(sql.Identifier(name) for (name,) in columns)
    # The copy's heap has full pages: settings of storage are not copied with a table.
    connection.execute(sql.SQL("create table {} (like {} including all)").format(copy, original))
    try:
        connection.execute(
            sql.SQL("insert into {} ({}) select {} from {}").format(copy, names, names, original)
        )
        sizes = []
        for fillfactor in (_fillfactor(connection, table), 100):
            connection.execute(
                sql.SQL("alter table {} set (fillfactor = {})").format(
                    copy, sql.Literal(fillfactor)
                )
            )
            connection.execute(sql.SQL("vacuum full {}").format(copy))
            sizes.append(_size(connection, "bench.copy") / max(_rows(connection, table), 1))
    finally:
        connection.execute(sql.SQL("drop table {}").format(copy))
    return sizes[0], sizes[1]


def _fillfactor(connection: psycopg.Connection, table: str) -> int:
    row = connection.execute(
        "select option_value from pg_class, pg_options_to_table(reloptions)"
        " where pg_class.oid = %s::regclass and option_name = 'fillfactor'",
        [table],
    ).fetchone()
    return int(row[0]) if row else 100
