"""The write path once more, in plain Python: what must come of acts, worked out another way.

The database keeps running figures. The model keeps what happened, and derives every figure from
all of it, whenever it is asked.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from math import floor
from typing import Any, NamedTuple
from uuid import UUID

from tracking.pulses import PulseClaim

# The defaults of the settings.
MAX_AGE = dt.timedelta(days=7)
MAX_SKEW = dt.timedelta(minutes=2)
SESSION_GAP = dt.timedelta(minutes=30)
COMPLETE_PERCENT = 95

Intervals = tuple[tuple[int, int], ...]


# --- Content ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Module:
    """Resources are ids with the lengths in seconds, None where the length is not known.

    There is a quiz to try in any case; `has_quiz` says whether completion asks for it.
    """

    resources: Mapping[int, int | None]
    has_quiz: bool = False
    has_assignment: bool = False
    is_published: bool = True


# --- Acts ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SendPulses:
    claims: tuple[PulseClaim, ...]
    received_at: dt.datetime
    clock_offset: dt.timedelta = dt.timedelta(0)


@dataclass(frozen=True)
class TryQuiz:
    module_id: int
    answers: tuple[tuple[str, int], ...]
    is_right: bool
    received_at: dt.datetime
    key: UUID | None = None


@dataclass(frozen=True)
class HandIn:
    module_id: int
    text: str
    received_at: dt.datetime
    key: UUID | None = None


@dataclass(frozen=True)
class Check:
    module_id: int


@dataclass(frozen=True)
class Assign:
    """A manager gives the learner the module's assignment."""

    module_id: int


@dataclass(frozen=True)
class Grade:
    module_id: int


@dataclass(frozen=True)
class AddResource:
    module_id: int
    duration_seconds: int | None


@dataclass(frozen=True)
class RemoveResource:
    module_id: int
    resource_id: int


@dataclass(frozen=True)
class SetLength:
    module_id: int
    resource_id: int
    duration_seconds: int | None


@dataclass(frozen=True)
class ChangeModule:
    """`field_name` is one of those of `Module` that say yes or no."""

    module_id: int
    field_name: str
    value: bool


ContentAct = AddResource | RemoveResource | SetLength | ChangeModule
Act = SendPulses | TryQuiz | HandIn | Check | Assign | Grade | ContentAct


# --- Answers ---------------------------------------------------------------------------------


class Outcome(StrEnum):
    """What became of a pulse, an attempt or a submission; of a refused one, the problem's slug."""

    RECORDED = "recorded"
    DUPLICATE = "duplicate"
    INVALID = "invalid-input"
    NOT_FOUND = "not-found"
    CONFLICT = "content-conflict"


class ModuleStanding(NamedTuple):
    status: str
    progress_percent: float


class ResourceStanding(NamedTuple):
    watch_time_seconds: int
    covered_percent: float | None
    completed: bool


class PulseAnswer(NamedTuple):
    pulse_id: UUID
    outcome: Outcome
    resource: ResourceStanding | None = None
    module: ModuleStanding | None = None


class WorkAnswer(NamedTuple):
    """The answer to an attempt or to a submission; `work_id` is its row's."""

    outcome: Outcome
    work_id: int | None = None
    module: ModuleStanding | None = None


class AddedResource(NamedTuple):
    resource_id: int


Answer = list[PulseAnswer] | WorkAnswer | ModuleStanding | AddedResource | None


# --- A learner's rows ------------------------------------------------------------------------


class LedgerRow(NamedTuple):
    module_id: int
    resource_id: int
    duration_delta: int
    watch_time: float | None
    completed: bool
    played: Intervals
    occurred_at: dt.datetime
    is_clamped: bool
    clock_offset_seconds: int | None
    received_at: dt.datetime


class ResourceRow(NamedTuple):
    watch_time_seconds: int
    watched: Intervals
    covered_ms: int
    completed: bool
    completed_at: dt.datetime | None


class SessionRow(NamedTuple):
    module_id: int
    start_time: dt.datetime
    last_pulse_at: dt.datetime
    focus_duration_seconds: int


class ModuleRow(NamedTuple):
    status: str
    last_accessed: dt.datetime | None
    completed_at: dt.datetime | None
    evidence: Mapping[str, Any] | None


class AttemptRow(NamedTuple):
    module_id: int
    passed: bool
    timestamp: dt.datetime
    key: UUID | None


