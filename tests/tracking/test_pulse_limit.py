"""A program that runs wild is slowed down; a browser never meets the limit."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings as django_settings

from config.problems import ProblemError, ProblemType
from tests.config.test_problems import problem_of, type_of
from tests.factories import client_of, make_learner, make_module
from tracking import pulse_limit
from tracking.models import Pulse, Resource, User
from tracking.pulse_limit import SWEEP_SIZE, PulseLimit

ADA, BEA = 1, 2
MINUTE = 60.0


class FixedClock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def small(clock: FixedClock) -> PulseLimit:
    """Ten at once, and one every ten seconds."""
    return PulseLimit(burst=10, per_minute=6, clock=clock)


@pytest.fixture
def default(clock: FixedClock) -> PulseLimit:
    return PulseLimit(
        burst=django_settings.PULSE_BURST,
        per_minute=django_settings.PULSES_PER_MINUTE,
        clock=clock,
    )


def wait_for(limit: PulseLimit, pulses: int, learner_id: int = ADA) -> int | None:
    """Spend them; the seconds to wait when they were too many, else None."""
    try:
        limit.spend(learner_id, pulses)
    except ProblemError as problem:
        return problem.retry_after_seconds
    return None


class TestBucket:
    def test_what_is_in_it_may_be_spent_and_no_more(self, small: PulseLimit) -> None:
        assert [wait_for(small, 1) for _ in range(12)] == [None] * 10 + [10] * 2

    def test_a_batch_costs_as_much_as_its_pulses(self, small: PulseLimit) -> None:
        assert [wait_for(small, 4) for _ in range(3)] == [None, None, 20]

    def test_what_is_refused_costs_nothing(self, small: PulseLimit) -> None:
        small.spend(ADA, 6)

        assert [wait_for(small, pulses) for pulses in (5, 5, 4)] == [10, 10, None]

    def test_after_the_wait_there_is_enough_and_before_it_is_not(
        self, small: PulseLimit, clock: FixedClock
    ) -> None:
        small.spend(ADA, 10)
        assert wait_for(small, 3) == 30

        clock.seconds += 29
        assert wait_for(small, 3) == 1
        clock.seconds += 1
        assert wait_for(small, 3) is None

    def test_it_never_holds_more_than_it_can(self, small: PulseLimit, clock: FixedClock) -> None:
        small.spend(ADA, 1)
        clock.seconds += 1_000_000

        assert [wait_for(small, 10), wait_for(small, 1)] == [None, 10]

    def test_more_than_it_can_hold_takes_all_of_it(
        self, small: PulseLimit, clock: FixedClock
    ) -> None:
        assert [wait_for(small, 500), wait_for(small, 500)] == [None, 100]
        clock.seconds += 100
        assert wait_for(small, 500) is None

    def test_each_learner_has_one(self, small: PulseLimit) -> None:
        small.spend(ADA, 10)

        assert [wait_for(small, 10, BEA), wait_for(small, 1, ADA)] == [None, 10]

    def test_threads_get_out_exactly_what_was_in_it(self, clock: FixedClock) -> None:
        limit = PulseLimit(burst=1_000, per_minute=1, clock=clock)

        with ThreadPoolExecutor(8) as pool:
            waits = Counter(pool.map(lambda _: wait_for(limit, 1), range(4_000)))

        assert waits == {None: 1_000, 60: 3_000}

    def test_full_ones_are_forgotten(self, small: PulseLimit, clock: FixedClock) -> None:
        for learner_id in range(SWEEP_SIZE - 1):
            small.spend(learner_id, 1)
        clock.seconds += 10
        small.spend(-1, 10)

        assert len(small) == 1
        assert wait_for(small, 1, learner_id=-1) == 10

    def test_those_that_are_not_full_are_not(self, small: PulseLimit) -> None:
        for learner_id in range(3 * SWEEP_SIZE):
            small.spend(learner_id, 10)

        assert len(small) == 3 * SWEEP_SIZE
        assert wait_for(small, 1, learner_id=0) == 10


class TestRealPlayers:
    def test_three_tabs_all_day(self, default: PulseLimit, clock: FixedClock) -> None:
        waits = Counter[int | None]()
        for _ in range(24 * 60 * 4):
            waits.update(wait_for(default, 1) for _ in range(3))
            clock.seconds += MINUTE / 4

        assert waits == {None: 17_280}

    def test_a_day_offline_sent_four_times_over_at_once(self, default: PulseLimit) -> None:
        a_day_of_three_tabs = 23_040 // 4
        batches = [500] * (a_day_of_three_tabs // 500) + [a_day_of_three_tabs % 500]

        assert {wait_for(default, pulses) for pulses in batches * 4} == {None}

    def test_a_loop_that_never_ends_is_slowed_down(
        self, default: PulseLimit, clock: FixedClock
    ) -> None:
        sent = 0
        for _ in range(60):
            while wait_for(default, 500) is None:
                sent += 500
            clock.seconds += MINUTE

        assert sent == 30_000 + 59 * 500


@pytest.mark.django_db
class TestEndpoints:
    @pytest.fixture(autouse=True)
    def three_pulses(self, settings: Any) -> Any:
        settings.PULSE_BURST = 3
        settings.PULSES_PER_MINUTE = 1
        pulse_limit._limit.cache_clear()
        yield
        pulse_limit._limit.cache_clear()

    @pytest.fixture
    def learner(self) -> User:
        return make_learner()

    @pytest.fixture
    def resource(self) -> Resource:
        return make_module().resources.get()

    @staticmethod
    def send(learner: User, resource: Resource, **changes: Any) -> Any:
        path = f"/api/modules/{resource.module_id}/resources/{resource.pk}/complete/"
        return client_of(learner).post(path, {"duration_delta": 15} | changes, format="json")

    @staticmethod
    def send_batch(learner: User, resource: Resource, count: int, **changes: Any) -> Any:
        pulse = {"module": resource.module_id, "resource": resource.pk, "duration_delta": 15}
        return client_of(learner).post(
            "/api/tracking/pulses/", {"pulses": [pulse | changes] * count}, format="json"
        )

    def test_single_pulses_too_many(self, learner: User, resource: Resource) -> None:
        statuses = [self.send(learner, resource).status_code for _ in range(3)]

        refused = self.send(learner, resource)

        assert statuses == [200] * 3
        assert type_of(refused) is ProblemType.RATE_LIMITED
        assert refused["Retry-After"] == "60"
        assert problem_of(refused)["detail"] == (
            "Too many pulses were sent. Nothing was applied; send the same again later."
        )
        assert Pulse.objects.count() == 3

    def test_a_batch_that_is_too_large_is_refused_as_a_whole(
        self, learner: User, resource: Resource
    ) -> None:
        self.send(learner, resource)

        refused = self.send_batch(learner, resource, 3)

        assert type_of(refused) is ProblemType.RATE_LIMITED
        assert refused["Retry-After"] == "60"
        assert Pulse.objects.count() == 1
        assert self.send_batch(learner, resource, 2).status_code == 200

    def test_pulses_that_are_refused_cost_as_much(self, learner: User, resource: Resource) -> None:
        batch = self.send_batch(learner, resource, 3, duration_delta="15")

        assert [result["status"] for result in batch.json()["results"]] == ["rejected"] * 3
        assert self.send(learner, resource).status_code == 429
        assert not Pulse.objects.exists()

    def test_both_endpoints_and_all_resources_spend_from_one_bucket(
        self, learner: User, resource: Resource
    ) -> None:
        other = make_module().resources.get()

        statuses = [
            self.send(learner, resource).status_code,
            self.send_batch(learner, other, 2).status_code,
            self.send(learner, other).status_code,
            self.send_batch(learner, resource, 1).status_code,
        ]

        assert statuses == [200, 200, 429, 429]

    def test_duplicates_cost_as_much(self, learner: User, resource: Resource) -> None:
        same = {"pulse_id": "019c4000-0000-7000-8000-000000000001"}

        statuses = [self.send(learner, resource, **same).status_code for _ in range(4)]

        assert statuses == [200] * 3 + [429]

    def test_a_body_that_is_wrong_costs_nothing(self, learner: User, resource: Resource) -> None:
        statuses = [
            self.send(learner, resource, duration_delta="15").status_code,
            self.send_batch(learner, resource, 0).status_code,
            self.send_batch(learner, resource, 501).status_code,
            self.send_batch(learner, resource, 3).status_code,
        ]

        assert statuses == [400, 400, 400, 200]

    def test_others_go_on(self, learner: User, resource: Resource) -> None:
        self.send_batch(learner, resource, 3)

        assert self.send(learner, resource).status_code == 429
        assert self.send(make_learner(), resource).status_code == 200
