"""Start, stop, show or remove the embedded servers by hand."""

import argparse
import sys

from config.embedded.addresses import default_home
from config.embedded.errors import EmbeddedServiceError
from config.embedded.services import EmbeddedServices


def main() -> int:
    """Do what the command line asks for and show what runs; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m config.embedded", description=__doc__)
    parser.add_argument("action", choices=["start", "stop", "status", "remove"])
    parser.add_argument("--test", action="store_true", help="the servers of the test runs")
    options = parser.parse_args()
    services = EmbeddedServices(default_home() / "test" if options.test else default_home())
    try:
        if options.action == "start":
            services.start(durable=not options.test)
        elif options.action == "stop":
            services.stop()
        elif options.action == "remove":
            services.remove()
    except EmbeddedServiceError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    status = services.status()
    print(f"PostgreSQL  {_describe(status.postgres)}  {services.database_url}")
    print(f"Valkey      {_describe(status.valkey)}  {services.redis_url}")
    return 0


def _describe(pid: int | None) -> str:
    return f"runs (pid {pid})" if pid else "is stopped"


if __name__ == "__main__":
    sys.exit(main())
