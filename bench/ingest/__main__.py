"""Measure how many pulses one machine takes in; see `docs/benchmarks.md`."""

import argparse
import sys
from typing import Any

from bench.command import add_output_options, command_line, guarded, keep, kept, say
from bench.ingest.measurement import Load
from bench.ingest.report import report, write_docs
from bench.ingest.run import Settings, run
from config.embedded.addresses import default_home

# Enough that both web workers always have a request waiting, and at the steady rate that a request
# need not wait for a connection. A batch keeps a thread of the server busy for longer.
CONNECTIONS = {Load.SINGLE: 32, Load.BATCH: 16, Load.STEADY: 64}

# Enough to show that everything works, not to say anything about the product.
QUICK: dict[str, Any] = {
    "rounds": 1,
    "warmup_seconds": 0.1,
    "seconds": 0.5,
    "soak_seconds": 1.0,
    "learners": 64,
    "connections": {Load.SINGLE: 4, Load.BATCH: 2, Load.STEADY: 16},
}


def main() -> int:
    """Do what the command line asks for; return the exit code."""
    options = _options()
    return guarded(lambda: _measure(options))


def _measure(options: argparse.Namespace) -> None:
    if options.results:
        result = kept(options.results)
    else:
        result = run(_settings(options), command=command_line("bench.ingest"), say=say)
        keep(result, options.output or default_home() / "bench" / "ingest.json")
    print(report(result))
    if options.write_docs:
        write_docs(result)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.ingest", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=15.0, help="of each measurement")
    parser.add_argument("--warmup", type=float, default=3.0, help="seconds before each")
    parser.add_argument("--soak", type=float, default=0.0, help="seconds; 0 leaves it out")
    parser.add_argument("--learners", type=int, default=2000)
    parser.add_argument("--quick", action="store_true", help="everything once, for a second")
    add_output_options(parser)
    options = parser.parse_args()
    if options.learners < max(CONNECTIONS.values()):
        parser.error(f"--learners must be at least {max(CONNECTIONS.values())}")
    return options


def _settings(options: argparse.Namespace) -> Settings:
    chosen = {
        "rounds": options.rounds,
        "warmup_seconds": options.warmup,
        "seconds": options.seconds,
        "soak_seconds": options.soak,
        "learners": options.learners,
        "connections": CONNECTIONS,
    }
    home = default_home() / "bench" / "ingest"
    return Settings(home=home, **(QUICK if options.quick else chosen))


if __name__ == "__main__":
    sys.exit(main())
