"""The write path: every pulse counts exactly once, wherever and however often it arrives."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.problems import ProblemType
from tests.factories import ZERO, claim, client_of, make_learner, make_module, record
from tracking.models import LearningSession, ModuleProgress, Pulse, ResourceProgress
from tracking.pulses import PulseStatus

ID = UUID("019c4000-0000-7000-8000-000000000001")
MINUTE = dt.timedelta(minutes=1)


def progress_of(learner: Any) -> list[tuple[Any, ...]]:
    return list(
        ResourceProgress.objects.filter(user=learner)
        .order_by("resource_id")
        .values_list("resource_id", "watch_time_seconds", "covered_ms", "completed")
    )


def sessions_of(learner: Any) -> list[tuple[Any, ...]]:
    return list(
        LearningSession.objects.filter(user=learner)
        .order_by("module_id", "start_time")
        .values_list("start_time", "last_pulse_at", "focus_duration_seconds")
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("evidence_adds_up")
class TestExactlyOnce:
    def test_a_pulse_adds_to_the_resource_the_session_and_the_module(self) -> None:
        learner, module = make_learner(), make_module()
        resource = module.resources.get()

        batch = record(learner, claim(resource, at=ZERO - MINUTE, played=((0, 15),)))

        assert [outcome.status for outcome in batch] == [PulseStatus.RECORDED]
        assert progress_of(learner) == [(resource.pk, 15, 15_000, False)]
        assert sessions_of(learner) == [(ZERO - MINUTE, ZERO - MINUTE, 15)]
        progress = ModuleProgress.objects.get(user=learner)
        assert (progress.status, progress.last_accessed) == ("in_progress", ZERO - MINUTE)

    def test_the_same_pulse_again_is_a_duplicate_without_effect(self) -> None:
        learner, module = make_learner(), make_module()
        resource = module.resources.get()
        pulse = claim(resource, at=ZERO, pulse_id=ID)

        record(learner, pulse)
        again = record(learner, pulse, received_at=ZERO + dt.timedelta(days=2))

        assert [outcome.status for outcome in again] == [PulseStatus.DUPLICATE]
        assert progress_of(learner) == [(resource.pk, 15, 0, False)]
        assert sessions_of(learner) == [(ZERO, ZERO, 15)]

    def test_the_same_id_with_other_content_is_refused_and_changes_nothing(self) -> None:
        learner, module = make_learner(), make_module()
        resource = module.resources.get()
        record(learner, claim(resource, at=ZERO, pulse_id=ID))

        other = record(learner, claim(resource, at=ZERO, pulse_id=ID, seconds=16))

        (outcome,) = other
        assert outcome.problem is not None
        assert outcome.problem.problem_type is ProblemType.CONTENT_CONFLICT
        assert progress_of(learner) == [(resource.pk, 15, 0, False)]

    def test_an_id_belongs_to_its_user(self) -> None:
        module = make_module()
        resource = module.resources.get()
        first, second = make_learner(), make_learner()

        record(first, claim(resource, pulse_id=ID))
        batch = record(second, claim(resource, pulse_id=ID, seconds=20))

        assert [outcome.status for outcome in batch] == [PulseStatus.RECORDED]
        assert progress_of(second) == [(resource.pk, 20, 0, False)]

    def test_a_conflict_in_another_module_does_not_give_the_learner_that_module(self) -> None:
        learner, module, other_module = make_learner(), make_module(), make_module()
        record(learner, claim(module.resources.get(), pulse_id=ID))

        record(learner, claim(other_module.resources.get(), pulse_id=ID))

        assert list(ModuleProgress.objects.values_list("module_id", flat=True)) == [module.pk]

    def test_one_batch_tells_a_retry_from_a_conflict_within_itself(self) -> None:
        learner, module = make_learner(), make_module()
        resource = module.resources.get()

        batch = record(
            learner,
            claim(resource, pulse_id=ID),
            claim(resource, pulse_id=ID),
            claim(resource, pulse_id=ID, seconds=1),
        )

        assert [outcome.status for outcome in batch] == [
            PulseStatus.RECORDED,
            PulseStatus.DUPLICATE,
            PulseStatus.REJECTED,
        ]
        assert progress_of(learner) == [(resource.pk, 15, 0, False)]

    def test_a_pulse_without_an_id_is_recorded_as_it_comes(self) -> None:
        learner, module = make_learner(), make_module()
        resource = module.resources.get()

        record(learner, claim(resource), claim(resource))

        assert progress_of(learner) == [(resource.pk, 30, 0, False)]

    def test_one_bad_pulse_does_not_spoil_the_others(self) -> None:
        learner, module, other_module = make_learner(), make_module(), make_module()
        resource = module.resources.get()
        misplaced = claim(resource)._replace(module_id=other_module.pk, pulse_id=None)

        batch = record(learner, claim(resource), misplaced, claim(resource))

        assert [outcome.status for outcome in batch] == [
            PulseStatus.RECORDED,
            PulseStatus.REJECTED,
            PulseStatus.RECORDED,
        ]
        assert progress_of(learner) == [(resource.pk, 30, 0, False)]
        assert not ModuleProgress.objects.filter(module=other_module).exists()


@pytest.mark.usefixtures("committed", "evidence_adds_up")
class TestConcurrency:
    def test_concurrent_pulse_atomicity(self) -> None:
        """The source design's scenario: ten pulses of 15 s at once are 150 s, in one session."""
        learner, module = make_learner(), make_module()
        resource = module.resources.get()

        run_at_once(10, lambda: record(learner, claim(resource, at=ZERO)))

        assert progress_of(learner) == [(resource.pk, 150, 0, False)]
        assert sessions_of(learner) == [(ZERO, ZERO, 150)]

    def test_the_same_pulse_fifty_times_at_once_counts_once(self) -> None:
        learner, module = make_learner(), make_module()
        resource = module.resources.get()
        pulse = claim(resource, at=ZERO, pulse_id=ID)

        batches = run_at_once(50, lambda: record(learner, pulse))

        statuses = [batch[0].status for batch in batches]
        assert statuses.count(PulseStatus.RECORDED) == 1
        assert statuses.count(PulseStatus.DUPLICATE) == 49
        assert progress_of(learner) == [(resource.pk, 15, 0, False)]

    def test_batches_over_the_same_modules_in_any_order_do_not_deadlock(self) -> None:
        learner = make_learner()
        resources = [make_module().resources.get() for _ in range(4)]
        orders = [resources, resources[::-1], resources[2:] + resources[:2]]

        with ThreadPoolExecutor(6) as pool:
            list(
                pool.map(
                    closing(
                        lambda index: record(
                            learner, *[claim(one, at=ZERO) for one in orders[index % 3]]
                        )
                    ),
                    range(30),
                )
            )

        assert progress_of(learner) == [(one.pk, 450, 0, False) for one in resources]


