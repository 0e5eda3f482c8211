"""The server's side of the fixture that the browser client is tested with, too."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings

from tests.factories import client_of, make_learner, make_module
from tracking.models import Module, Pulse, User

CONTRACT: dict[str, Any] = json.loads(
    (Path(settings.BASE_DIR) / "frontend/telemetry/contract/pulses.json").read_text("utf-8")
)
NOW = dt.datetime.fromisoformat(CONTRACT["now"])
ADDRESS = "/api/tracking/pulses/"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("evidence_adds_up")]


def named(case: dict[str, Any]) -> str:
    return str(case["name"])


@pytest.fixture
def learner() -> User:
    return make_learner()


@pytest.fixture
def module() -> Module:
    return make_module(duration_seconds=100)


@pytest.fixture
def other_module() -> Module:
    return make_module()


def placed(pulse: dict[str, Any], module: Module, other_module: Module) -> dict[str, Any]:
    """The pulse with the ids that the fixture's places have here."""
    resources = {1: module.resources.get().pk, 2: other_module.resources.get().pk}
    return pulse | {
        "module": module.pk if pulse["module"] == 1 else pulse["module"],
        "resource": resources[pulse["resource"]],
    }


def send(learner: User, body: dict[str, Any]) -> Any:
    with time_machine.travel(NOW, tick=False):
        return client_of(learner).post(ADDRESS, body, format="json")


@pytest.mark.parametrize("case", CONTRACT["valid"], ids=named)
def test_a_valid_pulse_is_recorded_and_answered_as_the_client_expects(
    case: dict[str, Any], learner: User, module: Module, other_module: Module
) -> None:
    pulse = placed(case["pulse"], module, other_module)
    body = {"sent_at": CONTRACT["now"], "pulses": [pulse]}

    for status in ("recorded", "duplicate"):
        response = send(learner, body)
        assert response.status_code == 200
        assert response.json()["results"] == [
            {"status": status, "pulse_id": pulse["pulse_id"]} | case["reply"]
        ]

    assert Pulse.objects.count() == 1


@pytest.mark.parametrize("case", CONTRACT["invalid"], ids=named)
def test_an_invalid_pulse_is_refused_as_the_client_expects(
    case: dict[str, Any], learner: User, module: Module, other_module: Module
) -> None:
    good = CONTRACT["valid"][0]["pulse"]
    bad = placed(good | case["change"], module, other_module)
    companion = placed(CONTRACT["valid"][1]["pulse"], module, other_module)

    response = send(learner, {"sent_at": CONTRACT["now"], "pulses": [bad, companion]})

    assert response.status_code == 200
    refused, recorded = response.json()["results"]
    assert refused["status"] == "rejected"
    assert refused["pulse_id"] == (None if bad["pulse_id"] == "1" else bad["pulse_id"])
    problem = refused["problem"]
    assert (problem["type"], problem["status"]) == (case["type"], case["status"])
    fields = [error["field"] for error in problem.get("errors", [])]
    assert fields == ([f"pulses.0.{case['field']}"] if "field" in case else [])
    assert recorded["status"] == "recorded"


@pytest.mark.parametrize("case", CONTRACT["bodies"], ids=named)
def test_a_body_that_is_no_batch_is_refused_as_a_whole(case: dict[str, Any], learner: User) -> None:
    response = send(learner, case["body"])

    assert response.status_code == case["status"]
    assert response.headers["Content-Type"].startswith("application/problem+json")
    problem = response.json()
    assert (problem["type"], problem["status"]) == (case["type"], case["status"])


def test_the_limits_are_those_of_the_server() -> None:
    assert CONTRACT["limits"] == {
        "pulses": settings.MAX_BATCH_PULSES,
        "bytes": settings.MAX_BODY_BYTES,
        "duration_delta": settings.MAX_PULSE_SECONDS,
        "played": 100,
    }
    assert dt.timedelta(days=7) == settings.MAX_PULSE_AGE


def test_a_batch_at_its_limits_is_taken(
    learner: User, module: Module, other_module: Module
) -> None:
    """As many pulses as the client sends at most, of which the longest go into one request."""
    pulse = placed(CONTRACT["valid"][0]["pulse"], module, other_module)
    limits = CONTRACT["limits"]
    pulses = [
        pulse | {"pulse_id": f"019c46a2-7c1e-7d40-9a53-{number:012x}"}
        for number in range(limits["pulses"])
    ]

    response = send(learner, {"sent_at": CONTRACT["now"], "pulses": pulses})

    assert response.status_code == 200
    assert {result["status"] for result in response.json()["results"]} == {"recorded"}
