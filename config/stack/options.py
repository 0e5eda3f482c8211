"""What the environment says about a stack."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.embedded.addresses import default_home
from config.embedded.services import EmbeddedServices
from config.stack.errors import StackError


@dataclass(frozen=True)
class Options:
    """What the environment says about this stack; an address of None means: embedded."""

    services: EmbeddedServices
    host: str
    port: int
    database_url: str | None
    redis_url: str | None
    has_secret_key: bool

    @property
    def home(self) -> Path:
        return self.services.home

    @property
    def logs(self) -> Path:
        return self.home / "log"

    @property
    def supervisor_socket(self) -> Path:
        return self.services.socket_directory / "supervisor.sock"

    @property
    def base_url(self) -> str:
        """The address under which this machine reaches the web process."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def read_options(environment: Mapping[str, str]) -> Options:
    """Read HOST, PORT, DATABASE_URL, REDIS_URL, SECRET_KEY and PULSEBOARD_HOME.

    Raises StackError.
    """
    port = environment.get("PORT") or "8000"
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise StackError(f"PORT is {port!r}, not a port number from 1 to 65535: make run PORT=8001")
    return Options(
        services=EmbeddedServices(default_home()),
        host=environment.get("HOST") or "127.0.0.1",
        port=int(port),
        database_url=environment.get("DATABASE_URL") or None,
        redis_url=environment.get("REDIS_URL") or None,
        has_secret_key=bool(environment.get("SECRET_KEY")),
    )
