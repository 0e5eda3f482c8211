"""The same pulses again, in any order, at any time, over any connection: they count once."""

import datetime as dt
import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

import pytest

from tests.faults.history import Answer, Place, SentPulse
from tests.faults.pulses import id_of_time, new_pulse, pulse_at
from tests.faults.site import Site

BEAT = dt.timedelta(seconds=15)
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
MAX_BATCH = 500


def beats(places: list[Place], start: dt.datetime, length: dt.timedelta) -> list[SentPulse]:
    """A pulse every 15 seconds, in turn on each place, which play on from where they were."""
    return [
        pulse_at(
            places[number % len(places)],
            start + number * BEAT,
            played=((number * 1000, number * 1000 + 1500),),
        )
        for number in range(length // BEAT)
    ]


def test_the_same_pulse_fifty_times_at_once(site: Site) -> None:
    learner, place = site.learner(), site.people.course.places[0]
    pulse = new_pulse(place, played=((0, 15_000),), completed=True)
    start = threading.Barrier(50)

    def send(_: int) -> Answer:
        with site.client(learner) as client:
            start.wait()
            return client.try_once(pulse)

    with ThreadPoolExecutor(50) as pool:
        answers = Counter(pool.map(send, range(50)))

    assert answers == {Answer.RECORDED: 1, Answer.DUPLICATE: 49}


def test_two_contents_for_one_id_at_once_have_one_winner(site: Site) -> None:
    """In different modules, so that they do not wait for the same progress."""
    learner, people = site.learner(), site.people
    one = new_pulse(people.course.places[1])
    other = replace(one, place=people.other_course.places[0])
    start = threading.Barrier(20)

    def send(pulse: SentPulse) -> Answer:
        with site.client(learner) as client:
            start.wait()
            return client.try_once(pulse)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, [one, other] * 10))

    by_content = {frozenset(answers[0::2]), frozenset(answers[1::2])}
    assert by_content == {
        frozenset({Answer.RECORDED, Answer.DUPLICATE}),
        frozenset({Answer.REFUSED}),
    }
    assert answers.count(Answer.RECORDED) == 1


def test_an_id_that_stands_for_other_content_is_refused(site: Site) -> None:
    learner, (film, text, _) = site.learner(), site.people.course.places
    pulse = new_pulse(film, played=((0, 15_000),))
    others = [
        replace(pulse, duration_delta=16),
        replace(pulse, duration_delta=0),
        replace(pulse, completed=True),
        replace(pulse, played=()),
        replace(pulse, played=((0, 15_001),)),
        replace(pulse, place=text),
        replace(pulse, place=site.people.other_course.places[0]),
        replace(pulse, occurred_at=dt.datetime.now(dt.UTC)),
    ]
    with site.client(learner) as client:
        client.deliver(pulse)
        statuses = [
            client.request("POST", other.place.path, json=other.body).status_code
            for other in others
        ]
        answers = client.try_batch(others)
        again = client.try_once(pulse)

    assert statuses == [422] * len(others)
    assert answers == [Answer.REFUSED] * len(others)
    assert again is Answer.DUPLICATE


def test_an_id_of_any_version_and_time_counts_once(site: Site) -> None:
    """Ids are the client's business; one that names no day, or none near, is as good as any."""
    learner, place = site.learner(), site.people.course.places[1]
    now = dt.datetime.now(dt.UTC)
    ids = [
        UUID(int=0),
        UUID(int=2**128 - 1),
        UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
        UUID("016c5a9e-7d3f-4a4b-8f6e-1d2c3b4a5968"),
        UUID("016c5a9e-7d3f-7a4b-0f6e-1d2c3b4a5968"),
        *(
            id_of_time(at)
            for at in (
                dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
                now - 3650 * DAY,
                now - 8 * DAY,
                now + DAY,
                now + 3650 * DAY,
                dt.datetime(9999, 12, 31, tzinfo=dt.UTC),
            )
        ),
        UUID(int=(2**48 - 1) << 80 | 7 << 76 | 2 << 62),
    ]
    pulses = [SentPulse(pulse_id, place) for pulse_id in ids]
    with site.client(learner) as client:
        one_by_one = [client.try_once(pulse) for pulse in pulses]
        together = client.try_batch(pulses)
        conflicts = client.try_batch([replace(pulse, duration_delta=1) for pulse in pulses])

    assert one_by_one == [Answer.RECORDED] * len(pulses)
    assert together == [Answer.DUPLICATE] * len(pulses)
    assert conflicts == [Answer.REFUSED] * len(pulses)


