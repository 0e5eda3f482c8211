"""Measure what precomputed figures cost to keep and to read; see `docs/benchmarks.md`."""

import argparse
import sys

from bench.command import add_output_options, command_line, guarded, keep, kept, say
from bench.refresh.report import report, write_docs
from bench.refresh.run import Settings, run
from config.embedded.addresses import default_home

SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
# One team, everything once: enough to show that everything works.
QUICK_LEARNERS = 500


def main() -> int:
    """Do what the command line asks for; return the exit code."""
    options = _options()
    return guarded(lambda: _measure(options))


def _measure(options: argparse.Namespace) -> None:
    if options.results:
        result = kept(options.results)
    else:
        settings = _settings(options)
        result = run(settings, command=command_line("bench.refresh"), say=say)
        output = default_home() / "bench" / f"refresh-{settings.size}.json"
        keep(result, options.output or output)
    print(report(result))
    if options.write_docs:
        write_docs(result)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.refresh", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="10k", help="how many learners")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each reading")
    parser.add_argument("--warmup", type=float, default=1.0, help="seconds before each reading")
    parser.add_argument("--quick", action="store_true", help="everything once, with few learners")
    add_output_options(parser)
    options = parser.parse_args()
    if options.rounds < 1 or options.seconds <= 0:
        parser.error("--rounds and --seconds must be more than 0")
    return options


def _settings(options: argparse.Namespace) -> Settings:
    home = default_home() / "bench" / "refresh"
    if options.quick:
        return Settings(home, "quick", QUICK_LEARNERS, rounds=1, warmup_seconds=0.1, seconds=0.5)
    return Settings(
        home=home,
        size=options.size,
        learners=SIZES[options.size],
        rounds=options.rounds,
        warmup_seconds=options.warmup,
        seconds=options.seconds,
    )


if __name__ == "__main__":
    sys.exit(main())
