"""Both embedded servers of a home directory, for whoever starts, stops or looks at them."""

import contextlib
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.embedded import addresses
from config.embedded.account import is_ours
from config.embedded.cluster import remove_cluster
from config.embedded.errors import EmbeddedServiceError
from config.embedded.postgres import Postgres
from config.embedded.processes import try_lock
from config.embedded.valkey import Valkey

LOCK_TIMEOUT_SECONDS = 180


@dataclass(frozen=True)
class ServiceStatus:
    """Process ids of the running services; None stands for a service that does not run."""

    postgres: int | None
    valkey: int | None


@dataclass(frozen=True)
class EmbeddedServices:
    """The two servers that belong to one `home` directory."""

    home: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "home", self.home.expanduser().resolve())

    @property
    def socket_directory(self) -> Path:
        return addresses.socket_directory(self.home)

    @property
    def database_url(self) -> str:
        return addresses.database_url(self.home)

    @property
    def redis_url(self) -> str:
        return addresses.redis_url(self.home)

    def start(self, *, durable: bool = True) -> None:
        """Start both servers; those that already run stay as they are.

        Raises EmbeddedServiceError.
        """
        self.start_postgres(durable=durable)
        self.start_valkey()

    def start_postgres(self, *, durable: bool = True) -> str:
        """Have PostgreSQL run with the database created and return its URL.

        `durable=False` gives up crash safety for speed: for tests only. A server that already
        runs is reused as it is. Raises EmbeddedServiceError.
        """
        with self._locked():
            Postgres(self.home).start(durable=durable)
        return self.database_url

    def start_valkey(self) -> str:
        """Have Valkey run and return its URL. Raises EmbeddedServiceError."""
        with self._locked():
            Valkey(self.home).start()
        return self.redis_url

    def stop(self) -> None:
        """Stop whatever of the two runs; stopping nothing is fine. Raises EmbeddedServiceError."""
        if not self.home.is_dir():
            return
        with self._locked():
            Valkey(self.home).stop()
            Postgres(self.home).stop()

    def remove(self) -> None:
        """Stop both and delete their data and sockets. Raises EmbeddedServiceError."""
        self.stop()
        Valkey(self.home).remove()
        remove_cluster(self.home)
        if is_ours(self.socket_directory):
            shutil.rmtree(self.socket_directory, ignore_errors=True)

    def status(self) -> ServiceStatus:
        """Say which of the two run, without waiting for a start or a stop under way."""
        return ServiceStatus(postgres=Postgres(self.home).pid(), valkey=Valkey(self.home).pid())

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one process at a time start or stop. Raises EmbeddedServiceError."""
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            handle = (self.home / "embedded.lock").open("a")
        except OSError as error:
            raise EmbeddedServiceError(
                f"cannot write to {self.home} ({error.strerror}); make it writable, "
                "or choose another directory with PULSEBOARD_HOME"
            ) from error
        with handle:
            deadline = time.monotonic() + LOCK_TIMEOUT_SECONDS
            while not try_lock(handle):
                if time.monotonic() > deadline:
                    raise EmbeddedServiceError(
                        f"another command has held {handle.name} for {LOCK_TIMEOUT_SECONDS} s; "
                        "end it and start again"
                    )
                time.sleep(0.05)
            yield