def test_twelve_hours_offline_are_replayed_across_midnight(site: Site) -> None:
    learner, places = site.learner(), list(site.people.course.places)
    today = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    midnight = today - DAY
    pulses = beats(places, midnight - 6 * HOUR, 12 * HOUR)
    last, first = midnight - dt.timedelta(milliseconds=1), midnight
    pulses += [pulse_at(places[1], at) for at in (last, last, first, first)]
    with site.client(learner) as client:
        answers = [
            answer
            for start in range(0, len(pulses), MAX_BATCH)
            for answer in client.deliver(*pulses[start : start + MAX_BATCH])
        ]
        # The client lost its notes of what was answered, and cuts the batches elsewhere.
        around_midnight = pulses[1400:1600] + pulses[-4:]
        again = client.deliver(*around_midnight[::-1])

    assert set(answers) == {Answer.RECORDED}
    assert set(again) == {Answer.DUPLICATE}
    (ledger,) = site.server.rows(
        "select count(distinct tableoid) as partitions from tracking_pulse where user_id = %s",
        [learner.id],
    )
    assert ledger == {"partitions": 2}
    (progress,) = site.server.rows(
        "select sum(focus_duration_seconds) as seconds, count(*) as sessions"
        " from tracking_learningsession where user_id = %s",
        [learner.id],
    )
    assert progress == {"seconds": 12 * 3600 + 60, "sessions": 1}


def test_what_is_older_than_the_maximum_age_is_refused_visibly(site: Site) -> None:
    learner, place = site.learner(), site.people.course.places[1]
    now = dt.datetime.now(dt.UTC)
    young = [pulse_at(place, now - 7 * DAY + HOUR), pulse_at(place, now)]
    old = pulse_at(place, now - 7 * DAY - HOUR)
    with site.client(learner) as client:
        alone = client.request("POST", place.path, json=old.body)
        answers = client.try_batch([young[0], old, young[1]])

    assert alone.status_code == 400
    assert [error["field"] for error in alone.json()["errors"]] == ["occurred_at"]
    assert answers == [Answer.RECORDED, Answer.REFUSED, Answer.RECORDED]


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_day_of_pulses_shuffled_and_repeated_four_times_over_eight_connections(
    site: Site,
) -> None:
    learner = site.learner()
    places = [*site.people.course.places, *site.people.other_course.places]
    pulses = beats(places, dt.datetime.now(dt.UTC) - DAY, DAY)
    assert len(pulses) == 5760
    order = random.Random(5760)
    sends = pulses * 4
    order.shuffle(sends)
    # Mostly large batches; one send in thirty goes alone.
    batches: list[list[SentPulse]] = []
    while sends:
        size = order.choice([1, 1, 40, 120])
        batches.append(sends[:size])
        del sends[:size]

    def send(lane: int) -> list[Answer]:
        with site.client(learner) as client:
            return [answer for batch in batches[lane::8] for answer in client.deliver(*batch)]

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(answer for lane in pool.map(send, range(8)) for answer in lane)

    assert answers == {Answer.RECORDED: 5760, Answer.DUPLICATE: 3 * 5760}
    (progress,) = site.server.rows(
        "select sum(watch_time_seconds)::bigint as seconds from tracking_resourceprogress"
        " where user_id = %s",
        [learner.id],
    )
    assert progress == {"seconds": 86_400}