class SubmissionRow(NamedTuple):
    module_id: int
    text: str
    submitted_at: dt.datetime
    key: UUID | None


@dataclass(frozen=True)
class LearnerState:
    """All that the database holds of one learner, by the ids of what it is about."""

    ledger: Mapping[UUID, LedgerRow]
    resources: Mapping[int, ResourceRow]
    sessions: Sequence[SessionRow]
    modules: Mapping[int, ModuleRow]
    standings: Mapping[int, ModuleStanding]
    assignments: Mapping[int, str]
    attempts: Mapping[int, AttemptRow]
    submissions: Mapping[int, SubmissionRow]


# --- The model -------------------------------------------------------------------------------


class Accepted(NamedTuple):
    """A pulse in the ledger, with what tells a retry of it from another one."""

    content: PulseClaim
    row: LedgerRow


class Try(NamedTuple):
    answers: tuple[tuple[str, int], ...]
    row: AttemptRow


class Completion(NamedTuple):
    completed_at: dt.datetime
    evidence: Mapping[str, Any]


class Evidence(NamedTuple):
    """What a learner has for a module: the pieces as they are kept, how many are asked for."""

    pieces: Mapping[str, Any]
    times: Sequence[dt.datetime]
    asked: int

    @property
    def is_complete(self) -> bool:
        return 0 < self.asked == len(self.times)


