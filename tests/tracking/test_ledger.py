"""The ledger: an id is guarded by one partition, days come and go, and what goes stays proved."""

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from config.embedded.addresses import CHECKOUT
from config.problems import ProblemType
from tests.factories import ZERO, claim, make_learner, make_module, record
from tests.locks import lock_held_by_another
from tracking.ledger import LedgerNotMaintained, maintain_ledger, partition_days
from tracking.models import (
    LearningSession,
    ModuleProgress,
    Pulse,
    Resource,
    ResourceProgress,
    SealedPulses,
    User,
)
from tracking.pulses import PulseStatus

DAY = dt.timedelta(days=1)
RETENTION = settings.PULSE_RETENTION


def id_from(at: dt.datetime, number: int = 0) -> UUID:
    """A version 7 id made at that time."""
    milliseconds = round(at.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | number)


def partition_of(pulse_id: UUID) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "select tableoid::regclass::text from tracking_pulse where pulse_id = %s", [pulse_id]
        )
        ((name,),) = cursor.fetchall()
    return str(name)


def seconds_of(learner: User) -> list[int]:
    return list(
        ResourceProgress.objects.filter(user=learner).values_list("watch_time_seconds", flat=True)
    )


@pytest.mark.django_db
class TestPartitionOfAnId:
    @pytest.mark.parametrize(
        ("pulse_id", "day"),
        [
            (id_from(ZERO), "2026-02-10"),
            (id_from(dt.datetime(2026, 2, 10, 23, 59, 59, 999_000, dt.UTC)), "2026-02-10"),
            (id_from(dt.datetime(2026, 2, 11, tzinfo=dt.UTC)), "2026-02-11"),
            (UUID("00000000-0000-7000-8000-000000000000"), "1970-01-01"),
            (UUID("ffffffff-ffff-7fff-bfff-ffffffffffff"), "9999-12-30"),
            (uuid4(), "0001-01-01"),
            (UUID(int=0), "0001-01-01"),
            (UUID("1ec9414c-232a-6b00-b3c8-9f6bdeced846"), "0001-01-01"),
            (uuid5(NAMESPACE_URL, "a statement"), "0001-01-02"),
        ],
    )
    def test_it_follows_from_the_id_alone(self, pulse_id: UUID, day: str) -> None:
        learner, module = make_learner(), make_module()

        record(learner, claim(module.resources.get(), pulse_id=pulse_id))

        assert Pulse.objects.get().ledger_day.isoformat() == day

    @pytest.mark.parametrize("pulse_id", [id_from(ZERO), uuid4()], ids=["version 7", "version 4"])
    def test_a_retry_after_midnight_is_a_duplicate(self, pulse_id: UUID) -> None:
        learner, module = make_learner(), make_module()
        pulse = claim(module.resources.get(), pulse_id=pulse_id)
        record(learner, pulse)

        (again,) = record(learner, pulse, received_at=ZERO + DAY)

        assert again.status is PulseStatus.DUPLICATE
        assert seconds_of(learner) == [15]

    @pytest.mark.parametrize("pulse_id", [id_from(ZERO), uuid4()], ids=["version 7", "version 4"])
    def test_the_same_id_on_another_day_is_a_conflict(self, pulse_id: UUID) -> None:
        learner, module = make_learner(), make_module()
        resource = module.resources.get()
        record(learner, claim(resource, pulse_id=pulse_id, at=ZERO - 2 * DAY))

        (other,) = record(learner, claim(resource, pulse_id=pulse_id, at=ZERO - DAY))

        assert other.problem is not None
        assert other.problem.problem_type is ProblemType.CONTENT_CONFLICT
        assert seconds_of(learner) == [15]

    def test_a_retry_that_has_become_too_old_is_a_duplicate_still(self) -> None:
        learner, module = make_learner(), make_module(resources=2)
        first, second = module.resources.all()
        pulse_id = id_from(ZERO - DAY)
        record(learner, claim(first, pulse_id=pulse_id, at=ZERO - DAY), max_age=7 * DAY)

        outcomes = record(
            learner,
            claim(first, pulse_id=pulse_id, at=ZERO - DAY),
            claim(first, pulse_id=pulse_id, at=ZERO - DAY, seconds=16),
            claim(second, at=ZERO - DAY),
            received_at=ZERO + 8 * DAY,
            max_age=7 * DAY,
        )

        assert [(outcome.status, str(outcome.problem or "")) for outcome in outcomes] == [
            (PulseStatus.DUPLICATE, ""),
            (PulseStatus.REJECTED, "occurred_at: is more than 7 days ago"),
            (PulseStatus.REJECTED, "occurred_at: is more than 7 days ago"),
        ]
        assert outcomes[0].resource is not None
        assert outcomes[0].resource.watch_time_seconds == 15
        assert outcomes[0].module is not None
        assert outcomes[0].module.status == "in_progress"

    def test_a_corrected_clock_is_flagged_by_how_far_it_was_off(self) -> None:
        learner, module = make_learner(), make_module()
        resource = module.resources.get()

        for offset in (DAY, -DAY, dt.timedelta(seconds=120), 3652 * DAY):
            record(learner, claim(resource, at=ZERO - offset), clock_offset=offset)

        assert sorted(
            Pulse.objects.values_list("occurred_at", "clock_offset_seconds", "is_clamped"),
            key=str,
        ) == [
            (ZERO, -86_400, False),
            (ZERO, 315_532_800, False),
            (ZERO, 86_400, False),
            (ZERO, None, False),
        ]