def run_at_once(times: int, action: Any) -> list[Any]:
    with ThreadPoolExecutor(10) as pool:
        return list(pool.map(closing(lambda _: action()), range(times)))


def closing(action: Any) -> Any:
    """Each thread has a connection of its own, which the test must not leave behind."""

    def run(argument: Any) -> Any:
        try:
            return action(argument)
        finally:
            connection.close()

    return run


@pytest.mark.django_db
@pytest.mark.usefixtures("evidence_adds_up")
class TestTimes:
    def test_a_skewed_clock_is_corrected_by_its_own_sent_at(self) -> None:
        learner, module = make_learner(), make_module()
        a_day_ahead = dt.timedelta(days=1)

        record(
            learner,
            claim(module.resources.get(), at=ZERO + a_day_ahead - MINUTE),
            clock_offset=-a_day_ahead,
        )

        pulse = Pulse.objects.get()
        assert (pulse.occurred_at, pulse.is_clamped) == (ZERO - MINUTE, False)

    def test_a_time_far_in_the_future_is_clamped_and_flagged(self) -> None:
        learner, module = make_learner(), make_module()

        record(learner, claim(module.resources.get(), at=ZERO + dt.timedelta(days=3650)))

        pulse = Pulse.objects.get()
        assert (pulse.occurred_at, pulse.is_clamped) == (ZERO, True)

    def test_a_time_slightly_in_the_future_is_the_present(self) -> None:
        learner, module = make_learner(), make_module()

        record(learner, claim(module.resources.get(), at=ZERO + MINUTE))

        pulse = Pulse.objects.get()
        assert (pulse.occurred_at, pulse.is_clamped) == (ZERO, False)

    @pytest.mark.parametrize(
        ("age", "status"),
        [
            (dt.timedelta(days=7), PulseStatus.RECORDED),
            (dt.timedelta(days=7, seconds=1), PulseStatus.REJECTED),
        ],
    )
    def test_the_maximum_age_is_seven_days(self, age: dt.timedelta, status: PulseStatus) -> None:
        learner, module = make_learner(), make_module()

        batch = record(
            learner,
            claim(module.resources.get(), at=ZERO - age),
            max_age=dt.timedelta(days=7),
        )

        assert batch[0].status is status

    def test_a_late_pulse_does_not_move_the_last_access_back(self) -> None:
        learner, module = make_learner(), make_module()
        resource = module.resources.get()
        record(learner, claim(resource, at=ZERO))

        record(learner, claim(resource, at=ZERO - dt.timedelta(hours=5)))

        assert ModuleProgress.objects.get().last_accessed == ZERO


