"""Simulated learners: the traffic of browsers over real HTTP, with the mishaps of real networks.

Each learner signs in, opens modules, plays videos with a pulse every 15 seconds, opens documents,
takes quizzes and hands in assignments. A pulse is kept until the server has answered for it, and is
sent again under the same id: pauses, replays, lost replies, 401, 429, 503 and broken connections
neither lose a second nor count one twice.

Nothing here touches the database; the accounts are there before the traffic starts.

    ServerUnreachable    nobody answers at the address
"""

import asyncio
import datetime as dt
import random
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from uuid6 import uuid7

SIMULATED_TEAM = "Simulated team"

PULSE_SECONDS = 15.0
STAGGER_SECONDS = 15.0
REPLAY_BATCH = 100
REACH_SECONDS = 30.0
DRAIN_SECONDS = 30.0
DRAIN_AFTER_SIGNAL_SECONDS = 5.0
SUMMARY_SECONDS = 60.0
FIRST_BACKOFF_SECONDS = 1.0
LONGEST_BACKOFF_SECONDS = 30.0
MAX_CONNECTIONS = 200
# Signing in costs the server a slow hash on purpose, so a crowd of sign-ins takes a while.
TIMEOUT = httpx.Timeout(15.0, pool=60.0)
SIGN_IN_TIMEOUT = httpx.Timeout(60.0, pool=60.0)

PAUSE_CHANCE = 0.10
SEEK_BACK_CHANCE = 0.07
LOST_REPLY_CHANCE = 0.05
SUBMISSION_TEXT = "What I take from this module, and what I will do differently next week."


class ServerUnreachable(Exception):
    """Nobody answered at the address in `REACH_SECONDS`."""


class _Transient(Exception):
    """The same request may succeed later. `wait_seconds` is what the server asked for."""

    def __init__(self, reason: str, wait_seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.wait_seconds = wait_seconds


class _Refused(Exception):
    """The request will not succeed however often it is sent."""


class _Stopped(Exception):
    """The simulation ends while something was under way."""


@dataclass(frozen=True)
class Simulation:
    """What to simulate. `answer_key` is the right choice by question, `seed` repeats the choices
    that learners make, and `speed` is how many simulated seconds pass in one."""

    usernames: tuple[str, ...]
    password: str
    minutes: float
    base_url: str
    answer_key: Mapping[int, int] = field(default_factory=dict)
    seed: int | None = None
    speed: float = 1.0


@dataclass
class Totals:
    """What happened so far. `sent` counts every try, `claimed_seconds` every pulse once."""

    sent: int = 0
    recorded: int = 0
    duplicates: int = 0
    claimed_seconds: int = 0
    waiting: int = 0
    attempts: int = 0
    submissions: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)

    def line(self) -> str:
        parts = [
            f"pulses sent {self.sent:,}",
            f"recorded {self.recorded:,}",
            f"duplicates {self.duplicates:,}",
            f"rejected {_counts(self.rejected)}",
            f"errors {_counts(self.errors)}",
            f"waiting {self.waiting:,}",
            f"seconds claimed {self.claimed_seconds:,}",
            f"quiz attempts {self.attempts:,}",
            f"submissions {self.submissions:,}",
        ]
        return ", ".join(parts)


def _counts(reasons: Counter[str]) -> str:
    if not reasons:
        return "0"
    named = "; ".join(f"{reason}: {count:,}" for reason, count in reasons.most_common())
    return f"{reasons.total():,} ({named})"


@dataclass(frozen=True)
class _Pulse:
    module_id: int
    resource_id: int
    body: dict[str, Any]


async def simulate(
    simulation: Simulation,
    *,
    stop: asyncio.Event,
    say: Callable[[str], None],
    transport: httpx.AsyncBaseTransport | None = None,
) -> Totals:
    """Run until the minutes are over or `stop` is set, then deliver what is still waiting.

    `say` gets a summary line every minute. Raises `ServerUnreachable`.
    """
    totals = Totals()
    async with httpx.AsyncClient(
        base_url=simulation.base_url,
        timeout=TIMEOUT,
        limits=httpx.Limits(max_connections=MAX_CONNECTIONS),
        transport=transport,
        # A proxy from the environment must not carry what is meant for this machine.
        trust_env=False,
    ) as client:
        await _reach(client, stop)
        learners = [
            _Learner(number, simulation, client, totals, stop)
            for number in range(len(simulation.usernames))
        ]
        async with asyncio.TaskGroup() as group:
            summary = group.create_task(_summarize(totals, say))
            studying = [group.create_task(learner.run()) for learner in learners]
            await _sleep_or_stop(simulation.minutes * 60, stop)
            drain_seconds = DRAIN_AFTER_SIGNAL_SECONDS if stop.is_set() else DRAIN_SECONDS
            stop.set()
            _, unfinished = await asyncio.wait(studying, timeout=drain_seconds)
            for task in (summary, *unfinished):
                task.cancel()
    return totals