@pytest.mark.django_db
class TestDaysAhead:
    def test_there_is_a_partition_for_every_day_that_a_pulse_may_name(self) -> None:
        report = maintain_ledger(ZERO)

        days = [(ZERO + offset * DAY).date() for offset in range(-7, 8)]
        assert report.made == partition_days() == days
        assert maintain_ledger(ZERO).made == []

    def test_a_pulse_goes_to_the_partition_of_its_day(self) -> None:
        learner, module = make_learner(), make_module()
        maintain_ledger(ZERO)

        record(learner, claim(module.resources.get(), pulse_id=id_from(ZERO - DAY)))

        assert partition_of(id_from(ZERO - DAY)) == "tracking_pulse_2026_02_09"

    def test_a_missing_partition_refuses_nothing_and_is_filled_when_it_is_made(self) -> None:
        learner, module = make_learner(), make_module()
        pulse_id = id_from(ZERO)
        pulse = claim(module.resources.get(), pulse_id=pulse_id)
        record(learner, pulse)
        assert partition_of(pulse_id) == "tracking_pulse_other"

        maintain_ledger(ZERO)

        assert partition_of(pulse_id) == "tracking_pulse_2026_02_10"
        assert record(learner, pulse)[0].status is PulseStatus.DUPLICATE
        assert seconds_of(learner) == [15]

    def test_the_database_refuses_a_pulse_in_another_partition_than_its_own(self) -> None:
        learner, module = make_learner(), make_module()
        record(learner, claim(module.resources.get(), pulse_id=id_from(ZERO)))

        with pytest.raises(Exception, match="pulse_in_its_day"), connection.cursor() as cursor:
            cursor.execute("update tracking_pulse set ledger_day = '2026-02-11'")


@pytest.fixture
def committed_partitions(committed: None) -> Iterator[None]:
    """Real commits, no partition that another test's deploy has made, and none that stays."""
    drop_partitions()
    yield
    drop_partitions()


def drop_partitions() -> None:
    with connection.cursor() as cursor:
        for day in partition_days():
            cursor.execute(f"drop table tracking_pulse_{day:%Y_%m_%d}")


def expired_days(now: dt.datetime) -> list[dt.date]:
    """The partitions that are past the retention and still there."""
    return [day for day in partition_days() if day < (now - RETENTION).date()]