@pytest.mark.django_db
@pytest.mark.usefixtures("evidence_adds_up")
class TestSessions:
    def test_a_silence_of_more_than_thirty_minutes_starts_another_session(self) -> None:
        learner, module = make_learner(), make_module()
        resource = module.resources.get()
        at_the_gap, past_the_gap = ZERO + 30 * MINUTE, ZERO + 60 * MINUTE + dt.timedelta(seconds=1)

        for at in (ZERO, at_the_gap, past_the_gap):
            record(learner, claim(resource, at=at), received_at=at)

        assert sessions_of(learner) == [
            (ZERO, at_the_gap, 30),
            (past_the_gap, past_the_gap, 15),
        ]

    def test_a_late_pulse_joins_the_sessions_that_it_bridges(self) -> None:
        learner, module = make_learner(), make_module()
        resource = module.resources.get()
        end = ZERO + 50 * MINUTE
        record(learner, claim(resource, at=ZERO), claim(resource, at=end), received_at=end)
        assert len(sessions_of(learner)) == 2

        record(learner, claim(resource, at=ZERO + 25 * MINUTE), received_at=end)

        assert sessions_of(learner) == [(ZERO, end, 45)]

    @settings(
        max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(
        minutes=st.lists(st.integers(0, 400), min_size=1, max_size=12),
        order=st.randoms(use_true_random=False),
        batch_size=st.integers(1, 5),
    )
    def test_sessions_do_not_depend_on_the_order_of_arrival(
        self, minutes: list[int], order: Any, batch_size: int
    ) -> None:
        learner, module = make_learner(), make_module()
        resource = module.resources.get()
        shuffled = list(minutes)
        order.shuffle(shuffled)

        for start in range(0, len(shuffled), batch_size):
            record(
                learner,
                *[
                    claim(resource, at=ZERO + minute * MINUTE)
                    for minute in shuffled[start : start + batch_size]
                ],
                received_at=ZERO + dt.timedelta(days=1),
            )

        assert sessions_of(learner) == [
            (ZERO + run[0] * MINUTE, ZERO + run[-1] * MINUTE, 15 * len(run))
            for run in runs_without_silence(sorted(minutes))
        ]


def runs_without_silence(minutes: list[int]) -> list[list[int]]:
    runs: list[list[int]] = [[minutes[0]]]
    for minute in minutes[1:]:
        if minute - runs[-1][-1] > 30:
            runs.append([])
        runs[-1].append(minute)
    return runs


@pytest.mark.django_db
@pytest.mark.usefixtures("evidence_adds_up")
class TestCoverage:
    def test_replays_add_time_and_not_coverage(self) -> None:
        learner, module = make_learner(), make_module(duration_seconds=100)
        resource = module.resources.get()

        record(learner, claim(resource, seconds=30, played=((0, 30),)))
        record(learner, claim(resource, seconds=30, played=((15, 40), (60, 65))))

        assert progress_of(learner) == [(resource.pk, 60, 45_000, False)]

    def test_intervals_are_clipped_to_the_known_duration(self) -> None:
        learner, module = make_learner(), make_module(duration_seconds=100)
        resource = module.resources.get()

        record(learner, claim(resource, played=((90, 200), (300, 400))))

        assert progress_of(learner) == [(resource.pk, 15, 10_000, False)]

    @pytest.mark.parametrize(("seen", "is_completed"), [(94, False), (95, True)])
    def test_a_video_is_complete_at_95_percent_whatever_the_client_claims(
        self, seen: int, is_completed: bool
    ) -> None:
        learner, module = make_learner(), make_module(duration_seconds=100)
        resource = module.resources.get()

        record(learner, claim(resource, played=((0, 50),)))
        record(learner, claim(resource, played=((50, seen),), completed=False))

        assert progress_of(learner) == [(resource.pk, 30, seen * 1000, is_completed)]

    def test_a_claim_of_completion_is_never_undone(self) -> None:
        learner, module = make_learner(), make_module(resources=2, duration_seconds=None)
        resource = module.resources.all()[0]

        record(learner, claim(resource, at=ZERO, completed=True))
        record(learner, claim(resource, at=ZERO, completed=False))

        assert progress_of(learner) == [(resource.pk, 30, 0, True)]
        assert ResourceProgress.objects.get().completed_at == ZERO


@pytest.mark.django_db
@pytest.mark.usefixtures("evidence_adds_up")
class TestOverHTTP:
    def test_the_reply_of_a_single_pulse(self) -> None:
        learner, module = make_learner(), make_module(resources=2)
        resource = module.resources.all()[0]

        response = client_of(learner).post(
            f"/api/modules/{module.pk}/resources/{resource.pk}/complete/",
            {
                "duration_delta": 15,
                "watch_time": 12.5,
                "completed": True,
                "played": [[0, 15]],
                "pulse_id": str(ID),
                "_trace": "t-1",
            },
            format="json",
        )

        body = response.json()
        assert response.status_code == 200
        assert body.pop("server_time")
        assert body == {
            "status": "recorded",
            "pulse_id": str(ID),
            "resource": {"watch_time_seconds": 15, "covered_percent": 15.0, "completed": True},
            "module": {"status": "in_progress", "progress_percent": 50.0},
            "_trace": "t-1",
        }
        pulse = Pulse.objects.get()
        assert (pulse.watch_time, pulse.trace, pulse.completed) == (12.5, "t-1", True)

    def test_a_retry_under_the_idempotency_key_header_is_a_duplicate(self) -> None:
        learner, module = make_learner(), make_module()
        resource = module.resources.get()
        path = f"/api/modules/{module.pk}/resources/{resource.pk}/complete/"

        replies = [
            client_of(learner).post(
                path, {"duration_delta": 15}, format="json", headers={"Idempotency-Key": str(ID)}
            )
            for _ in range(2)
        ]

        assert [reply.json()["status"] for reply in replies] == ["recorded", "duplicate"]
        assert progress_of(learner) == [(resource.pk, 15, 0, False)]

    def test_a_conflicting_pulse_is_422(self) -> None:
        learner, module = make_learner(), make_module()
        resource = module.resources.get()
        path = f"/api/modules/{module.pk}/resources/{resource.pk}/complete/"
        client = client_of(learner)
        client.post(path, {"duration_delta": 15, "pulse_id": str(ID)}, format="json")

        response = client.post(path, {"duration_delta": 20, "pulse_id": str(ID)}, format="json")

        assert (response.status_code, response.json()["type"]) == (
            422,
            "/api/problems/#content-conflict",
        )

    def test_a_batch_answers_for_each_pulse_in_order(self) -> None:
        learner, module = make_learner(), make_module()
        resource = module.resources.get()
        good = {"module": module.pk, "resource": resource.pk, "duration_delta": 15}

        response = client_of(learner).post(
            "/api/tracking/pulses/",
            {
                "pulses": [
                    good | {"pulse_id": str(ID)},
                    good | {"duration_delta": -1},
                    good | {"resource": resource.pk + 1},
                    good | {"pulse_id": str(ID)},
                    "nonsense",
                ]
            },
            format="json",
        )

        results = response.json()["results"]
        assert response.status_code == 200
        assert [result["status"] for result in results] == [
            "recorded",
            "rejected",
            "rejected",
            "duplicate",
            "rejected",
        ]
        assert [result["problem"]["status"] for result in results if "problem" in result] == [
            400,
            404,
            400,
        ]
        assert results[1]["problem"]["errors"] == [
            {"field": "pulses.1.duration_delta", "reason": "must be from 0 to 300 seconds"}
        ]
        assert progress_of(learner) == [(resource.pk, 15, 0, False)]

    @pytest.mark.parametrize(("size", "status"), [(0, 400), (1, 200), (500, 200), (501, 400)])
    def test_a_batch_holds_1_to_500_pulses(self, size: int, status: int) -> None:
        learner, module = make_learner(), make_module()
        pulse = {
            "module": module.pk,
            "resource": module.resources.get().pk,
            "duration_delta": 1,
        }

        response = client_of(learner).post(
            "/api/tracking/pulses/", {"pulses": [pulse] * size}, format="json"
        )

        assert response.status_code == status

    def test_a_batch_is_one_round_trip_whatever_its_size(
        self, django_assert_num_queries: Any
    ) -> None:
        learner, module = make_learner(), make_module(resources=3)
        claims = [claim(resource) for resource in module.resources.all()]

        with django_assert_num_queries(1):
            record(learner, claims[0])
        with django_assert_num_queries(1):
            record(learner, *claims * 10)

    def test_an_unpublished_module_is_not_found(self) -> None:
        learner, module = make_learner(), make_module(is_published=False)
        resource = module.resources.get()

        response = client_of(learner).post(
            f"/api/modules/{module.pk}/resources/{resource.pk}/complete/",
            {"duration_delta": 15},
            format="json",
        )

        assert response.status_code == 404