@dataclass
class LearnerModel:
    """What happened to one learner, before the content that there is."""

    content: dict[int, Module]
    accepted: dict[UUID, Accepted] = field(default_factory=dict)
    tries: dict[int, Try] = field(default_factory=dict)
    submissions: dict[int, SubmissionRow] = field(default_factory=dict)
    assignments: dict[int, str] = field(default_factory=dict)
    # Modules with a row of progress: those of any activity, and those that were asked about.
    opened: frozenset[int] = frozenset()
    watched_at: dict[int, dt.datetime] = field(default_factory=dict)
    completions: dict[int, Completion] = field(default_factory=dict)

    def copy(self) -> "LearnerModel":
        return LearnerModel(
            content=dict(self.content),
            accepted=dict(self.accepted),
            tries=dict(self.tries),
            submissions=dict(self.submissions),
            assignments=dict(self.assignments),
            opened=self.opened,
            watched_at=dict(self.watched_at),
            completions=dict(self.completions),
        )

    def apply(self, act: Act, answer: Answer) -> Answer:
        """What has to be answered to the act.

        From the `answer` that was given only those ids are taken that the server makes up. Where
        it gives none, or one that is taken, nothing happens, and the answers differ.
        """
        match act:
            case SendPulses():
                ids = [each.pulse_id for each in answer] if isinstance(answer, list) else []
                return self._send(act, ids)
            case TryQuiz():
                return self._try_quiz(act, _work_id(answer))
            case HandIn():
                return self._hand_in(act, _work_id(answer))
            case Check():
                self.opened |= {act.module_id}
                self._check(act.module_id)
                return self._standing(act.module_id)
            case Assign():
                self.assignments[act.module_id] = "assigned"
                self._accept_work(act.module_id)
            case Grade():
                self.assignments[act.module_id] = "graded"
            case _:
                return self._change_content(act, answer)
        return None

    def state(self) -> LearnerState:
        return LearnerState(
            ledger={pulse_id: accepted.row for pulse_id, accepted in self.accepted.items()},
            resources={
                resource_id: self._resource_row(resource_id)
                for resource_id in self._lengths
                if self._pulses_on(resource_id)
            },
            sessions=[
                session
                for module_id in sorted(self.content)
                for session in self._sessions(module_id)
            ],
            modules={module_id: self._module_row(module_id) for module_id in self.opened},
            standings={module_id: self._standing(module_id) for module_id in self.content},
            assignments=dict(self.assignments),
            attempts={attempt_id: one.row for attempt_id, one in self.tries.items()},
            submissions=dict(self.submissions),
        )

    # Pulses.

    def _send(self, act: SendPulses, ids: Sequence[UUID]) -> Answer:
        ids = [claim.pulse_id or made_up for claim, made_up in zip(act.claims, ids, strict=True)]
        outcomes: dict[int, Outcome] = {}
        recorded: list[LedgerRow] = []
        for index, claim in enumerate(act.claims):
            if _corrected(claim, act) < act.received_at - MAX_AGE:
                outcomes[index] = Outcome.INVALID
            elif not self._is_visible(claim):
                outcomes[index] = Outcome.NOT_FOUND
            elif ids[index] in self.accepted:
                outcomes[index] = self._repeated(ids[index], claim)
            else:
                outcomes[index] = Outcome.RECORDED
                accepted = self._accept(claim, act)
                self.accepted[ids[index]] = accepted
                recorded.append(accepted.row)

        self._complete_resources(recorded)
        self.opened |= {row.module_id for row in recorded}
        refused = {Outcome.INVALID, Outcome.NOT_FOUND}
        for index, outcome in outcomes.items():
            if outcome not in refused:
                self._check(act.claims[index].module_id)
        for index, claim in enumerate(act.claims):
            # What was recorded when it was young may be sent again at any age.
            if outcomes[index] is Outcome.INVALID and self._is_known(ids[index], claim):
                outcomes[index] = Outcome.DUPLICATE
        return [
            self._pulse_answer(claim, ids[index], outcomes[index])
            for index, claim in enumerate(act.claims)
        ]

    def _accept(self, claim: PulseClaim, act: SendPulses) -> Accepted:
        corrected = _corrected(claim, act)
        is_skewed = claim.occurred_at is not None and abs(act.clock_offset) > MAX_SKEW
        return Accepted(
            content=_content(claim),
            row=LedgerRow(
                module_id=claim.module_id,
                resource_id=claim.resource_id,
                duration_delta=claim.duration_delta,
                watch_time=claim.watch_time,
                completed=claim.completed,
                played=united(clipped(claim.played_ms, self._lengths[claim.resource_id])),
                occurred_at=min(corrected, act.received_at),
                is_clamped=corrected - act.received_at > MAX_SKEW,
                clock_offset_seconds=(
                    round(act.clock_offset.total_seconds()) if is_skewed else None
                ),
                received_at=act.received_at,
            ),
        )

    def _repeated(self, pulse_id: UUID, claim: PulseClaim) -> Outcome:
        is_same = self.accepted[pulse_id].content == _content(claim)
        return Outcome.DUPLICATE if is_same else Outcome.CONFLICT

    def _is_known(self, pulse_id: UUID, claim: PulseClaim) -> bool:
        return (
            claim.resource_id in self._lengths
            and pulse_id in self.accepted
            and self._repeated(pulse_id, claim) is Outcome.DUPLICATE
        )

    def _is_visible(self, claim: PulseClaim) -> bool:
        module = self.content[claim.module_id]
        return module.is_published and claim.resource_id in module.resources

    def _complete_resources(self, recorded: Sequence[LedgerRow]) -> None:
        """By the earliest claim that came with a batch, else by the coverage after all of it."""
        for resource_id in {row.resource_id for row in recorded} - self.watched_at.keys():
            here = [row for row in recorded if row.resource_id == resource_id]
            claimed = [row.occurred_at for row in here if row.completed]
            if claimed:
                self.watched_at[resource_id] = min(claimed)
            elif self._is_covered(resource_id):
                self.watched_at[resource_id] = max(row.occurred_at for row in here)

    def _is_covered(self, resource_id: int) -> bool:
        length, covered = self._lengths[resource_id], total(self._watched(resource_id))
        return length is not None and covered * 100 >= length * 1000 * COMPLETE_PERCENT

    def _pulse_answer(self, claim: PulseClaim, pulse_id: UUID, outcome: Outcome) -> PulseAnswer:
        if outcome not in {Outcome.RECORDED, Outcome.DUPLICATE}:
            return PulseAnswer(pulse_id, outcome)
        row, length = self._resource_row(claim.resource_id), self._lengths[claim.resource_id]
        share = (
            None if length is None else min(Fraction(row.covered_ms, length * 10), Fraction(100))
        )
        return PulseAnswer(
            pulse_id,
            outcome,
            ResourceStanding(
                row.watch_time_seconds, None if share is None else one_decimal(share), row.completed
            ),
            self._standing(claim.module_id),
        )

    # Work.

    def _try_quiz(self, act: TryQuiz, attempt_id: int | None) -> Answer:
        row = AttemptRow(act.module_id, act.is_right, act.received_at, act.key)
        for earlier_id, earlier in self.tries.items():
            if act.key and act.key == earlier.row.key:
                is_same = (earlier.row.module_id, earlier.answers) == (act.module_id, act.answers)
                return self._work_again(act.module_id, earlier_id, is_same=is_same)
        if attempt_id is None or attempt_id in self.tries:
            return WorkAnswer(Outcome.RECORDED)
        self.tries[attempt_id] = Try(act.answers, row)
        return self._work_done(act.module_id, attempt_id)

    def _hand_in(self, act: HandIn, submission_id: int | None) -> Answer:
        row = SubmissionRow(act.module_id, act.text, act.received_at, act.key)
        for earlier_id, earlier in self.submissions.items():
            if act.key and (act.module_id, act.key) == (earlier.module_id, earlier.key):
                return self._work_again(act.module_id, earlier_id, is_same=earlier.text == act.text)
        if submission_id is None or submission_id in self.submissions:
            return WorkAnswer(Outcome.RECORDED)
        self.submissions[submission_id] = row
        if self.assignments.get(act.module_id, "assigned") == "assigned":
            self.assignments[act.module_id] = "submitted"
        return self._work_done(act.module_id, submission_id)

    def _work_done(self, module_id: int, work_id: int) -> WorkAnswer:
        self.opened |= {module_id}
        self._check(module_id)
        return WorkAnswer(Outcome.RECORDED, work_id, self._standing(module_id))

    def _work_again(self, module_id: int, work_id: int, *, is_same: bool) -> WorkAnswer:
        if not is_same:
            return WorkAnswer(Outcome.CONFLICT)
        self._check(module_id)
        return WorkAnswer(Outcome.DUPLICATE, work_id, self._standing(module_id))

    # Completion.

    def _check(self, module_id: int) -> None:
        evidence = self._evidence(module_id)
        if module_id not in self.completions and evidence.is_complete:
            self.completions[module_id] = Completion(max(evidence.times), evidence.pieces)
        self._accept_work(module_id)

    def _accept_work(self, module_id: int) -> None:
        """Work that is given or handed in is completed with its module, or when that is already."""
        if module_id in self.completions and self.assignments.get(module_id) in {
            "assigned",
            "submitted",
        }:
            self.assignments[module_id] = "completed"

    def _evidence(self, module_id: int) -> Evidence:
        module = self.content[module_id]
        watched = [
            {"id": resource_id, "completed_at": self.watched_at[resource_id]}
            for resource_id in sorted(module.resources)
            if resource_id in self.watched_at
        ]
        passed = min(
            (
                (one.row.timestamp, attempt_id)
                for attempt_id, one in self.tries.items()
                if module.has_quiz and one.row.module_id == module_id and one.row.passed
            ),
            default=None,
        )
        handed_in = min(
            (
                (row.submitted_at, submission_id)
                for submission_id, row in self.submissions.items()
                if module.has_assignment and row.module_id == module_id
            ),
            default=None,
        )
        return Evidence(
            pieces={
                "resources": watched,
                "quiz_attempt": passed and {"id": passed[1], "passed_at": passed[0]},
                "submission": handed_in and {"id": handed_in[1], "submitted_at": handed_in[0]},
            },
            times=[
                *(at for one, at in self.watched_at.items() if one in module.resources),
                *(at for at, _ in filter(None, [passed, handed_in])),
            ],
            asked=len(module.resources) + module.has_quiz + module.has_assignment,
        )

    def _standing(self, module_id: int) -> ModuleStanding:
        module, evidence = self.content[module_id], self._evidence(module_id)
        pieces = evidence.pieces
        is_work_missing = (module.has_quiz and not pieces["quiz_attempt"]) or (
            module.has_assignment and not pieces["submission"]
        )
        share = Fraction(100 * len(pieces["resources"]), len(module.resources) or 1)
        percent = min(share, Fraction(95)) if is_work_missing else share
        return ModuleStanding(self._status(module_id), one_decimal(percent))

    def _status(self, module_id: int) -> str:
        if module_id in self.completions:
            return "completed"
        return "in_progress" if self._activity(module_id) else "not_started"

    def _activity(self, module_id: int) -> list[dt.datetime]:
        return [
            *(row.occurred_at for row in self._pulses_in(module_id)),
            *(one.row.timestamp for one in self.tries.values() if one.row.module_id == module_id),
            *(row.submitted_at for row in self.submissions.values() if row.module_id == module_id),
        ]

    # Figures.

    def _pulses_in(self, module_id: int) -> list[LedgerRow]:
        return [one.row for one in self.accepted.values() if one.row.module_id == module_id]

    def _pulses_on(self, resource_id: int) -> list[LedgerRow]:
        return [one.row for one in self.accepted.values() if one.row.resource_id == resource_id]

    def _watched(self, resource_id: int) -> Intervals:
        return united(part for row in self._pulses_on(resource_id) for part in row.played)

    @property
    def _lengths(self) -> dict[int, int | None]:
        return {
            resource_id: length
            for module in self.content.values()
            for resource_id, length in module.resources.items()
        }

    def _resource_row(self, resource_id: int) -> ResourceRow:
        watched = self._watched(resource_id)
        return ResourceRow(
            watch_time_seconds=sum(row.duration_delta for row in self._pulses_on(resource_id)),
            watched=watched,
            covered_ms=total(watched),
            completed=resource_id in self.watched_at,
            completed_at=self.watched_at.get(resource_id),
        )

    def _sessions(self, module_id: int) -> list[SessionRow]:
        runs: list[list[LedgerRow]] = []
        for row in sorted(self._pulses_in(module_id), key=lambda row: row.occurred_at):
            if not runs or row.occurred_at - runs[-1][-1].occurred_at > SESSION_GAP:
                runs.append([])
            runs[-1].append(row)
        return [
            SessionRow(
                module_id,
                run[0].occurred_at,
                run[-1].occurred_at,
                sum(row.duration_delta for row in run),
            )
            for run in runs
        ]

    def _module_row(self, module_id: int) -> ModuleRow:
        completion = self.completions.get(module_id)
        return ModuleRow(
            status=self._status(module_id),
            last_accessed=max(self._activity(module_id), default=None),
            completed_at=completion and completion.completed_at,
            evidence=completion and completion.evidence,
        )

    # Content.

    def _change_content(self, act: ContentAct, answer: Answer) -> Answer:
        module = self.content[act.module_id]
        resources = dict(module.resources)
        match act:
            case AddResource():
                assert isinstance(answer, AddedResource)
                resources[answer.resource_id] = act.duration_seconds
            case RemoveResource():
                del resources[act.resource_id]
                self.watched_at.pop(act.resource_id, None)
            case SetLength():
                resources[act.resource_id] = act.duration_seconds
            case ChangeModule():
                demands = {act.field_name: act.value}
                module = replace(module, **demands)  # type: ignore[arg-type]  # mypy takes any field
        self.content[act.module_id] = replace(module, resources=resources)
        return answer


