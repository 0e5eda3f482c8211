"""Amounts at and beyond every edge, as JSON spells them: taken as the contract says, or refused."""

from collections.abc import Sequence

import pytest
from uuid6 import uuid7

from tests.faults.history import Answer
from tests.faults.pulses import new_pulse
from tests.faults.site import Site

JSON = {"Content-Type": "application/json"}

REFUSED_DELTAS = [
    *("-1", "-300", "301", "1000000"),
    *("0.5", "14.999", "15.0", "-0.0", "1e2", "15e0", "1E400", "-1e-400"),
    *(str(2**15), str(2**31 - 1), str(2**31), str(2**32)),
    *(str(2**63 - 1), str(2**63), str(2**64), str(-(2**63)), str(-(2**63) - 1)),
    *("9" * 400, "-" + "9" * 400, "9" * 10_000),
    *('"15"', '""', "null", "true", "false", "[15]", "{}", "NaN", "Infinity", "-Infinity"),
    *("015", "+15", "0x0f", "1_5", "\u0661\u0665", "15,", ""),
]

REFUSED_FIELDS = [
    *(f'"watch_time": {amount}' for amount in ("-1", "-0.1", "1000000000001", "1e13", "1e309")),
    *(f'"watch_time": {amount}' for amount in (str(10**400), '"1"', "true", "[]")),
    *(f'"played": [[{pair}]]' for pair in ("-1, 5", "5, 5", "9, 5", "0, 86400.1", "0, 1e309")),
    *(f'"played": [[{pair}]]' for pair in (f"0, {2**31}", f"0, {2**63}", '"0", "5"', "0", "0,1,2")),
    '"played": [' + ",".join(["[0, 1]"] * 101) + "]",
    *(f'"occurred_at": {time}' for time in ("0", "1e12", '"0"', '"2026-02-30T00:00:00Z"')),
    '"occurred_at": "10000-01-01T00:00:00Z"',
]


@pytest.mark.parametrize(
    ("body", "amounts"),
    [
        ('{{"pulse_id": "{pulse_id}", "duration_delta": {amount}}}', REFUSED_DELTAS),
        ('{{"pulse_id": "{pulse_id}", "duration_delta": 15, {amount}}}', REFUSED_FIELDS),
    ],
    ids=["deltas that are no seconds of one pulse", "other amounts out of bounds"],
)
def test_amounts_out_of_bounds_are_refused(site: Site, body: str, amounts: Sequence[str]) -> None:
    learner, place = site.learner(), site.people.course.places[0]
    with site.client(learner) as client:
        statuses = {
            amount: client.request(
                "POST",
                place.path,
                content=body.format(pulse_id=uuid7(), amount=amount).encode(),
                headers=JSON,
            ).status_code
            for amount in amounts
        }

    assert statuses == dict.fromkeys(amounts, 400)
    assert site.rows_of(learner) == 0


@pytest.mark.parametrize(
    "number", ["0", "-1", "1.0", str(2**31), str(2**63 - 1), str(2**63), "9" * 30, "NaN"]
)
def test_places_that_do_not_exist_are_not_found(site: Site, number: str) -> None:
    learner, (place, *_) = site.learner(), site.people.course.places
    paths = [
        f"/api/modules/{number}/resources/{place.resource_id}/complete/",
        f"/api/modules/{place.module_id}/resources/{number}/complete/",
    ]
    with site.client(learner) as client:
        statuses = [
            client.request("POST", path, json={"duration_delta": 15}).status_code for path in paths
        ]

    assert statuses == [404, 404]
    assert site.rows_of(learner) == 0


def test_bad_amounts_in_a_batch_do_not_spoil_the_good_ones(site: Site) -> None:
    learner, place = site.learner(), site.people.course.places[1]
    deltas = [0, -1, 300, 301, 2**31, 2**63, 15, 10**30]
    pulses = [new_pulse(place, duration_delta=delta) for delta in deltas]
    with site.client(learner) as client:
        answers = client.try_batch(pulses)

    good = {0, 300, 15}
    assert answers == [Answer.RECORDED if one in good else Answer.REFUSED for one in deltas]


def test_the_largest_amounts_add_up(site: Site) -> None:
    learner, (film, _, day_of_film) = site.learner(), site.people.course.places
    whole = ((0, 86_400_000),)
    slices = tuple((number * 2, number * 2 + 1) for number in range(100))
    pulses = [
        *(new_pulse(place, duration_delta=300, played=whole) for place in (film, day_of_film)),
        *(new_pulse(day_of_film, duration_delta=300, played=slices) for _ in range(98)),
    ]
    with site.client(learner) as client:
        answers = client.deliver(*pulses)
        evidence = client.try_once(new_pulse(film, duration_delta=0), watch_time=1e12)

    assert {*answers, evidence} == {Answer.RECORDED}
