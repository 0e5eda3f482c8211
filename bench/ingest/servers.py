"""What a run works with: the product and the baseline on one database, and who learns there."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from bench.processes import Running
from bench.servers import (
    Application,
    connect,
    environment_of,
    own_services,
    run_python,
    running_webs,
)
from config.embedded.services import EmbeddedServices

APPLICATIONS = {
    "product": Application(),
    "baseline": Application("bench.baseline.wsgi:application"),
}


@dataclass(frozen=True)
class Servers:
    """What a run works with. `players` is a file with each learner's id and token."""

    services: EmbeddedServices
    players: Path
    web: Mapping[str, Running]

    @property
    def postmaster(self) -> psutil.Process:
        return psutil.Process(self.services.status().postgres)

    def connect(self) -> psycopg.Connection:
        """Connect to the database, every statement a transaction."""
        return connect(self.services)


@contextlib.contextmanager
def running_servers(home: Path, *, learners: int) -> Iterator[Servers]:
    """Have all servers run, on an empty database with a course and so many learners.

    Tracking needs no broker, and there is none. Raises BenchmarkError, and EmbeddedServiceError
    when PostgreSQL does not start.
    """
    with own_services(home) as services:
        environment = environment_of(services)
        run_python(["manage.py", "deploy"], environment)
        players = home / "players.json"
        players.write_text(run_python(["-m", "bench.ingest.enrol", str(learners)], environment))
        with running_webs(APPLICATIONS, services, environment) as web:
            servers = Servers(services, players, web)
            with servers.connect() as connection:
                # For what is neither the product's nor the baseline's.
                connection.execute("create schema bench")
                connection.execute("vacuum analyze")
            yield servers
