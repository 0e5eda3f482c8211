"""Measure what a manager waits for in the dashboard; see `docs/benchmarks.md`."""

import argparse
import sys

from playwright.sync_api import Error

from bench.command import add_output_options, command_line, guarded, keep, kept, say
from bench.dashboard.report import report, write_docs
from bench.dashboard.run import Settings, run
from bench.errors import BenchmarkError
from config.embedded.addresses import default_home

SIZES = {"10k": 10_000, "100k": 100_000}
# Two teams, everything once: enough to show that everything works.
QUICK_LEARNERS = 1_000


def main() -> int:
    """Do what the command line asks for; return the exit code."""
    options = _options()
    return guarded(lambda: _measure(options))


def _measure(options: argparse.Namespace) -> None:
    if options.results:
        result = kept(options.results)
    else:
        settings = _settings(options)
        try:
            result = run(settings, command=command_line("bench.dashboard"), say=say)
        except Error as error:
            raise BenchmarkError(f"a page did not do what was expected of it: {error}") from error
        output = default_home() / "bench" / f"dashboard-{settings.size}.json"
        keep(result, options.output or output)
    print(report(result))
    if options.write_docs:
        write_docs(result)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.dashboard", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="10k", help="how many learners")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="everything once, with few learners")
    add_output_options(parser)
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds must be more than 0")
    return options


def _settings(options: argparse.Namespace) -> Settings:
    home = default_home() / "bench" / "dashboard"
    if options.quick:
        return Settings(home, "quick", QUICK_LEARNERS, rounds=1)
    return Settings(home, options.size, SIZES[options.size], options.rounds)


if __name__ == "__main__":
    sys.exit(main())
