"""Clients whose clocks are wrong by a day or by ten years, either way."""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest

from tests.faults.history import Answer
from tests.faults.pulses import id_of_time, pulse_at
from tests.faults.site import Site

DAY = dt.timedelta(days=1)
TEN_YEARS = dt.timedelta(days=3652)
MINUTE = dt.timedelta(minutes=1)
# Between the reading of the clock here and there.
TRANSIT = dt.timedelta(seconds=20)

SKEWS = pytest.mark.parametrize(
    "skew",
    [DAY, -DAY, TEN_YEARS, -TEN_YEARS],
    ids=["a day ahead", "a day behind", "ten years ahead", "ten years behind"],
)


def ledger_row(site: Site, learner_id: int, pulse_id: UUID) -> dict[str, Any]:
    (row,) = site.server.rows(
        "select occurred_at, received_at, is_clamped, clock_offset_seconds"
        " from tracking_pulse where user_id = %s and pulse_id = %s",
        [learner_id, pulse_id],
    )
    return row


@SKEWS
@pytest.mark.parametrize("in_batch", [False, True])
def test_a_clock_that_is_told_is_corrected_and_flagged(
    site: Site, skew: dt.timedelta, in_batch: bool
) -> None:
    learner, place = site.learner(), site.people.course.places[0]
    now = dt.datetime.now(dt.UTC)
    shown = now + skew
    pulse = pulse_at(place, shown - MINUTE)

    with site.client(learner) as client:
        if in_batch:
            (answer,) = client.try_batch([pulse], sent_at=shown)
        else:
            answer = client.try_once(pulse, sent_at=shown.isoformat())

    row = ledger_row(site, learner.id, pulse.pulse_id)
    assert answer is Answer.RECORDED
    assert now - MINUTE <= row["occurred_at"] <= now - MINUTE + TRANSIT
    assert not row["is_clamped"]
    assert -skew <= dt.timedelta(seconds=row["clock_offset_seconds"]) <= -skew + TRANSIT


@pytest.mark.parametrize("skew", [DAY, TEN_YEARS], ids=["a day", "ten years"])
def test_a_time_ahead_that_nothing_explains_is_clamped_and_flagged(
    site: Site, skew: dt.timedelta
) -> None:
    learner, place = site.learner(), site.people.course.places[0]
    pulse = pulse_at(place, dt.datetime.now(dt.UTC) + skew)

    with site.client(learner) as client:
        answer = client.try_once(pulse)
        again = client.try_once(pulse)

    row = ledger_row(site, learner.id, pulse.pulse_id)
    assert (answer, again) == (Answer.RECORDED, Answer.DUPLICATE)
    assert row["occurred_at"] == row["received_at"]
    assert row["is_clamped"]


def test_a_time_behind_that_nothing_explains_is_taken_at_its_word_or_refused(site: Site) -> None:
    """A day ago is what an offline client says as well; ten years ago is over the maximum age."""
    learner, place = site.learner(), site.people.course.places[0]
    now = dt.datetime.now(dt.UTC)
    a_day, ten_years = (pulse_at(place, now - skew) for skew in (DAY, TEN_YEARS))

    with site.client(learner) as client:
        answers = [client.try_once(a_day), client.try_once(ten_years)]

    row = ledger_row(site, learner.id, a_day.pulse_id)
    assert answers == [Answer.RECORDED, Answer.REFUSED]
    assert (row["occurred_at"], row["is_clamped"]) == (now - DAY, False)


def test_a_clock_that_is_right_but_for_seconds_is_neither_clamped_nor_flagged(site: Site) -> None:
    learner, place = site.learner(), site.people.course.places[0]
    shown = dt.datetime.now(dt.UTC) + MINUTE
    pulse = pulse_at(place, shown)

    with site.client(learner) as client:
        client.try_once(pulse, sent_at=shown.isoformat())

    row = ledger_row(site, learner.id, pulse.pulse_id)
    assert (row["is_clamped"], row["clock_offset_seconds"]) == (False, None)


@SKEWS
def test_an_id_made_by_a_wrong_clock_still_tells_a_retry(site: Site, skew: dt.timedelta) -> None:
    learner, place = site.learner(), site.people.course.places[1]
    shown = dt.datetime.now(dt.UTC) + skew
    pulse = pulse_at(place, shown)
    assert pulse.pulse_id.int >> 80 == id_of_time(shown).int >> 80

    with site.client(learner) as client:
        first = client.try_once(pulse, sent_at=shown.isoformat())
        # Put right between the tries.
        again = client.try_once(pulse, sent_at=(shown + MINUTE).isoformat())

    assert (first, again) == (Answer.RECORDED, Answer.DUPLICATE)
