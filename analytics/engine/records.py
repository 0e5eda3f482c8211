"""What is known of each learner, read as plain rows through the ORM."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tracking.models import (
    Assignment,
    LearningSession,
    ModuleProgress,
    QuizAttempt,
    Resource,
    ResourceProgress,
    Submission,
    User,
)

WEEK = dt.timedelta(days=7)
# Learners whose rows are read at once.
CHUNK = 500


@dataclass(frozen=True)
class Record:
    """Everything that is known of one learner."""

    learner: User
    sessions: list[LearningSession]
    modules: list[ModuleProgress]
    attempts: list[QuizAttempt]
    assignments: list[Assignment]
    # By the assignment that they were handed in for; without their text.
    submissions: dict[int, list[Submission]]
    resources: list[ResourceProgress]

    @property
    def focus_seconds(self) -> int:
        return sum(session.focus_duration_seconds for session in self.sessions)

    @property
    def last_learning_at(self) -> dt.datetime | None:
        return latest(
            moment
            for session in self.sessions
            for moment in (session.start_time, session.last_pulse_at)
        )

    @property
    def last_active_at(self) -> dt.datetime | None:
        accesses = (progress.last_accessed for progress in self.modules)
        return latest([self.last_learning_at, *accesses])

    def count_modules(self, status: ModuleProgress.Status) -> int:
        return sum(progress.status == status for progress in self.modules)

    @property
    def is_finished(self) -> bool:
        return bool(self.modules) and (
            self.count_modules(ModuleProgress.Status.COMPLETED) == len(self.modules)
            and not self.open_assignments
        )

    @property
    def open_assignments(self) -> list[Assignment]:
        """Nothing is owed for work that its module, or a manager, has already accepted."""
        return [
            assignment
            for assignment in self.assignments
            if assignment.status == Assignment.Status.ASSIGNED
            and assignment.pk not in self.submitted_assignment_ids
        ]

    def focus_by_day(self) -> dict[dt.date, int]:
        """Seconds of focus by the UTC day on which the session started."""
        days: dict[dt.date, int] = {}
        for session in self.sessions:
            day = session.start_time.astimezone(dt.UTC).date()
            days[day] = days.get(day, 0) + session.focus_duration_seconds
        return days

    def focus_of_week(self, today: dt.date, weeks_ago: int) -> int:
        """Seconds of focus of seven UTC days, of which the last is today or weeks before it."""
        last = today - weeks_ago * WEEK
        return sum(
            seconds
            for day, seconds in self.focus_by_day().items()
            if last - WEEK < day <= last or (weeks_ago == 0 and day > last)
        )

    @property
    def submitted_assignment_ids(self) -> set[int]:
        return set(self.submissions)

    @property
    def completed_resource_ids(self) -> set[int]:
        return {progress.resource_id for progress in self.resources if progress.completed}

    @property
    def is_insufficient_data(self) -> bool:
        return not self.modules and not self.assignments and self.last_active_at is None

    @property
    def failing_quiz_ids(self) -> set[int]:
        tried = {attempt.quiz_id for attempt in self.attempts}
        return tried - {attempt.quiz_id for attempt in self.attempts if attempt.passed}


def read_records(learners: Iterable[User]) -> list[Record]:
    """One record for each learner, in order, by six queries for every 500 of them."""
    learners = list(learners)
    return [
        record
        for start in range(0, len(learners), CHUNK)
        for record in _read_chunk(learners[start : start + CHUNK])
    ]


def _read_chunk(learners: Sequence[User]) -> list[Record]:
    sessions = _by_user(LearningSession, learners)
    modules = _by_user(ModuleProgress, learners, "module")
    attempts = _by_user(QuizAttempt, learners, "quiz__module")
    assignments = _by_user(Assignment, learners, "module")
    resources = _by_user(ResourceProgress, learners, "resource")
    submissions: dict[int, list[Submission]] = defaultdict(list)
    for submission in Submission.objects.filter(assignment__user__in=learners).only(
        "assignment_id", "submitted_at", "grade"
    ):
        submissions[submission.assignment_id].append(submission)
    return [
        Record(
            learner=learner,
            sessions=sessions[learner.pk],
            modules=modules[learner.pk],
            attempts=attempts[learner.pk],
            assignments=assignments[learner.pk],
            submissions={
                assignment.pk: submissions[assignment.pk]
                for assignment in assignments[learner.pk]
                if assignment.pk in submissions
            },
            resources=resources[learner.pk],
        )
        for learner in learners
    ]


def read_resource_ids() -> dict[int, set[int]]:
    """The ids of the resources of each module."""
    of_module: dict[int, set[int]] = defaultdict(set)
    for module_id, resource_id in Resource.objects.values_list("module_id", "pk"):
        of_module[module_id].add(resource_id)
    return of_module


def _by_user(model: Any, learners: Sequence[User], *related: str) -> dict[int, list[Any]]:
    of_user: dict[int, list[Any]] = defaultdict(list)
    for row in model.objects.filter(user__in=learners).select_related(*related):
        of_user[row.user_id].append(row)
    return of_user


def latest(moments: Iterable[dt.datetime | None]) -> dt.datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)