@pytest.mark.usefixtures("committed_partitions")
class TestRetention:
    """Everything was received at ZERO; the ledger is maintained once its retention is over."""

    later = ZERO + RETENTION + 2 * DAY

    def test_what_is_dropped_leaves_its_subtotals(self) -> None:
        learner, module = make_learner(), make_module(resources=2)
        first, second = module.resources.all()
        maintain_ledger(ZERO)
        yesterday = ZERO - DAY
        record(
            learner,
            claim(first, at=yesterday, pulse_id=id_from(ZERO, 1), played=((0, 15),)),
            claim(first, at=ZERO, pulse_id=id_from(ZERO, 2), played=((10, 20),)),
            claim(first, at=ZERO, pulse_id=id_from(ZERO, 3), seconds=5, completed=True),
            claim(second, at=ZERO, pulse_id=id_from(ZERO - DAY, 4), seconds=7),
        )
        before = counters()

        report = maintain_ledger(self.later)

        assert report.dropped == [(ZERO + offset * DAY).date() for offset in range(-7, 2)]
        assert report.sealed_pulses == 4
        assert list(Pulse.objects.all()) == []
        assert [
            (
                sealed.resource_id,
                sealed.day,
                sealed.pulses,
                sealed.duration_seconds,
                [(seen.lower, seen.upper) for seen in sealed.played],
                sealed.first_at,
                sealed.last_at,
                sealed.claimed_at,
                sealed.sealed_at,
            )
            for sealed in SealedPulses.objects.filter(user=learner, module=module).order_by(
                "resource_id", "day"
            )
        ] == [
            (
                first.pk,
                yesterday.date(),
                1,
                15,
                [(0, 15_000)],
                yesterday,
                yesterday,
                None,
                self.later,
            ),
            (first.pk, ZERO.date(), 2, 20, [(10_000, 20_000)], ZERO, ZERO, ZERO, self.later),
            (second.pk, ZERO.date(), 1, 7, [], ZERO, ZERO, None, self.later),
        ]
        assert counters() == before
        assert maintain_ledger(self.later).sealed_pulses == 0

    def test_subtotals_of_a_day_grow_when_its_pulses_are_dropped_at_different_times(self) -> None:
        learner, module = make_learner(), make_module()
        resource = module.resources.get()
        record(learner, claim(resource, at=ZERO, pulse_id=uuid4(), played=((0, 10),)))
        record(
            learner,
            claim(resource, at=ZERO, pulse_id=uuid4(), played=((5, 15),), completed=True),
            received_at=ZERO + DAY,
        )

        maintain_ledger(ZERO + RETENTION + DAY / 2)
        maintain_ledger(ZERO + RETENTION + 2 * DAY)

        sealed = SealedPulses.objects.get()
        assert (sealed.pulses, sealed.duration_seconds, sealed.claimed_at) == (2, 30, ZERO)
        assert [(seen.lower, seen.upper) for seen in sealed.played] == [(0, 15_000)]

    def test_a_pulse_is_remembered_for_the_retention_after_it_came(self) -> None:
        """Its id is of ZERO, but it came ten days later; the whole day waits for it."""
        learner, module = make_learner(), make_module()
        resource = module.resources.get()
        maintain_ledger(ZERO)
        late = claim(resource, pulse_id=id_from(ZERO, 1))
        record(learner, claim(resource, pulse_id=id_from(ZERO, 2)))
        record(learner, late, received_at=ZERO + 10 * DAY)

        report = maintain_ledger(self.later)

        assert report.kept == [ZERO.date()]
        assert Pulse.objects.count() == 2
        assert record(learner, late, received_at=self.later)[0].status is PulseStatus.DUPLICATE
        assert maintain_ledger(self.later + 10 * DAY).sealed_pulses == 2

    @pytest.mark.parametrize(
        ("pulse_id", "is_kept"),
        [
            (uuid4(), False),
            (id_from(ZERO - 3652 * DAY), False),
            (id_from(ZERO + 3652 * DAY), False),
            (uuid5(NAMESPACE_URL, "a statement"), True),
        ],
        ids=["random", "ten years ago", "in ten years", "named after something"],
    )
    def test_pulses_without_a_day_go_by_their_arrival_and_named_ones_stay(
        self, pulse_id: UUID, is_kept: bool
    ) -> None:
        learner, module = make_learner(), make_module()
        resource = module.resources.get()
        record(learner, claim(resource, pulse_id=pulse_id))
        young = uuid4()
        record(learner, claim(resource, pulse_id=young), received_at=self.later - RETENTION)

        maintain_ledger(self.later)

        kept = set(Pulse.objects.values_list("pulse_id", flat=True))
        assert kept == ({young, pulse_id} if is_kept else {young})
        assert SealedPulses.objects.count() == (0 if is_kept else 1)

    def test_a_step_without_its_lock_is_left_to_the_next_run_and_the_others_are_done(self) -> None:
        learner, module = make_learner(), make_module()
        maintain_ledger(ZERO)
        record(learner, claim(module.resources.get(), pulse_id=id_from(ZERO)))

        with (
            lock_held_by_another("lock table tracking_pulse_2026_02_10 in share mode"),
            pytest.raises(LedgerNotMaintained) as raised,
        ):
            maintain_ledger(self.later)

        assert str(raised.value) == (
            "partition of 2026-02-10 not sealed: canceling statement due to lock timeout"
        )
        assert expired_days(self.later) == [ZERO.date()]
        assert Pulse.objects.count() == 1
        assert SealedPulses.objects.count() == 0
        assert maintain_ledger(self.later).sealed_pulses == 1

    def test_pulses_count_while_partitions_are_made_and_dropped(self) -> None:
        learner, module = make_learner(), make_module()
        resource = module.resources.get()
        maintain_ledger(ZERO)
        record(learner, claim(resource, pulse_id=id_from(ZERO)))

        def write(number: int) -> None:
            try:
                at = self.later + (number % 12 - 6) * DAY
                record(
                    learner,
                    claim(resource, pulse_id=id_from(at, number)),
                    received_at=self.later,
                )
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as pool:
            writes = [pool.submit(write, number) for number in range(120)]
            report = maintain_ledger(self.later)
            for done in writes:
                done.result()

        assert ZERO.date() in report.dropped
        assert seconds_of(learner) == [121 * 15]
        assert Pulse.objects.count() == 120
        maintain_ledger(self.later)
        assert not Pulse.objects.extra(where=["tableoid = 'tracking_pulse_other'::regclass"])

    def test_a_deleted_learner_takes_ledger_and_subtotals_along(self) -> None:
        learner, other, module = make_learner(), make_learner(), make_module()
        for person in (learner, other):
            record(person, claim(module.resources.get(), pulse_id=uuid4()))
        maintain_ledger(self.later)
        for person in (learner, other):
            record(person, claim(module.resources.get()), received_at=self.later)

        learner.delete()

        assert list(Pulse.objects.values_list("user", flat=True)) == [other.pk]
        assert list(SealedPulses.objects.values_list("user", flat=True)) == [other.pk]

    def test_deleted_content_leaves_its_pulses_on_record(self) -> None:
        learner, module = make_learner(), make_module(resources=2)
        first, second = module.resources.all()
        record(learner, claim(first), claim(second))

        Resource.objects.get(pk=first.pk).delete()

        assert Pulse.objects.count() == 2
        assert seconds_of(learner) == [15]
        assert LearningSession.objects.get().focus_duration_seconds == 30