async def _reach(client: httpx.AsyncClient, stop: asyncio.Event) -> None:
    deadline = time.monotonic() + REACH_SECONDS
    while not stop.is_set():
        try:
            await client.get("/healthz", timeout=5.0)
        except httpx.HTTPError as error:
            if time.monotonic() >= deadline:
                raise ServerUnreachable(
                    f"no answer from {client.base_url} in {REACH_SECONDS:g} seconds"
                ) from error
            await _sleep_or_stop(1.0, stop)
        else:
            return


async def _summarize(totals: Totals, say: Callable[[str], None]) -> None:
    minute = 0
    while True:
        await asyncio.sleep(SUMMARY_SECONDS)
        minute += 1
        say(f"{minute} min: {totals.line()}")


async def _sleep_or_stop(seconds: float, stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


class _Learner:
    """One browser: an account, its tokens, what it is doing, and its unanswered pulses."""

    def __init__(
        self,
        number: int,
        simulation: Simulation,
        client: httpx.AsyncClient,
        totals: Totals,
        stop: asyncio.Event,
    ) -> None:
        self._username = simulation.usernames[number]
        self._start_after = STAGGER_SECONDS * number / len(simulation.usernames)
        self._simulation = simulation
        self._client = client
        self._totals = totals
        self._stop = stop
        seed = None if simulation.seed is None else f"{simulation.seed}:{number}"
        self._random = random.Random(seed)  # noqa: S311 - behaviour, not secrets
        self._skill = self._random.uniform(0.4, 0.95)
        self._access = ""
        self._refresh = ""
        self._outbox: deque[_Pulse] = deque()
        self._failures = 0
        self._retry_at = 0.0
        self._watch_time = Counter[int]()

    async def run(self) -> None:
        try:
            await self._wait(self._start_after)
            while True:
                await self._study(await self._choose_module())
        except _Stopped:
            await self._drain()

    # --- What a learner does -----------------------------------------------------------------

    async def _choose_module(self) -> dict[str, Any]:
        modules: list[dict[str, Any]] = []
        while not modules:
            try:
                modules = await self._request("GET", "/api/modules/")
            except _Refused as error:
                self._totals.errors[str(error)] += 1
            if not modules:
                await self._wait(PULSE_SECONDS)
        unfinished = [module for module in modules if module["status"] != "completed"]
        return self._random.choice(unfinished or modules)

    async def _study(self, listed: Mapping[str, Any]) -> None:
        try:
            module = await self._request("GET", f"/api/modules/{listed['id']}/")
            for resource in module["resources"]:
                self._continue()
                if resource["completed"] and self._random.random() < 0.8:
                    continue
                if resource["kind"] == "video":
                    await self._play(module["id"], resource)
                else:
                    await self._open(module["id"], resource["id"])
            if module["has_quiz"]:
                await self._take_quiz(module["id"])
            if module["has_assignment"] and module["status"] != "completed":
                await self._hand_in(module["id"])
        except _Refused as error:
            # A module that was withdrawn meanwhile; another one is chosen next.
            self._totals.errors[str(error)] += 1
        await self._wait(self._random.uniform(5, 20))

    async def _play(self, module_id: int, resource: Mapping[str, Any]) -> None:
        length = float(resource["duration_seconds"] or 300)
        position = 0.0
        while position < length:
            watched = await self._wait(min(PULSE_SECONDS, length - position))
            end = min(position + watched, length)
            await self._pulse(
                module_id,
                resource["id"],
                seconds=round(watched),
                played=[[round(position, 3), round(end, 3)]] if end - position >= 0.001 else [],
                completed=end >= length,
            )
            self._continue()
            position = end
            if position >= length:
                return
            if self._random.random() < PAUSE_CHANCE:
                await self._wait(self._random.uniform(5, 30))
            if self._random.random() < SEEK_BACK_CHANCE:
                position = max(position - self._random.uniform(15, 60), 0.0)

    async def _open(self, module_id: int, resource_id: int) -> None:
        await self._pulse(module_id, resource_id, seconds=0, played=[], completed=True)
        await self._wait(self._random.uniform(5, 30))

    async def _take_quiz(self, module_id: int) -> None:
        quiz = await self._request("GET", f"/api/modules/{module_id}/quiz/")
        await self._wait(self._random.uniform(10, 40))
        answers = {
            str(question["id"]): self._answer(question)
            for question in quiz["questions"]
            if question["choices"]
        }
        if not answers:
            return
        await self._request(
            "POST", f"/api/modules/{module_id}/quiz/attempts/", {"answers": answers}, key=uuid7()
        )
        self._totals.attempts += 1

    def _answer(self, question: Mapping[str, Any]) -> int:
        right = self._simulation.answer_key.get(question["id"])
        if right is not None and self._random.random() < self._skill:
            return right
        choice: int = self._random.choice(question["choices"])["id"]
        return choice

    async def _hand_in(self, module_id: int) -> None:
        await self._wait(self._random.uniform(10, 40))
        await self._request(
            "POST",
            f"/api/modules/{module_id}/assignment/submissions/",
            {"text": SUBMISSION_TEXT},
            key=uuid7(),
        )
        self._totals.submissions += 1

    async def _wait(self, seconds: float) -> float:
        """Let simulated seconds pass; how many did, as the end of the simulation cuts it short."""
        started = time.monotonic()
        await _sleep_or_stop(seconds / self._simulation.speed, self._stop)
        passed = (time.monotonic() - started) * self._simulation.speed
        return min(passed, seconds) if self._stop.is_set() else seconds

    def _continue(self) -> None:
        if self._stop.is_set():
            raise _Stopped

    # --- Pulses ------------------------------------------------------------------------------

    async def _pulse(
        self,
        module_id: int,
        resource_id: int,
        *,
        seconds: int,
        played: list[list[float]],
        completed: bool,
    ) -> None:
        self._watch_time[resource_id] += seconds
        now = dt.datetime.now(dt.UTC).isoformat()
        body = {
            "pulse_id": str(uuid7()),
            "duration_delta": seconds,
            "watch_time": float(self._watch_time[resource_id]),
            "completed": completed,
            "played": played,
            "occurred_at": now,
            "_trace": now,
        }
        self._outbox.append(_Pulse(module_id, resource_id, body))
        self._totals.claimed_seconds += seconds
        self._totals.waiting += 1
        await self._flush()

    async def _flush(self) -> None:
        """Deliver what is waiting, unless the server asked for a rest; what fails keeps waiting."""
        while self._outbox and time.monotonic() >= self._retry_at:
            batch = [self._outbox[place] for place in range(min(len(self._outbox), REPLAY_BATCH))]
            try:
                await self._deliver(batch)
            except _Transient as error:
                self._note_failure(error)
                return
            self._failures = 0
            for _ in batch:
                self._outbox.popleft()
            self._totals.waiting -= len(batch)
            if self._random.random() < LOST_REPLY_CHANCE:
                await self._send_again(batch[-1])

    async def _send_again(self, pulse: _Pulse) -> None:
        """As a browser does that never saw the reply."""
        try:
            await self._deliver([pulse])
        except _Transient as error:
            self._note_failure(error)

    async def _drain(self) -> None:
        """Deliver what is waiting; who started the simulation bounds the time that this takes."""
        await self._flush()
        while self._outbox:
            await asyncio.sleep(max(self._retry_at - time.monotonic(), 0.01))
            await self._flush()

    async def _deliver(self, batch: list[_Pulse]) -> None:
        """Send one pulse, or several at once, and count what became of each."""
        self._totals.sent += len(batch)
        try:
            if len(batch) == 1:
                self._count(await self._send(*_single_request(batch[0])))
                return
            reply = await self._send(*_batch_request(batch))
            for result in reply["results"]:
                self._count(result)
        except _Refused as error:
            self._totals.rejected[str(error)] += len(batch)

    def _count(self, result: Mapping[str, Any]) -> None:
        if result["status"] == "recorded":
            self._totals.recorded += 1
        elif result["status"] == "duplicate":
            self._totals.duplicates += 1
        else:
            self._totals.rejected[result["problem"]["title"]] += 1

    # --- HTTP --------------------------------------------------------------------------------

    async def _request(
        self, method: str, path: str, body: Any = None, *, key: UUID | None = None
    ) -> Any:
        """The reply, however long it takes. Raises `_Stopped` and `_Refused`."""
        while True:
            self._continue()
            try:
                reply = await self._send(method, path, body, key)
            except _Transient as error:
                self._note_failure(error)
                pause = self._retry_at - time.monotonic()
                await _sleep_or_stop(max(pause, 0.0), self._stop)
            else:
                self._failures = 0
                return reply

    async def _send(self, method: str, path: str, body: Any = None, key: UUID | None = None) -> Any:
        """One try, with a fresh token if need be. Raises `_Transient` and `_Refused`."""
        if not self._access:
            await self._renew()
        response = await self._exchange(method, path, body, key)
        if response.status_code == 401:
            await self._renew()
            response = await self._exchange(method, path, body, key)
        if response.status_code == 401:
            raise _Transient("401 with a fresh token")
        return _reply(response)

    async def _exchange(
        self, method: str, path: str, body: Any, key: UUID | None
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._access}"}
        if key:
            headers["Idempotency-Key"] = str(key)
        try:
            return await self._client.request(method, path, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise _Transient(type(error).__name__) from error

    async def _renew(self) -> None:
        """Another access token: by the refresh token, else by signing in."""
        if self._refresh:
            try:
                self._keep(
                    await self._token("/api/auth/token/refresh/", {"refresh": self._refresh})
                )
            except _Refused:
                self._refresh = ""
            else:
                return
        credentials = {"username": self._username, "password": self._simulation.password}
        try:
            self._keep(await self._token("/api/auth/token/", credentials))
        except _Refused as error:
            # The pulses of somebody who cannot sign in are not refused, only not sent yet.
            raise _Transient(f"sign-in: {error}") from error

    async def _token(self, path: str, body: Mapping[str, str]) -> Any:
        try:
            return _reply(await self._client.post(path, json=body, timeout=SIGN_IN_TIMEOUT))
        except httpx.HTTPError as error:
            raise _Transient(type(error).__name__) from error

    def _keep(self, pair: Mapping[str, str]) -> None:
        self._access, self._refresh = pair["access"], pair["refresh"]

    def _note_failure(self, error: _Transient) -> None:
        """Back off: twice as long each time, at least as long as asked, and never in step."""
        self._totals.errors[str(error)] += 1
        ceiling = min(FIRST_BACKOFF_SECONDS * 2**self._failures, LONGEST_BACKOFF_SECONDS)
        self._failures = min(self._failures + 1, 10)
        pause = max(self._random.uniform(ceiling / 2, ceiling), error.wait_seconds)
        self._retry_at = time.monotonic() + pause / self._simulation.speed


def _single_request(pulse: _Pulse) -> tuple[str, str, Any]:
    path = f"/api/modules/{pulse.module_id}/resources/{pulse.resource_id}/complete/"
    return "POST", path, pulse.body


def _batch_request(batch: list[_Pulse]) -> tuple[str, str, Any]:
    pulses = [
        pulse.body | {"module": pulse.module_id, "resource": pulse.resource_id} for pulse in batch
    ]
    return "POST", "/api/tracking/pulses/", {"pulses": pulses}


def _reply(response: httpx.Response) -> Any:
    """The JSON of a reply. Raises `_Transient` for what may pass, `_Refused` for what will not."""
    status = response.status_code
    if status in {408, 429} or status >= 500:
        raise _Transient(str(status), _retry_after(response))
    try:
        body = response.json()
    except ValueError:
        raise _Transient(f"{status} without JSON") from None
    if status >= 400:
        title = body.get("title") if isinstance(body, dict) else None
        raise _Refused(title or str(status))
    return body


def _retry_after(response: httpx.Response) -> float:
    given = response.headers.get("Retry-After", "")
    return min(float(given), LONGEST_BACKOFF_SECONDS) if given.isdecimal() else 0.0
