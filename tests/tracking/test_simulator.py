"""Simulated learners, on a network that fails in every way a real one does, and for real."""

import asyncio
import json
import random
import time
from io import StringIO
from typing import Any

import httpx
import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from tracking import simulator
from tracking.management.commands.simulate import ensure_accounts, simulated_password
from tracking.models import Choice, LearningSession, Module, Pulse, Question, Quiz, Team, User
from tracking.simulator import SIMULATED_TEAM, ServerUnreachable, Simulation, Totals, simulate

SPEED = 3000.0

MODULES = [
    {"id": 1, "status": "in_progress", "has_quiz": True, "has_assignment": True},
    {"id": 2, "status": "completed", "has_quiz": False, "has_assignment": False},
]
RESOURCES = [
    {"id": 11, "kind": "video", "duration_seconds": 100, "completed": False},
    {"id": 12, "kind": "document", "duration_seconds": None, "completed": False},
    {"id": 13, "kind": "link", "duration_seconds": None, "completed": True},
]
QUESTIONS = [{"id": 5, "choices": [{"id": 51}, {"id": 52}]}]


class FakeSite:
    """The API in memory. With `trouble` it loses, refuses and delays a third of all requests."""

    def __init__(self, *, trouble: bool) -> None:
        self.trouble = trouble
        self.chance = random.Random(11)
        self.ledger: dict[str, dict[str, Any]] = {}
        self.duplicates = 0
        self.conflicts = 0
        self.seen: list[tuple[str, str]] = []
        self.uses_left: dict[str, int] = {}
        self.refresh_tokens: set[str] = set()
        self.keys: list[str | None] = []
        self.issued = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        body = json.loads(request.content) if request.content else None
        self.seen.append((request.method, path))
        mishap = self.chance.random() if self.trouble and path != "/healthz" else 1.0
        if mishap < 0.08:
            raise httpx.ConnectError("refused", request=request)
        if mishap < 0.16:
            return httpx.Response(503, headers={"Retry-After": "2"}, json={"title": "Down"})
        if mishap < 0.20:
            return httpx.Response(429, headers={"Retry-After": "1"}, json={"title": "Slow"})
        if mishap < 0.23:
            return httpx.Response(502, text="<html>bad gateway</html>")
        response = self.answer(request, path, body)
        if mishap < 0.33:
            raise httpx.ReadTimeout("the reply was lost", request=request)
        return response

    def answer(self, request: httpx.Request, path: str, body: Any) -> httpx.Response:
        if path == "/healthz":
            return httpx.Response(200, json={})
        if path.startswith("/api/auth/"):
            return self.sign_in(body)
        token = request.headers["Authorization"].removeprefix("Bearer ")
        if self.uses_left.get(token, 0) <= 0:
            return httpx.Response(401, json={"title": "Sign in first"})
        self.uses_left[token] -= 1
        if path.endswith("/complete/") or path == "/api/tracking/pulses/":
            return self.pulses(path, body)
        return self.catalogue(request, path, body)

    def pulses(self, path: str, body: Any) -> httpx.Response:
        if path == "/api/tracking/pulses/":
            results = [self.pulse(_without_address(pulse)) for pulse in body["pulses"]]
            return httpx.Response(200, json={"results": results})
        _, _, _, module, _, resource, *_ = path.split("/")
        assert (int(module), int(resource)) in {(1, 11), (1, 12), (1, 13)}
        return httpx.Response(200, json=self.pulse(body))

    def sign_in(self, body: dict[str, str]) -> httpx.Response:
        if "refresh" not in body:
            assert body["password"] == "secret"
        elif body["refresh"] not in self.refresh_tokens:
            return httpx.Response(401, json={"title": "Sign in first"})
        self.refresh_tokens.discard(body.get("refresh", ""))
        return self.tokens()

    def catalogue(self, request: httpx.Request, path: str, body: Any) -> httpx.Response:
        if path == "/api/modules/":
            return httpx.Response(200, json=MODULES)
        if path == "/api/modules/1/":
            return httpx.Response(200, json=MODULES[0] | {"resources": RESOURCES})
        if path == "/api/modules/1/quiz/":
            return httpx.Response(200, json={"id": 9, "questions": QUESTIONS})
        self.keys.append(request.headers.get("Idempotency-Key"))
        if path == "/api/modules/1/quiz/attempts/":
            assert body["answers"]["5"] in {51, 52}
            return httpx.Response(201, json={})
        assert path == "/api/modules/1/assignment/submissions/"
        assert body["text"]
        return httpx.Response(201, json={})

    def tokens(self) -> httpx.Response:
        self.issued += 1
        access, refresh = f"access-{self.issued}", f"refresh-{self.issued}"
        self.uses_left[access] = 25 if self.trouble else 10**9
        self.refresh_tokens.add(refresh)
        return httpx.Response(200, json={"access": access, "refresh": refresh})

    def pulse(self, body: dict[str, Any]) -> dict[str, Any]:
        earlier = self.ledger.setdefault(body["pulse_id"], body)
        if earlier is body:
            return {"status": "recorded"}
        self.conflicts += earlier != body
        self.duplicates += 1
        return {"status": "duplicate"}