class TestCommand:
    @pytest.mark.usefixtures("committed_partitions")
    def test_it_says_what_it_did(self) -> None:
        output = StringIO()

        call_command("maintain_ledger", stdout=output)

        assert output.getvalue() == "Ledger: 15 partitions made, 0 dropped, 0 pulses sealed.\n"

    @pytest.mark.usefixtures("committed_partitions")
    def test_a_day_that_is_kept_is_named(self) -> None:
        learner, module = make_learner(), make_module()
        now = timezone.now()
        maintain_ledger(now - 40 * DAY)
        pulse_id = id_from(now - 40 * DAY)
        record(learner, claim(module.resources.get(), pulse_id=pulse_id), received_at=now)
        output = StringIO()

        call_command("maintain_ledger", stdout=output)

        assert output.getvalue() == (
            "Ledger: 15 partitions made, 14 dropped, 0 pulses sealed.\n"
            f"{(now - 40 * DAY).date()} is kept: pulses of that day came within the retention.\n"
        )

    @pytest.mark.usefixtures("committed_partitions")
    def test_what_was_left_undone_is_an_error(self) -> None:
        with (
            lock_held_by_another("lock table tracking_sealedpulses in share mode"),
            pytest.raises(CommandError) as raised,
        ):
            call_command("maintain_ledger", stdout=StringIO())

        assert str(raised.value) == "Left for the next run: another run is at work"

    def test_a_retention_within_the_age_of_pulses_is_refused_at_the_start(self) -> None:
        done = subprocess.run(
            [sys.executable, "manage.py", "check"],
            cwd=CHECKOUT,
            env=os.environ | {"PULSE_RETENTION_DAYS": "7"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

        assert done.returncode == 1
        assert (
            "PULSE_RETENTION_DAYS (7) must be more than MAX_PULSE_AGE_DAYS (7): a pulse that may"
            " still be sent again has to be remembered." in done.stderr
        )


def counters() -> list[Any]:
    return [
        list(model.objects.order_by("pk").values())
        for model in (ResourceProgress, LearningSession, ModuleProgress)
    ]
