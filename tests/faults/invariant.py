"""The invariant of the write path, over what clients know and what the database holds.

Every acknowledged pulse is in the ledger exactly once, every other one at most once, a refused one
never; and every counter is the sum, or the union, of the ledger. Nothing in here asks the product
how it counts: the rules are written down a second time.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any, TypeVar
from uuid import UUID

from tests.faults.history import Answer, Attempt, Intervals, SentPulse
from tests.faults.tables import LedgerRow, SessionRow, Tables

SESSION_GAP = dt.timedelta(minutes=30)

PulseKey = tuple[int, UUID]
Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


def violations(attempts: Sequence[Attempt], tables: Tables) -> list[str]:
    """Everything that contradicts the invariant; nothing when it holds.

    `attempts` are all that were ever made against this database.
    """
    return [
        *_contradicting_answers(attempts),
        *_lost_and_invented_pulses(attempts, tables.ledger),
        *_wrong_resources(tables),
        *_wrong_sessions(tables),
        *_wrong_modules(tables),
    ]


# --- Answers against answers -----------------------------------------------------------------


def _contradicting_answers(attempts: Sequence[Attempt]) -> Iterator[str]:
    for attempt in attempts:
        if attempt.status is not None and attempt.status >= 500 and attempt.status != 503:
            yield f"{_name(_key(attempt))} was answered {attempt.status}"
    for key, tries in _grouped((_key(attempt), attempt) for attempt in attempts).items():
        answers = Counter(attempt.answer for attempt in tries)
        if answers[Answer.RECORDED] > 1:
            yield f"{_name(key)} was called recorded {answers[Answer.RECORDED]} times"
        is_explained = answers[Answer.RECORDED] or answers[Answer.UNKNOWN]
        if answers[Answer.DUPLICATE] and not is_explained:
            yield f"{_name(key)} was called a duplicate of nothing"
        contents = {_content(attempt.pulse) for attempt in tries if _is_acknowledged(attempt)}
        if len(contents) > 1:
            yield f"{_name(key)} was acknowledged with {len(contents)} different contents"


# --- Answers against the ledger --------------------------------------------------------------


def _lost_and_invented_pulses(
    attempts: Sequence[Attempt], ledger: Sequence[LedgerRow]
) -> Iterator[str]:
    tries = _grouped((_key(attempt), attempt) for attempt in attempts)
    rows = _grouped(((row.learner_id, row.pulse_id), row) for row in ledger)
    for key in tries.keys() | rows.keys():
        yield from _wrong_pulse(key, tries.get(key, []), rows.get(key, []))


def _wrong_pulse(key: PulseKey, tries: list[Attempt], rows: list[LedgerRow]) -> Iterator[str]:
    acknowledged = {_content(attempt.pulse) for attempt in tries if _is_acknowledged(attempt)}
    uncertain = {_content(attempt.pulse) for attempt in tries if attempt.answer is Answer.UNKNOWN}
    if acknowledged and not rows:
        yield f"{_name(key)} was acknowledged and is lost"
    if len(rows) > 1:
        yield f"{_name(key)} is in the ledger {len(rows)} times"
    for row in rows:
        if not tries:
            yield f"{_name(key)} is in the ledger and was never sent"
        elif not acknowledged and not uncertain:
            yield f"{_name(key)} is in the ledger though it was refused"
        elif _row_content(row) not in (acknowledged or uncertain):
            yield f"{_name(key)} is in the ledger with other content: {row}"


def _content(pulse: SentPulse) -> tuple[Any, ...]:
    place = pulse.place
    limit = None if place.duration_seconds is None else place.duration_seconds * 1000
    return (
        place.module_id,
        place.resource_id,
        pulse.duration_delta,
        pulse.completed,
        united((start, end if limit is None else min(end, limit)) for start, end in pulse.played),
    )


def _row_content(row: LedgerRow) -> tuple[Any, ...]:
    return (row.module_id, row.resource_id, row.duration_delta, row.completed, row.played)


# --- Counters against the ledger -------------------------------------------------------------


def _wrong_resources(tables: Tables) -> Iterator[str]:
    pulses = _grouped(((row.learner_id, row.resource_id), row) for row in tables.ledger)
    progress = _grouped(((row.learner_id, row.resource_id), row) for row in tables.resources)
    for key in pulses.keys() | progress.keys():
        learner_id, resource_id = key
        name = f"learner {learner_id} on resource {resource_id}"
        seconds = sum(row.duration_delta for row in pulses.get(key, []))
        watched = united(part for row in pulses.get(key, []) for part in row.played)
        counted = progress.get(key, [])
        if len(counted) != 1:
            yield f"{name} has {len(counted)} rows of progress"
        for row in counted:
            if row.watch_time_seconds != seconds:
                yield f"{name} has {row.watch_time_seconds} s, and {seconds} s in the ledger"
            if row.watched != watched or row.covered_ms != sum(
                end - start for start, end in watched
            ):
                yield f"{name} has seen {row.watched} ({row.covered_ms} ms), and {watched}"
            if not row.completed and any(pulse.completed for pulse in pulses.get(key, [])):
                yield f"{name} has lost a completion"


def _wrong_sessions(tables: Tables) -> Iterator[str]:
    pulses = _grouped(((row.learner_id, row.module_id), row) for row in tables.ledger)
    sessions = _grouped(((row.learner_id, row.module_id), row) for row in tables.sessions)
    for key in pulses.keys() | sessions.keys():
        learner_id, module_id = key
        expected = sessions_of(pulses.get(key, []))
        found = sorted(sessions.get(key, []), key=lambda session: session.start_time)
        if found != expected:
            yield (
                f"learner {learner_id} in module {module_id} has the sessions {_short(found)},"
                f" and by the ledger {_short(expected)}"
            )


def _wrong_modules(tables: Tables) -> Iterator[str]:
    latest: dict[tuple[int, int], dt.datetime] = {}
    for row in tables.ledger:
        key = row.learner_id, row.module_id
        latest[key] = max(latest.get(key, row.occurred_at), row.occurred_at)
    accessed = {(row.learner_id, row.module_id): row.last_accessed for row in tables.modules}
    for key in latest.keys() | accessed.keys():
        name = f"learner {key[0]} in module {key[1]}"
        at = accessed.get(key)
        if at is None:
            yield f"{name} has no last access"
        elif at > tables.read_at:
            yield f"{name} was last there in the future: {at}"
        elif key in latest and at < latest[key]:
            yield f"{name} was last there at {at}, and by the ledger at {latest[key]}"


def sessions_of(pulses: Iterable[LedgerRow]) -> list[SessionRow]:
    """Longest runs of one learner's pulses in one module without a silence over the gap."""
    runs: list[list[LedgerRow]] = []
    for pulse in sorted(pulses, key=lambda row: row.occurred_at):
        if not runs or pulse.occurred_at - runs[-1][-1].occurred_at > SESSION_GAP:
            runs.append([])
        runs[-1].append(pulse)
    return [
        SessionRow(
            learner_id=run[0].learner_id,
            module_id=run[0].module_id,
            start_time=run[0].occurred_at,
            last_pulse_at=run[-1].occurred_at,
            focus_duration_seconds=sum(pulse.duration_delta for pulse in run),
        )
        for run in runs
    ]


def united(intervals: Iterable[tuple[int, int]]) -> Intervals:
    """The same points in as few intervals as possible, in order; empty ones are left out."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(interval for interval in intervals if interval[0] < interval[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _is_acknowledged(attempt: Attempt) -> bool:
    return attempt.answer.is_acknowledgement


def _key(attempt: Attempt) -> PulseKey:
    return attempt.learner_id, attempt.pulse.pulse_id


def _name(key: PulseKey) -> str:
    return f"pulse {key[1]} of learner {key[0]}"


def _short(sessions: Sequence[SessionRow]) -> list[str]:
    return [
        f"{session.start_time} to {session.last_pulse_at}: {session.focus_duration_seconds} s"
        for session in sessions
    ]


def _grouped(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, list[Value]]:
    groups: defaultdict[Key, list[Value]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return dict(groups)
