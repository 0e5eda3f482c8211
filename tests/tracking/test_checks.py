"""The rules of `sql/checks/`: each finds what breaks it, to the row, and nothing that is right."""

import datetime as dt
import json
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import InternalError, OperationalError, connection, connections
from psycopg.types.multirange import Multirange
from psycopg.types.range import Range

from config.sql import SQL_DIR
from tests.factories import (
    ZERO,
    answers_to,
    claim,
    make_assignment,
    make_learner,
    make_module,
    make_session,
    record,
)
from tracking.assignments import submit
from tracking.completion import check_completion
from tracking.ledger import maintain_ledger
from tracking.models import (
    LearningSession,
    Module,
    ModuleProgress,
    Quiz,
    QuizAttempt,
    Resource,
    ResourceProgress,
    SealedPulses,
    Submission,
    Team,
    User,
)
from tracking.proof import ROWS_KEPT, check_names, run_checks
from tracking.quizzes import record_attempt
from tracking.snapshot import snapshot

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
PULSE_IDS = [UUID(f"019c4000-0000-7000-8000-00000000000{number}") for number in range(1, 5)]


def ms(*intervals: tuple[int, int]) -> Multirange[int]:
    return Multirange([Range(start, end) for start, end in intervals])


def broken(**options: Any) -> dict[str, list[tuple[Any, ...]]]:
    """What breaks which rule."""
    return {result.name: result.rows for result in run_checks(**options) if not result.holds}