def _without_address(pulse: dict[str, Any]) -> dict[str, Any]:
    assert (pulse["module"], pulse["resource"]) in {(1, 11), (1, 12), (1, 13)}
    return {name: pulse[name] for name in pulse if name not in {"module", "resource"}}


def run(
    site: Any,
    *,
    learners: int = 4,
    seconds: float = 1.5,
    stop_after: float | None = None,
    **changes: Any,
) -> tuple[Totals, list[str]]:
    simulation = Simulation(
        usernames=tuple(f"sim-{number:03d}" for number in range(1, learners + 1)),
        password="secret",
        minutes=seconds / 60,
        base_url="http://127.0.0.1:1",
        **({"seed": 3, "speed": SPEED} | changes),
    )
    lines: list[str] = []

    async def main() -> Totals:
        stop = asyncio.Event()
        if stop_after is not None:
            asyncio.get_running_loop().call_later(stop_after, stop.set)
        return await simulate(
            simulation, stop=stop, say=lines.append, transport=httpx.MockTransport(site)
        )

    return asyncio.run(main()), lines


@pytest.mark.parametrize("trouble", [False, True])
def test_nothing_is_lost_and_nothing_counted_twice(trouble: bool) -> None:
    site = FakeSite(trouble=trouble)

    totals, _ = run(site)

    assert len(site.ledger) > 20
    assert totals.waiting == 0
    assert totals.claimed_seconds == sum(body["duration_delta"] for body in site.ledger.values())
    assert site.conflicts == 0
    assert totals.rejected.total() == 0
    assert totals.recorded <= len(site.ledger)
    assert totals.duplicates <= site.duplicates
    if trouble:
        assert {"ConnectError", "ReadTimeout", "503", "429", "502"} <= set(totals.errors)
        assert site.issued > 10
    else:
        assert totals.errors.total() == 0
        assert (totals.recorded, totals.duplicates) == (len(site.ledger), site.duplicates)
        assert totals.sent == totals.recorded + totals.duplicates
        assert site.issued == 4


def test_pulses_are_what_browsers_send() -> None:
    site = FakeSite(trouble=False)

    totals, _ = run(site)

    assert totals.duplicates > 0
    assert totals.attempts > 0
    assert totals.submissions > 0
    assert all(site.keys)
    for body in site.ledger.values():
        assert set(body) == {
            "pulse_id",
            "duration_delta",
            "watch_time",
            "completed",
            "played",
            "occurred_at",
            "_trace",
        }
        assert body["duration_delta"] <= 15
        assert all(0 <= start < end <= 100 for start, end in body["played"])
    whole = [body for body in site.ledger.values() if body["duration_delta"] == 15]
    assert {round(end - start, 3) for body in whole for start, end in body["played"]} == {15.0}
    clicks = [body for body in site.ledger.values() if body["completed"] and not body["played"]]
    assert {body["duration_delta"] for body in clicks} == {0}


def test_seed_repeats_the_choices() -> None:
    first, second, other = (FakeSite(trouble=False) for _ in range(3))
    run(first, learners=1, seed=8)
    run(second, learners=1, seed=8)
    run(other, learners=1, seed=9)

    assert first.seen[:40] == second.seen[:40]
    assert first.seen[:40] != other.seen[:40]


def test_refused_pulses_are_named() -> None:
    class Strict(FakeSite):
        def answer(self, request: httpx.Request, path: str, body: Any) -> httpx.Response:
            if path.endswith("/complete/"):
                return httpx.Response(404, json={"title": "Not found"})
            return super().answer(request, path, body)

    totals, _ = run(Strict(trouble=False), learners=1)

    assert set(totals.rejected) == {"Not found"}
    assert (totals.recorded, totals.waiting) == (0, 0)
    assert f"rejected {totals.rejected.total():,} (Not found: " in totals.line()


def test_account_that_cannot_sign_in_keeps_trying() -> None:
    class Closed(FakeSite):
        def tokens(self) -> httpx.Response:
            return httpx.Response(401, json={"title": "Sign in first"})

    totals, _ = run(Closed(trouble=False), learners=1, seconds=0.5)

    assert totals.errors["sign-in: Sign in first"] > 1


def test_stop_is_bounded_when_the_server_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulator, "DRAIN_AFTER_SIGNAL_SECONDS", 0.4)

    class Dying(FakeSite):
        async def __call__(self, request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("/complete/") or "tracking" in request.url.path:
                await asyncio.sleep(3600)
            return await super().__call__(request)

    started = time.monotonic()
    totals, _ = run(Dying(trouble=False), seconds=3600, stop_after=0.5)

    assert time.monotonic() - started < 5
    assert totals.waiting > 0
    assert totals.recorded == 0


def test_summary_every_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulator, "SUMMARY_SECONDS", 0.2)

    _, lines = run(FakeSite(trouble=False), seconds=0.9)

    assert [line.split(":")[0] for line in lines[:3]] == ["1 min", "2 min", "3 min"]


