"""Simulated learners against a running server."""

import asyncio
import ipaddress
import math
import signal
import sys
from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.hashers import check_password, make_password
from django.core.management.base import CommandError
from django.utils.crypto import salted_hmac

from config.commands import ProductCommand
from tracking.models import Choice, Module, Team, User
from tracking.simulator import (
    SIMULATED_TEAM,
    ServerUnreachable,
    Simulation,
    Totals,
    simulate,
)

MAX_LEARNERS = 2000
MAX_MINUTES = 24 * 60


class Command(ProductCommand):
    help = "Simulate learners: sign-ins, pulses, quizzes and assignments over HTTP, in real time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--learners", type=int, required=True, help=f"1 to {MAX_LEARNERS:,}")
        parser.add_argument(
            "--minutes", type=float, required=True, help=f"up to {MAX_MINUTES:,}; fractions work"
        )
        parser.add_argument(
            "--base-url",
            default="http://127.0.0.1:8000",
            help="the server, on this machine only (%(default)s)",
        )
        parser.add_argument("--seed", type=int, help="repeats the choices the learners make")

    def handle(self, *args: Any, **options: Any) -> None:
        learners, minutes = options["learners"], options["minutes"]
        if not 1 <= learners <= MAX_LEARNERS:
            raise CommandError(f"--learners must be from 1 to {MAX_LEARNERS:,}")
        if not (math.isfinite(minutes) and 0 < minutes <= MAX_MINUTES):
            raise CommandError(f"--minutes must be more than 0 and at most {MAX_MINUTES:,}")
        base_url = _loopback(options["base_url"])
        if not Module.objects.filter(is_published=True).exists():
            raise CommandError("no module is published, so there is nothing to learn")
        password = simulated_password()
        simulation = Simulation(
            usernames=ensure_accounts(learners, password),
            password=password,
            minutes=minutes,
            base_url=base_url,
            answer_key=dict(
                Choice.objects.filter(is_correct=True).values_list("question_id", "pk")
            ),
            seed=options["seed"],
        )
        self.stdout.write(f"{learners:,} learners on {base_url} for {minutes:g} minutes.")
        try:
            totals, was_stopped = asyncio.run(self._run(simulation))
        except ServerUnreachable as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Total: {totals.line()}")
        if totals.waiting and not was_stopped:
            self.stderr.write(f"{totals.waiting:,} pulses could not be delivered.")
            sys.exit(1)

    async def _run(self, simulation: Simulation) -> tuple[Totals, bool]:
        stop = asyncio.Event()
        signals: list[int] = []

        def on_signal(number: int) -> None:
            signals.append(number)
            stop.set()

        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, on_signal, number)
        totals = await simulate(simulation, stop=stop, say=self._say)
        return totals, bool(signals)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def simulated_password() -> str:
    """One for all simulated accounts, the same for every run, known to this installation only."""
    return salted_hmac("pulseboard.simulator", "password", algorithm="sha256").hexdigest()


def ensure_accounts(count: int, password: str) -> tuple[str, ...]:
    """The user names `sim-001` and so on, each an account that signs in with `password`.

    Raises `CommandError` if one of the names belongs to somebody who is not simulated.
    """
    usernames = tuple(f"sim-{number:03d}" for number in range(1, count + 1))
    team, _ = Team.objects.get_or_create(name=SIMULATED_TEAM)
    existing = list(User.objects.filter(username__in=usernames))
    good = {
        encoded
        for encoded in {user.password for user in existing}
        if check_password(password, encoded)
    }
    strangers = [
        user.username
        for user in existing
        if user.password not in good and (user.team_id != team.pk or user.is_staff)
    ]
    if strangers:
        raise CommandError(f"the account {min(strangers)} is not a simulated one")

    # One hash for all of them: a thousand would take minutes.
    encoded = min(good) if good else make_password(password)
    User.objects.filter(pk__in=[user.pk for user in existing if user.password not in good]).update(
        password=encoded
    )
    known = {user.username for user in existing}
    User.objects.bulk_create(
        [
            User(
                username=username,
                password=encoded,
                team=team,
                first_name="Simulated",
                last_name=f"learner {username.removeprefix('sim-')}",
            )
            for username in usernames
            if username not in known
        ],
        batch_size=500,
        ignore_conflicts=True,
    )
    return usernames


def _loopback(base_url: str) -> str:
    """The address, if it is this machine's own. Raises `CommandError`."""
    try:
        parts = urlsplit(base_url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise CommandError(f"--base-url is not an address: {error}") from error
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        raise CommandError("--base-url must look like http://127.0.0.1:8000")
    if not _is_loopback(host):
        raise CommandError(f"--base-url must be on this machine; {host} is not")
    return base_url.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