def execute(statement: str, **parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


class World:
    """A learner with a completed module, one that is begun, and one whose pulses are sealed.

    Two pulses on the first video, the second of which claims its completion. An hour later the
    second video is covered, in a session of its own; then come quiz and submission. All but the
    times are ids.
    """

    def __init__(self) -> None:
        self.start = ZERO - 120 * MINUTE
        self.covered_at = ZERO - 60 * MINUTE
        self.passed_at = ZERO - 30 * MINUTE
        self.submitted_at = ZERO - 20 * MINUTE
        self.long_ago = ZERO - 40 * DAY
        learner = make_learner()
        module = make_module(resources=2, questions=1, has_assignment=True)
        first_video, second_video = module.resources.all()
        begun, old = make_module().resources.get(), make_module().resources.get()
        first, second, third, fourth = PULSE_IDS
        record(
            learner,
            claim(old, seconds=20, at=self.long_ago, played=((0, 20),)),
            claim(old, seconds=10, at=self.long_ago + MINUTE, completed=True),
            received_at=self.long_ago + MINUTE,
        )
        maintain_ledger(ZERO)
        record(
            learner,
            claim(first_video, at=self.start, played=((0, 15),), pulse_id=first),
            claim(first_video, at=self.start + MINUTE, completed=True, pulse_id=second),
            received_at=self.start + MINUTE,
        )
        record(
            learner,
            claim(second_video, seconds=30, at=self.covered_at, played=((0, 100),), pulse_id=third),
            claim(begun, at=self.covered_at, pulse_id=fourth),
            received_at=self.covered_at,
        )
        attempt = record_attempt(
            learner=learner,
            quiz=module.quiz,
            answers=answers_to(module.quiz, right=1),
            received_at=self.passed_at,
        ).attempt
        submission = submit(
            learner=learner, module=module, text="done", url="", received_at=self.submitted_at
        ).submission
        self.learner, self.module = learner.pk, module.pk
        self.first_video, self.second_video = first_video.pk, second_video.pk
        self.begun, self.begun_module = begun.pk, begun.module_id
        self.old, self.old_module = old.pk, old.module_id
        self.first_session, self.second_session = (
            LearningSession.objects.filter(module=module)
            .order_by("start_time")
            .values_list("pk", flat=True)
        )
        self.old_session = LearningSession.objects.get(module=old.module_id).pk
        self.progress = ModuleProgress.objects.get(module=module).pk
        self.attempt, self.submission = attempt.pk, submission.pk
        self.assignment = submission.assignment_id
        self.begun_pulse = fourth


@pytest.fixture
def world(db: None) -> World:
    return World()


Row = tuple[Any, ...]
# What is done to the world, and the rows that break which rule then.
BREAKS: dict[str, tuple[str, Callable[[World], dict[str, list[Row]]]]] = {
    "seconds were added to a resource": (
        (
            "update tracking_resourceprogress set watch_time_seconds = watch_time_seconds + 15"
            " where resource_id = %(first_video)s"
        ),
        lambda w: {
            "resource_time_is_the_sum_of_pulses": [(w.learner, w.first_video, 30, 45)],
        },
    ),
    "seconds were taken from a subtotal": (
        "update tracking_sealedpulses set duration_seconds = duration_seconds - 1",
        lambda w: {
            "resource_time_is_the_sum_of_pulses": [(w.learner, w.old, 29, 30)],
            "session_focus_is_the_sum_of_pulses": [(w.learner, w.old_module, 29, 30)],
            "session_is_the_run_of_its_pulses": [
                (
                    *(w.learner, w.old_module, w.old_session, 29, 30),
                    *(w.long_ago, w.long_ago, w.long_ago + MINUTE, w.long_ago + MINUTE),
                )
            ],
        },
    ),
    "progress on a resource was deleted": (
        "delete from tracking_resourceprogress where resource_id = %(first_video)s",
        lambda w: {
            "resource_time_is_the_sum_of_pulses": [(w.learner, w.first_video, 30, None)],
            "resource_coverage_is_the_union_of_pulses": [
                (w.learner, w.first_video, ms((0, 15_000)), None)
            ],
            "claimed_resource_is_completed": [(w.learner, w.first_video, w.start + MINUTE, None)],
            "completed_module_has_its_evidence": [
                (w.learner, w.module, "resource", w.first_video, w.start + MINUTE, None)
            ],
        },
    ),
    "coverage was taken away": (
        (
            "update tracking_resourceprogress set watched = '{[0,14000)}'"
            " where resource_id = %(first_video)s"
        ),
        lambda w: {
            "resource_coverage_is_the_union_of_pulses": [
                (w.learner, w.first_video, ms((0, 15_000)), ms((0, 14_000)))
            ],
        },
    ),
    "coverage of the same length is elsewhere": (
        (
            "update tracking_resourceprogress set watched = '{[5000,25000)}'"
            " where resource_id = %(old)s"
        ),
        lambda w: {
            "resource_coverage_is_the_union_of_pulses": [
                (w.learner, w.old, ms((0, 20_000)), ms((5_000, 25_000)))
            ],
        },
    ),
    "coverage goes beyond the length": (
        (
            "update tracking_resourceprogress set watched = '{[0,110000)}'"
            " where resource_id = %(second_video)s"
        ),
        lambda w: {
            "resource_coverage_is_the_union_of_pulses": [
                (w.learner, w.second_video, ms((0, 100_000)), ms((0, 110_000)))
            ],
            "covered_within_duration": [
                (w.learner, w.second_video, 100_000, 110_000, ms((100_000, 110_000)))
            ],
        },
    ),
    "seconds were added to a session": (
        (
            "update tracking_learningsession set focus_duration_seconds = 45"
            " where id = %(first_session)s"
        ),
        lambda w: {
            "session_focus_is_the_sum_of_pulses": [(w.learner, w.module, 60, 75)],
            "session_is_the_run_of_its_pulses": [
                (
                    *(w.learner, w.module, w.first_session, 30, 45),
                    *(w.start, w.start, w.start + MINUTE, w.start + MINUTE),
                )
            ],
        },
    ),
    "a session was entered by hand": (
        (
            "insert into tracking_learningsession"
            " (user_id, module_id, start_time, focus_duration_seconds)"
            " values (%(learner)s, %(begun_module)s, '2026-02-10 11:30Z', 600)"
        ),
        lambda w: {
            "session_focus_is_the_sum_of_pulses": [(w.learner, w.begun_module, 15, 615)],
            "session_is_the_run_of_its_pulses": [
                (
                    *(w.learner, w.begun_module, LearningSession.objects.latest("pk").pk, 0, 600),
                    *(None, w.passed_at, None, w.passed_at),
                )
            ],
            "last_access_is_the_latest": [
                (w.learner, w.begun_module, w.passed_at, w.covered_at),
            ],
        },
    ),
    "seconds were moved from one session to another": (
        (
            "update tracking_learningsession"
            " set focus_duration_seconds = case id when %(first_session)s then 31 else 29 end"
            " where module_id = %(module)s"
        ),
        lambda w: {
            "session_is_the_run_of_its_pulses": [
                (
                    *(w.learner, w.module, w.first_session, 30, 31),
                    *(w.start, w.start, w.start + MINUTE, w.start + MINUTE),
                ),
                (
                    *(w.learner, w.module, w.second_session, 30, 29),
                    *(w.covered_at, w.covered_at, w.covered_at, w.covered_at),
                ),
            ],
        },
    ),
    "a session begins too early": (
        (
            "update tracking_learningsession set start_time = start_time - interval '1 minute'"
            " where id = %(old_session)s"
        ),
        lambda w: {
            "session_is_the_run_of_its_pulses": [
                (
                    *(w.learner, w.old_module, w.old_session, 30, 30),
                    *(w.long_ago, w.long_ago - MINUTE),
                    *(w.long_ago + MINUTE, w.long_ago + MINUTE),
                )
            ],
        },
    ),
    "a session ends too early": (
        (
            "update tracking_learningsession set last_pulse_at = start_time"
            " where id = %(first_session)s"
        ),
        lambda w: {
            "pulse_lies_in_a_session": [
                (w.learner, w.module, PULSE_IDS[1], w.start + MINUTE, w.start)
            ],
            "session_is_the_run_of_its_pulses": [
                (
                    *(w.learner, w.module, w.first_session, 15, 30),
                    *(w.start, w.start, w.start, w.start),
                )
            ],
        },
    ),
    "a session was deleted whose pulses are sealed": (
        "delete from tracking_learningsession where id = %(old_session)s",
        lambda w: {
            "session_focus_is_the_sum_of_pulses": [(w.learner, w.old_module, 30, None)],
            "pulse_lies_in_a_session": [
                (w.learner, w.old_module, None, w.long_ago, None),
                (w.learner, w.old_module, None, w.long_ago + MINUTE, None),
            ],
        },
    ),
    "a session begins inside another": (
        (
            "update tracking_learningsession set start_time = '2026-02-10 10:00:30Z'"
            " where id = %(second_session)s"
        ),
        lambda w: {
            "sessions_do_not_overlap": [
                (w.learner, w.module, w.second_session, w.start + MINUTE, w.start + MINUTE / 2)
            ],
            "session_is_the_run_of_its_pulses": [
                (
                    *(w.learner, w.module, w.first_session, 15, 30),
                    *(w.start, w.start, w.start, w.start + MINUTE),
                ),
                (
                    *(w.learner, w.module, w.second_session, 45, 30),
                    *(w.start + MINUTE, w.start + MINUTE / 2, w.covered_at, w.covered_at),
                ),
            ],
        },
    ),
    "a module was completed without a word": (
        "update tracking_moduleprogress set evidence = null where module_id = %(module)s",
        lambda w: {
            "completed_module_has_its_evidence": [
                (w.learner, w.module, "completion", None, None, w.submitted_at)
            ],
        },
    ),
    "a module was completed at another time": (
        (
            "update tracking_moduleprogress set completed_at = completed_at - interval '1 minute'"
            " where module_id = %(module)s"
        ),
        lambda w: {
            "completed_module_has_its_evidence": [
                (
                    *(w.learner, w.module, "completion", None),
                    *(w.submitted_at, w.submitted_at - MINUTE),
                )
            ],
        },
    ),
    "a completion was taken back": (
        (
            "update tracking_moduleprogress set status = 'in_progress', completed_at = null"
            " where module_id = %(module)s"
        ),
        lambda w: {
            "completed_module_has_its_evidence": [
                (w.learner, w.module, "completion", None, w.submitted_at, None)
            ],
        },
    ),
    "the passed attempt was deleted": (
        "delete from tracking_quizattempt",
        lambda w: {
            "completed_module_has_its_evidence": [
                (w.learner, w.module, "quiz_attempt", w.attempt, w.passed_at, None)
            ],
        },
    ),
    "the passed attempt has failed": (
        "update tracking_quizattempt set passed = false",
        lambda w: {
            "completed_module_has_its_evidence": [
                (w.learner, w.module, "quiz_attempt", w.attempt, w.passed_at, None)
            ],
        },
    ),
    "the quiz was moved to another module": (
        "update tracking_quiz set module_id = %(begun_module)s where module_id = %(module)s",
        lambda w: {
            "completed_module_has_its_evidence": [
                (w.learner, w.module, "quiz_attempt", w.attempt, w.passed_at, None)
            ],
            "last_access_is_the_latest": [
                (w.learner, w.begun_module, w.passed_at, w.covered_at),
            ],
        },
    ),
    "the submission has another time": (
        "update tracking_submission set submitted_at = submitted_at - interval '1 minute'",
        lambda w: {
            "completed_module_has_its_evidence": [
                (
                    *(w.learner, w.module, "submission", w.submission),
                    *(w.submitted_at, w.submitted_at - MINUTE),
                )
            ],
        },
    ),
    "the submission was deleted": (
        "delete from tracking_submission",
        lambda w: {
            "completed_module_has_its_evidence": [
                (w.learner, w.module, "submission", w.submission, w.submitted_at, None)
            ],
        },
    ),
    "a resource was completed by nothing": (
        (
            "update tracking_resourceprogress"
            " set completed = true, completed_at = '2026-02-10 11:00Z'"
            " where resource_id = %(begun)s"
        ),
        lambda w: {
            "completed_resource_has_its_evidence": [(w.learner, w.begun, w.covered_at, 0)],
        },
    ),
    "a resource was completed at a time without a pulse": (
        (
            "update tracking_resourceprogress set completed_at = completed_at + interval '1 second'"
            " where resource_id = %(old)s"
        ),
        lambda w: {
            "completed_resource_has_its_evidence": [
                (w.learner, w.old, w.long_ago + MINUTE + dt.timedelta(seconds=1), 20_000)
            ],
            "completed_module_has_its_evidence": [
                (
                    *(w.learner, w.old_module, "resource", w.old),
                    *(w.long_ago + MINUTE, w.long_ago + MINUTE + dt.timedelta(seconds=1)),
                )
            ],
        },
    ),
    "a claim of completion was forgotten": (
        (
            "update tracking_resourceprogress set completed = false, completed_at = null"
            " where resource_id = %(old)s"
        ),
        lambda w: {
            "claimed_resource_is_completed": [(w.learner, w.old, w.long_ago + MINUTE, None)],
            "completed_module_has_its_evidence": [
                (w.learner, w.old_module, "resource", w.old, w.long_ago + MINUTE, None)
            ],
        },
    ),
    "the last access was moved back": (
        (
            "update tracking_moduleprogress set last_accessed = last_accessed - interval '1 second'"
            " where module_id = %(module)s"
        ),
        lambda w: {
            "last_access_is_the_latest": [
                (w.learner, w.module, w.submitted_at, w.submitted_at - dt.timedelta(seconds=1))
            ],
        },
    ),
    "progress in a module was deleted": (
        "delete from tracking_moduleprogress where module_id = %(begun_module)s",
        lambda w: {
            "last_access_is_the_latest": [(w.learner, w.begun_module, w.covered_at, None)],
        },
    ),
    "the last access is to come": (
        "update tracking_moduleprogress set last_accessed = '2999-01-01Z' where id = %(progress)s",
        lambda w: {
            "nothing_is_from_the_future": [
                (
                    *(w.learner, "tracking_moduleprogress", str(w.progress)),
                    dt.datetime(2999, 1, 1, tzinfo=dt.UTC),
                )
            ],
        },
    ),
    "a pulse was received before it occurred": (
        (
            "alter table tracking_pulse drop constraint pulse_is_not_from_the_future;"
            "update tracking_pulse set received_at = occurred_at - interval '1 second'"
            " where pulse_id = %(begun_pulse)s"
        ),
        lambda w: {
            "pulse_is_received_after_it_occurred": [
                (
                    *(w.learner, PULSE_IDS[3]),
                    *(w.covered_at, w.covered_at - dt.timedelta(seconds=1)),
                )
            ],
        },
    ),
    "a pulse is in the partition of another day": (
        (
            "alter table tracking_pulse drop constraint pulse_in_its_day;"
            "update tracking_pulse set ledger_day = '2026-02-20' where pulse_id = %(begun_pulse)s"
        ),
        lambda w: {
            "ledger_day_is_of_its_id": [
                (w.learner, PULSE_IDS[3], dt.date(2026, 2, 9), dt.date(2026, 2, 20))
            ],
        },
    ),
    "a subtotal is of another day": (
        "update tracking_sealedpulses set day = day + 1",
        lambda w: {
            "subtotal_is_of_its_day": [
                (
                    *(w.learner, w.old_module, w.old, w.long_ago.date() + DAY, 2),
                    *(w.long_ago, w.long_ago + MINUTE, w.long_ago + MINUTE),
                )
            ],
        },
    ),
    "an assignment was opened again": (
        "update tracking_assignment set status = 'assigned'",
        lambda w: {
            "assignment_status_follows_from_its_work": [
                (w.learner, w.module, w.assignment, "completed", "assigned")
            ],
        },
    ),
    "a submission was graded and the assignment was not": (
        "update tracking_submission set grade = 80, graded_at = submitted_at",
        lambda w: {
            "assignment_status_follows_from_its_work": [
                (w.learner, w.module, w.assignment, "graded", "completed")
            ],
        },
    ),
    "a learner was deleted and the evidence was not": (
        (
            "set constraints all immediate;"
            "alter table tracking_user disable trigger erase_evidence;"
            "delete from tracking_submission; delete from tracking_assignment;"
            "delete from tracking_quizattempt; delete from tracking_learningsession;"
            "delete from tracking_resourceprogress; delete from tracking_moduleprogress;"
            "delete from tracking_user where id = %(learner)s"
        ),
        lambda w: {"evidence_is_of_somebody": [(w.learner, 6, 105)]},
    ),
}


class TestWhatIsBroken:
    def test_the_world_as_it_is_breaks_nothing(self, world: World) -> None:
        assert broken() == {}

    @pytest.mark.parametrize("what", BREAKS)
    def test_to_the_row(self, world: World, what: str) -> None:
        statements, rows_of = BREAKS[what]

        execute(statements, **vars(world))

        assert broken() == rows_of(world)
        assert broken(learner_id=world.learner + 1) == {}

    def test_every_rule_is_broken_above(self, world: World) -> None:
        assert {rule for _, rows_of in BREAKS.values() for rule in rows_of(world)} == set(
            check_names()
        )


class TestWhatIsRight:
    """Everything that may happen in the course of time, and breaks nothing."""

    def test_pulses_late_repeated_clamped_and_corrected(self, db: None) -> None:
        learner, module = make_learner(), make_module(resources=2)
        one, other = module.resources.all()
        pulse = claim(one, at=ZERO - HOUR, played=((0, 40), (60, 70)), pulse_id=PULSE_IDS[0])
        record(learner, pulse, pulse, claim(other, at=ZERO, seconds=0))
        record(learner, pulse, received_at=ZERO + HOUR)
        record(learner, claim(one, at=ZERO - HOUR / 2, played=((30, 65),), completed=True))
        record(learner, claim(one, at=ZERO + 9 * DAY), received_at=ZERO + HOUR)
        record(
            learner,
            claim(other, at=ZERO - 3 * DAY, completed=True),
            clock_offset=DAY,
            received_at=ZERO + 2 * HOUR,
        )

        assert broken() == {}

    def test_content_that_is_added_to_what_is_completed(self, world: World) -> None:
        module = Module.objects.get(pk=world.begun_module)
        learner = User.objects.get(pk=world.learner)
        record(learner, claim(module.resources.get(), at=ZERO, completed=True))
        added = Resource.objects.create(module=module, title="One more", position=1)
        Module.objects.filter(pk=module.pk).update(has_quiz=True, has_assignment=True)

        record(learner, claim(added, at=ZERO + HOUR), received_at=ZERO + HOUR)
        submit(learner=learner, module=module, text="late", url="", received_at=ZERO + 2 * HOUR)

        assert ModuleProgress.objects.get(module=module).status == "completed"
        assert broken() == {}

    @pytest.mark.parametrize(
        "delete",
        [
            lambda w: Resource.objects.get(pk=w.first_video).delete(),
            lambda w: Resource.objects.get(pk=w.old).delete(),
            lambda w: Quiz.objects.get().delete(),
            lambda w: QuizAttempt.objects.get().quiz.questions.all().delete(),
            lambda w: Submission.objects.get().assignment.delete(),
            lambda w: Module.objects.get(pk=w.module).delete(),
            lambda w: Module.objects.get(pk=w.old_module).delete(),
            lambda w: Module.objects.all().delete(),
            lambda w: User.objects.get(pk=w.learner).delete(),
        ],
        ids=[
            "video",
            "video of sealed pulses",
            "quiz",
            "questions",
            "assignment",
            "module",
            "module of sealed pulses",
            "all modules",
            "learner",
        ],
    )
    def test_what_is_deleted(self, world: World, delete: Callable[[World], object]) -> None:
        delete(world)

        assert broken() == {}

    def test_content_whose_removal_completes_a_module(self, db: None) -> None:
        learner, module = make_learner(), make_module(resources=2, questions=1)
        record(learner, claim(module.resources.all()[0], at=ZERO, completed=True))
        module.resources.all()[1].delete()
        Module.objects.update(has_quiz=False)

        check_completion(learner, module)

        assert ModuleProgress.objects.get().status == "completed"
        assert broken() == {}

    @pytest.mark.parametrize("at_first", [200, None])
    def test_a_video_whose_length_turns_out_to_be_less(
        self, db: None, at_first: int | None
    ) -> None:
        learner, module = make_learner(), make_module(duration_seconds=at_first)
        resource = module.resources.get()
        record(learner, claim(resource, played=((0, 180),)))
        Resource.objects.update(duration_seconds=100)
        resource.refresh_from_db()

        record(learner, claim(resource, played=((50, 180),)))

        assert ResourceProgress.objects.get().covered_ms == 180_000
        assert broken() == {}

    def test_work_that_was_only_assigned(self, db: None) -> None:
        learner, module = make_learner(), make_module(has_assignment=True)
        make_assignment(learner, module)

        check_completion(learner, module)

        assert broken() == {}

    def test_an_imported_file_whose_ids_are_remembered_for_good(
        self, db: None, tmp_path: Path
    ) -> None:
        path = tmp_path / "statements.json"
        path.write_text(json.dumps([paused(number) for number in range(5)]))

        call_command("import_xapi", str(path), stdout=StringIO())
        assert broken() == {}

        maintain_ledger(ZERO + 400 * DAY)
        call_command("import_xapi", str(path), stdout=StringIO())
        assert ResourceProgress.objects.get().watch_time_seconds == 50
        assert broken() == {}


class TestSealed:
    """Pulses past the retention, whose subtotals stand for them."""

    def learn(self, *times: dt.datetime) -> User:
        """A pulse of 10 s at each time, each received when it occurred."""
        learner, resource = make_learner(), make_module().resources.get()
        for at in times:
            record(learner, claim(resource, seconds=10, at=at), received_at=at)
        return learner

    def test_a_session_of_which_one_part_is_sealed(self, db: None) -> None:
        self.learn(ZERO, ZERO + MINUTE)
        session = LearningSession.objects.get()

        maintain_ledger(ZERO + MINUTE / 2 + 30 * DAY)

        assert SealedPulses.objects.get().pulses == 1
        assert broken() == {}
        LearningSession.objects.update(focus_duration_seconds=19)
        assert broken()["session_is_the_run_of_its_pulses"][0][:5] == (
            *(session.user_id, session.module_id, session.pk),
            *(20, 19),
        )

    def test_a_session_over_midnight(self, db: None) -> None:
        midnight = ZERO + 12 * HOUR
        self.learn(midnight - MINUTE, midnight + MINUTE)

        maintain_ledger(ZERO + 40 * DAY)

        assert SealedPulses.objects.count() == 2
        assert broken() == {}

    def test_sessions_of_one_sealed_day_are_proved_together(self, db: None) -> None:
        self.learn(ZERO, ZERO + 3 * HOUR)
        first = LearningSession.objects.order_by("start_time")[:1]

        maintain_ledger(ZERO + 40 * DAY)
        assert broken() == {}

        LearningSession.objects.filter(pk__in=first).update(focus_duration_seconds=9)
        assert list(broken()) == ["session_focus_is_the_sum_of_pulses"]

    def test_a_late_pulse_of_a_sealed_day(self, db: None) -> None:
        learner = self.learn(ZERO, ZERO + 3 * HOUR)
        maintain_ledger(ZERO + 40 * DAY)

        resource = Resource.objects.get()
        record(learner, claim(resource, at=ZERO + 2 * HOUR), received_at=ZERO + 40 * DAY)
        assert broken() == {}

        maintain_ledger(ZERO + 80 * DAY)
        assert SealedPulses.objects.get().pulses == 3
        assert broken() == {}


def paused(number: int) -> dict[str, Any]:
    extensions = "https://w3id.org/xapi/video/extensions"
    return {
        "id": f"statement-{number}",
        "actor": {"account": {"name": "ana", "homePage": "https://lms.example"}},
        "verb": {"id": "https://w3id.org/xapi/video/verbs/paused"},
        "object": {"id": "urn:video:1"},
        "timestamp": (ZERO + number * HOUR).isoformat(),
        "context": {
            "contextActivities": {"parent": [{"id": "urn:course:1"}]},
            "extensions": {f"{extensions}/session-id": "s", f"{extensions}/length": 100},
        },
        "result": {"extensions": {f"{extensions}/played-segments": f"0[.]{number * 10 + 10}"}},
    }


class TestRunning:
    def test_named_rules_in_the_order_given(self, world: World) -> None:
        names = ["sessions_do_not_overlap", "covered_within_duration"]

        assert [result.name for result in run_checks(names)] == names

    def test_only_so_many_rows_are_kept_and_all_are_counted(self, db: None) -> None:
        learner, module = make_learner(), make_module()
        for day in range(ROWS_KEPT + 2):
            make_session(learner, module, start_time=ZERO - day * DAY, minutes=1)

        (result,) = run_checks(["session_is_the_run_of_its_pulses"])

        assert (len(result.rows), result.row_count) == (ROWS_KEPT, ROWS_KEPT + 2)
        assert not result.holds

    @pytest.mark.parametrize("name", check_names())
    def test_a_rule_says_what_it_is_and_begins_with_the_learner(self, name: str, db: None) -> None:
        text = (SQL_DIR / "checks" / f"{name}.sql").read_text(encoding="utf-8")
        (result,) = run_checks([name])

        assert re.findall(r"^-- (\w+): ", text, re.MULTILINE) == ["rule", "grain", "do"]
        # Of one statement that psql runs as it is.
        assert not re.search(r";\s*$|%\(", text)
        assert result.columns[0] == "learner_id"
        assert len(result.columns) >= 3

    @pytest.mark.usefixtures("committed")
    def test_everything_is_read_at_one_moment_and_nothing_is_written(self) -> None:
        with snapshot():
            assert not Team.objects.filter(name="T").exists()
            in_another_connection(
                "insert into tracking_team (name, is_default) values ('T', false)"
            )
            assert not Team.objects.filter(name="T").exists()

        with pytest.raises(InternalError, match="read-only transaction"), snapshot():
            make_learner()

    @pytest.mark.usefixtures("committed")
    def test_no_partition_is_dropped_meanwhile(self) -> None:
        lock = "set lock_timeout = '50ms'; lock table tracking_pulse_named in access exclusive mode"

        with snapshot(), pytest.raises(OperationalError, match="lock timeout"):
            in_another_connection(lock)

        in_another_connection(lock)


def in_another_connection(statement: str) -> None:
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute(statement)
    finally:
        other.close()


class TestCommand:
    def run(self, *rules: str) -> tuple[int, str]:
        """Exit code, and the output without the times that it took."""
        out = StringIO()
        try:
            call_command("check_evidence", *rules, stdout=out)
        except SystemExit as end:
            return int(str(end.code)), re.sub(r" +[0-9.,]+ ms", "", out.getvalue())
        return 0, re.sub(r" +[0-9.,]+ ms", "", out.getvalue())

    def test_nothing_is_broken(self, world: World) -> None:
        code, output = self.run()

        lines = output.splitlines()
        assert code == 0
        assert [line.split() for line in lines[:-1]] == [
            [name, "0", "rows"] for name in check_names()
        ]
        assert lines[-1] == "Everything follows from the evidence."

    def test_something_is_broken(self, world: World) -> None:
        execute(BREAKS["coverage goes beyond the length"][0], **vars(world))

        code, output = self.run("sessions_do_not_overlap", "covered_within_duration")

        assert (code, output) == (
            1,
            (
                "sessions_do_not_overlap                            0 rows\n"
                "covered_within_duration                            1 rows\n"
                "\n"
                "Broken: sql/checks/covered_within_duration.sql\n"
                f"  learner_id={world.learner} resource_id={world.second_video}"
                " expected_at_most_ms=100000 actual_ms=110000 unproved_ms=100000-110000\n"
            ),
        )

    def test_very_much_is_broken(self, db: None) -> None:
        learner, module = make_learner(), make_module()
        for day in range(ROWS_KEPT + 2):
            make_session(learner, module, start_time=ZERO - day * DAY, minutes=1)

        code, output = self.run("session_is_the_run_of_its_pulses")

        lines = output.splitlines()
        session = LearningSession.objects.earliest("pk")
        assert code == 1
        assert lines[3] == (
            f"  learner_id={learner.pk} module_id={module.pk} session_id={session.pk}"
            " expected_seconds=0 actual_seconds=60"
            " expected_start=- actual_start=2026-02-10T12:00:00Z"
            " expected_end=- actual_end=2026-02-10T12:00:00Z"
        )
        assert lines[-1] == "  and 2 more"

    def test_a_rule_that_there_is_not(self, db: None) -> None:
        with pytest.raises(
            CommandError, match="no such rule: nonsense; there is assignment_status"
        ):
            call_command("check_evidence", "nonsense", "sessions_do_not_overlap")

    def test_a_database_without_the_functions(self, db: None) -> None:
        execute("drop function public.tracking_evidence_of_learning()")

        with pytest.raises(CommandError, match=r"could not be checked: function .* does not exist"):
            call_command("check_evidence", stdout=StringIO())