def test_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulator, "REACH_SECONDS", 0.2)

    async def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(ServerUnreachable, match=r"no answer from http://127\.0\.0\.1:1"):
        run(refuse)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learners": 0}, "--learners must be from 1 to 2,000"),
        ({"learners": 2001}, "--learners must be from 1 to 2,000"),
        ({"minutes": 0.0}, "--minutes must be more than 0"),
        ({"minutes": float("nan")}, "--minutes must be more than 0"),
        ({"minutes": 1440.5}, "--minutes must be more than 0"),
        ({"base_url": "http://example.com"}, "example.com is not"),
        ({"base_url": "http://127.0.0.1.example.com"}, "127.0.0.1.example.com is not"),
        ({"base_url": "http://127.0.0.1@192.0.2.1/"}, "192.0.2.1 is not"),
        ({"base_url": "http://0.0.0.0:8000"}, "0.0.0.0 is not"),
        ({"base_url": "127.0.0.1:8000"}, "must look like"),
        ({"base_url": "ftp://127.0.0.1"}, "must look like"),
        ({"base_url": "http://127.0.0.1:x"}, "is not an address"),
    ],
)
def test_options_are_checked_first(options: dict[str, Any], message: str) -> None:
    given = {"learners": 1, "minutes": 1.0, "base_url": "http://127.0.0.1:1"} | options
    with pytest.raises(CommandError) as error_info:
        call_command("simulate", **given)
    assert message in str(error_info.value)


@pytest.mark.django_db
def test_nothing_to_learn() -> None:
    Module.objects.create(title="Hidden", is_published=False)
    with pytest.raises(CommandError, match="no module is published"):
        call_command("simulate", learners=1, minutes=1.0)


@pytest.mark.django_db
def test_accounts_are_made_once_and_share_a_hash() -> None:
    password = simulated_password()
    started = time.monotonic()
    names = ensure_accounts(1000, password)
    assert time.monotonic() - started < 10
    before = list(User.objects.order_by("pk").values_list())

    assert ensure_accounts(1000, password) == names
    assert list(User.objects.order_by("pk").values_list()) == before
    assert (names[0], names[-1]) == ("sim-001", "sim-1000")
    assert User.objects.filter(team__name=SIMULATED_TEAM, role="learner").count() == 1000
    assert len(set(User.objects.values_list("password", flat=True))) == 1
    assert User.objects.get(username="sim-500").check_password(password)


@pytest.mark.django_db
def test_account_moved_to_another_team_stays_there() -> None:
    password = simulated_password()
    ensure_accounts(1, password)
    team = Team.objects.create(name="Elsewhere")
    User.objects.update(team=team)

    ensure_accounts(2, password)

    assert dict(User.objects.values_list("username", "team__name")) == {
        "sim-001": "Elsewhere",
        "sim-002": SIMULATED_TEAM,
    }


@pytest.mark.django_db
def test_account_of_somebody_else_is_left_alone() -> None:
    person = User.objects.create_user("sim-002", password="their own")

    with pytest.raises(CommandError, match="sim-002 is not a simulated one"):
        ensure_accounts(3, simulated_password())

    person.refresh_from_db()
    assert person.check_password("their own")


def test_over_real_http(committed: None, live_server: Any) -> None:
    module = Module.objects.create(title="Pumps", has_quiz=True, has_assignment=True)
    module.resources.create(title="Valves", kind="video", duration_seconds=60)
    module.resources.create(title="Guide", kind="document")
    question = Question.objects.create(quiz=Quiz.objects.create(module=module), text="Why?")
    right = Choice.objects.create(question=question, text="Because", is_correct=True)
    Choice.objects.create(question=question, text="Perhaps")
    password = simulated_password()
    simulation = Simulation(
        usernames=ensure_accounts(2, password),
        password=password,
        minutes=0.1,
        base_url=live_server.url,
        answer_key={question.pk: right.pk},
        seed=1,
        speed=150.0,
    )

    totals = asyncio.run(simulate(simulation, stop=asyncio.Event(), say=lambda line: None))

    assert (totals.waiting, totals.rejected.total()) == (0, 0)
    assert totals.recorded > 5
    counted = Pulse.objects.aggregate(seconds=Sum("duration_delta"))["seconds"]
    assert counted == totals.claimed_seconds
    assert (
        LearningSession.objects.aggregate(seconds=Sum("focus_duration_seconds"))["seconds"]
        == counted
    )


@pytest.mark.django_db
def test_unreachable_server_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulator, "REACH_SECONDS", 0.1)
    Module.objects.create(title="Pumps")

    with pytest.raises(
        CommandError, match=r"^no answer from http://127\.0\.0\.1:9 in 0\.1 seconds$"
    ):
        call_command(
            "simulate", learners=1, minutes=1.0, base_url="http://127.0.0.1:9", stdout=StringIO()
        )
