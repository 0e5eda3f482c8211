"""What a pulse costs the WSGI application alone: CPU time with no server, threads or network about.

For tuning, and on a machine that others use, too: CPU time in slices, of which the median and the
lowest are told. Two states of the code are compared by running both in turns.

    python -m bench.ingest.alone
    python -m bench.ingest.alone --profile
"""

import argparse
import cProfile
import json
import pstats
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication
from wsgiref.util import setup_testing_defaults

from bench.command import guarded
from bench.errors import BenchmarkError
from bench.ingest import classroom
from bench.ingest.load import RECORDED, Player, Writer
from bench.servers import environment_of, own_services, run_python
from config.embedded.addresses import default_home

LEARNERS = 100
SLICES = 10
# Each learner's token is seen, and the database's plans are made, before anything is measured.
WARMUP = 2 * LEARNERS
PROFILE_LINES = 40


def main() -> int:
    """Do what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.ingest.alone", description=__doc__)
    parser.add_argument(
        "--requests", type=int, default=2000, help="single; a tenth as many batches"
    )
    parser.add_argument("--profile", action="store_true", help="say where the time goes, as well")
    parser.add_argument("--players", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.requests < 10 * SLICES:
        parser.error(f"--requests must be at least {10 * SLICES}")
    return guarded(lambda: _measure(options) if options.players else _prepare_and_measure(options))


def _prepare_and_measure(options: argparse.Namespace) -> None:
    """Have a database made, and the application measured in a process of its own."""
    with own_services(default_home() / "bench" / "alone") as services:
        environment = environment_of(services)
        run_python(["manage.py", "deploy"], environment)
        players = services.home / "players.json"
        players.write_text(run_python(["-m", "bench.ingest.enrol", str(LEARNERS)], environment))
        arguments = ["-m", "bench.ingest.alone", "--players", str(players)]
        arguments += ["--requests", str(options.requests)]
        arguments += ["--profile"] if options.profile else []
        print(run_python(arguments, environment | {"DATABASE_POOL": "8"}), end="")


def _measure(options: argparse.Namespace) -> None:
    from config.wsgi import application  # noqa: PLC0415

    learners = json.loads(options.players.read_text(encoding="utf-8"))
    players = [Player(learner, token, 80, 0) for learner, token in learners]
    for batch, requests in (
        (1, options.requests),
        (classroom.BATCH_PULSES, options.requests // 10),
    ):
        make = _requests(players, batch)
        _answer(application, islice(make, WARMUP), batch)
        profile = cProfile.Profile() if options.profile else None
        slices = list(_slices(application, make, requests // SLICES, batch, profile))
        print(
            f"{'single pulses' if batch == 1 else f'batches of {batch}'}: median"
            f" {statistics.median(slices):.1f}, lowest {min(slices):.1f} us of CPU a pulse"
        )
        if profile:
            pstats.Stats(profile, stream=sys.stdout).sort_stats("tottime").print_stats(
                PROFILE_LINES
            )


def _slices(
    application: WSGIApplication,
    make: Iterator[dict[str, Any]],
    size: int,
    batch: int,
    profile: cProfile.Profile | None,
) -> Iterator[float]:
    """Yield the microseconds of CPU time that a pulse took, for each slice of the requests."""
    for _ in range(SLICES):
        requests = [next(make) for _ in range(size)]
        if profile:
            profile.enable()
        begun = time.process_time()
        _answer(application, requests, batch)
        spent = time.process_time() - begun
        if profile:
            profile.disable()
        yield spent / size / batch * 1e6


def _requests(players: list[Player], batch: int) -> Iterator[dict[str, Any]]:
    """Yield the requests of learners who take turns, as a WSGI server hands them on."""
    writer = Writer()
    while True:
        for player in players:
            yield _environ(writer.single(player) if batch == 1 else writer.batch(player, batch))


def _environ(request: bytes) -> dict[str, Any]:
    head, _, body = request.partition(b"\r\n\r\n")
    first, *headers = head.decode().split("\r\n")
    method, path, _ = first.split(" ")
    environ: dict[str, Any] = {"wsgi.input": BytesIO(body), "REMOTE_ADDR": "127.0.0.1"}
    environ |= {"REQUEST_METHOD": method, "PATH_INFO": path, "SCRIPT_NAME": ""}
    for header in headers:
        name, _, value = header.partition(": ")
        key = name.upper().replace("-", "_")
        environ[key if key.startswith("CONTENT_") else f"HTTP_{key}"] = value
    setup_testing_defaults(environ)
    return environ


def _answer(application: WSGIApplication, requests: Iterable[dict[str, Any]], batch: int) -> None:
    """Have all of them answered. Raises BenchmarkError if a pulse was not recorded."""
    for environ in requests:
        answer = application(environ, _start_response)
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        if body.count(RECORDED) != batch:
            raise BenchmarkError(f"a pulse was not recorded: {body[:2000]!r}")


def _start_response(
    status: str, headers: list[tuple[str, str]], exc_info: object = None
) -> Callable[[bytes], object]:
    """Take no notice: whether a request was answered well is seen by its body."""
    return BytesIO().write


if __name__ == "__main__":
    sys.exit(main())