def explanations(model: LearnerModel, done: Sequence[tuple[Act, Answer]]) -> Iterator[LearnerModel]:
    """What the model can be after acts at once: one model for each order that explains them.

    An order explains acts if all of their answers are those that the model gives one by one.
    """
    known: list[tuple[Collection[int], LearnerModel]] = []

    def follow(model: LearnerModel, left: frozenset[int]) -> Iterator[LearnerModel]:
        if (left, model) in known:
            return
        known.append((left, model))
        if not left:
            yield model
        for index in sorted(left):
            act, answer = done[index]
            following = model.copy()
            if following.apply(act, answer) == answer:
                yield from follow(following, left - {index})

    return follow(model, frozenset(range(len(done))))


def united(intervals: Iterable[tuple[int, int]]) -> Intervals:
    """The same points in as few intervals as possible."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def clipped(intervals: Iterable[tuple[int, int]], length: int | None) -> Intervals:
    """What of the intervals, in milliseconds, lies within a length in seconds."""
    if length is None:
        return tuple(intervals)
    cut = ((start, min(end, length * 1000)) for start, end in intervals)
    return tuple((start, end) for start, end in cut if start < end)


def total(intervals: Iterable[tuple[int, int]]) -> int:
    return sum(end - start for start, end in intervals)


def one_decimal(percent: Fraction) -> float:
    """Rounded, halves up."""
    return floor(percent * 10 + Fraction(1, 2)) / 10


def _corrected(claim: PulseClaim, act: SendPulses) -> dt.datetime:
    return claim.occurred_at + act.clock_offset if claim.occurred_at else act.received_at


def _content(claim: PulseClaim) -> PulseClaim:
    return claim._replace(pulse_id=None, trace=None)


def _work_id(answer: Answer) -> int | None:
    return answer.work_id if isinstance(answer, WorkAnswer) else None
