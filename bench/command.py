"""What the command lines of the benchmarks have in common."""

import json
import shlex
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.errors import BenchmarkError
from config.embedded.errors import EmbeddedServiceError


def add_output_options(parser: ArgumentParser) -> None:
    """Add where the figures go, or where they come from."""
    parser.add_argument("--output", type=Path, help="where the figures go as JSON")
    parser.add_argument("--results", type=Path, help="figures of an earlier run: measure nothing")
    parser.add_argument(
        "--write-docs", action="store_true", help="put the figures and plots into docs/"
    )


def guarded(work: Callable[[], None]) -> int:
    """Do the work of a benchmark; return the exit code."""
    # Like Ctrl-C: whatever was started has to end.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        work()
    except (BenchmarkError, EmbeddedServiceError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def command_line(module: str) -> str:
    """Return the command as it was given, for the report."""
    return shlex.join(["python", "-m", module, *sys.argv[1:]])


def say(line: str) -> None:
    """Tell whoever watches how far the run is."""
    print(line, file=sys.stderr, flush=True)


def keep(result: dict[str, Any], path: Path) -> None:
    """Write the figures of a run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def kept(path: Path) -> dict[str, Any]:
    """Read the figures of an earlier run. Raises BenchmarkError."""
    try:
        result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BenchmarkError(f"{path} is not a benchmark's result: {error}") from error
    return result
