"""The invariant's checker complains: a check that cannot fail would prove nothing."""

import datetime as dt
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from tests.faults.history import Answer, Attempt, Place, SentPulse
from tests.faults.invariant import sessions_of, united, violations
from tests.faults.tables import LedgerRow, ModuleRow, ResourceRow, SessionRow, Tables

ZERO = dt.datetime(2026, 2, 10, 12, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
FIRST, SECOND = UUID(int=1), UUID(int=2)
FILM = Place(module_id=7, resource_id=70, duration_seconds=100)
LEARNER = 1

PULSES = [
    SentPulse(FIRST, FILM, 15, ((0, 15_000),), occurred_at=ZERO),
    SentPulse(SECOND, FILM, 10, ((10_000, 900_000),), completed=True, occurred_at=ZERO),
]
LEDGER = [
    LedgerRow(
        learner_id=LEARNER,
        pulse_id=FIRST,
        module_id=7,
        resource_id=70,
        duration_delta=15,
        completed=False,
        played=((0, 15_000),),
        occurred_at=ZERO,
    ),
    LedgerRow(
        learner_id=LEARNER,
        pulse_id=SECOND,
        module_id=7,
        resource_id=70,
        duration_delta=10,
        completed=True,
        played=((10_000, 100_000),),
        occurred_at=ZERO + 10 * MINUTE,
    ),
]
RESOURCE = ResourceRow(LEARNER, 70, 25, ((0, 100_000),), 100_000, completed=True)
SESSION = SessionRow(LEARNER, 7, ZERO, ZERO + 10 * MINUTE, 25)
MODULE = ModuleRow(LEARNER, 7, ZERO + 10 * MINUTE)
TABLES = Tables(ZERO + 60 * MINUTE, LEDGER, [RESOURCE], [SESSION], [MODULE])
EMPTY = Tables(ZERO)


def attempt(pulse: SentPulse, answer: Answer, status: int | None = 200) -> Attempt:
    return Attempt(LEARNER, pulse, answer, status)


RECORDED = [attempt(pulse, Answer.RECORDED) for pulse in PULSES]


def told(attempts: list[Attempt], tables: Tables) -> str:
    return "\n".join(violations(attempts, tables))


class TestWhatHolds:
    def test_pulses_that_were_counted_once(self) -> None:
        assert violations(RECORDED, TABLES) == []

    def test_nothing_at_all(self) -> None:
        assert violations([], EMPTY) == []

    def test_a_retry_that_is_called_a_duplicate(self) -> None:
        lost_reply = attempt(PULSES[0], Answer.UNKNOWN, None)
        retry = attempt(PULSES[0], Answer.DUPLICATE)

        assert violations([*RECORDED, retry], TABLES) == []
        assert violations([lost_reply, retry, RECORDED[1]], TABLES) == []

    @pytest.mark.parametrize("status", [None, 503])
    def test_an_unknown_fate_either_way(self, status: int | None) -> None:
        unknown = [attempt(pulse, Answer.UNKNOWN, status) for pulse in PULSES]

        assert violations(unknown, TABLES) == []
        assert violations(unknown, EMPTY) == []

    def test_a_refused_pulse_that_left_no_trace(self) -> None:
        assert violations([attempt(PULSES[0], Answer.REFUSED, 400)], EMPTY) == []

    def test_a_conflict_that_changed_nothing(self) -> None:
        conflict = attempt(replace(PULSES[0], duration_delta=16), Answer.REFUSED, 422)

        assert violations([*RECORDED, conflict], TABLES) == []


class TestAnswers:
    def test_recorded_twice(self) -> None:
        assert "recorded 2 times" in told([*RECORDED, RECORDED[0]], TABLES)

    def test_a_duplicate_of_nothing(self) -> None:
        answers = [attempt(PULSES[0], Answer.DUPLICATE), RECORDED[1]]

        assert "a duplicate of nothing" in told(answers, TABLES)

    def test_two_contents_under_one_id(self) -> None:
        other = attempt(replace(PULSES[0], duration_delta=16), Answer.DUPLICATE)

        assert "2 different contents" in told([*RECORDED, other], TABLES)

    def test_an_internal_error(self) -> None:
        broken = attempt(PULSES[0], Answer.UNKNOWN, 500)

        assert "was answered 500" in told([broken, *RECORDED], TABLES)


class TestLedger:
    def test_an_acknowledged_pulse_is_lost(self) -> None:
        assert "acknowledged and is lost" in told(RECORDED, EMPTY)

    def test_a_pulse_is_there_twice(self) -> None:
        twice = replace(TABLES, ledger=[*LEDGER, LEDGER[0]])

        assert "in the ledger 2 times" in told(RECORDED, twice)

    def test_a_refused_pulse_is_there(self) -> None:
        answers = [attempt(PULSES[0], Answer.REFUSED, 400), RECORDED[1]]

        assert "though it was refused" in told(answers, TABLES)

    def test_a_pulse_is_there_that_nobody_sent(self) -> None:
        assert "never sent" in told(RECORDED[:1], TABLES)

    def test_a_pulse_is_there_for_somebody_else(self) -> None:
        others = [replace(row, learner_id=2) for row in LEDGER]

        found = told(RECORDED, replace(TABLES, ledger=others))

        assert "is lost" in found
        assert "never sent" in found

    @pytest.mark.parametrize(
        "changed",
        [
            {"duration_delta": 16},
            {"resource_id": 71},
            {"module_id": 8},
            {"completed": True},
            {"played": ((0, 14_000),)},
        ],
        ids=str,
    )
    @pytest.mark.parametrize("answer", [Answer.RECORDED, Answer.UNKNOWN])
    def test_a_pulse_is_there_with_other_content(
        self, changed: dict[str, Any], answer: Answer
    ) -> None:
        ledger = [replace(LEDGER[0], **changed), LEDGER[1]]
        answers = [attempt(PULSES[0], answer), RECORDED[1]]

        assert "with other content" in told(answers, replace(TABLES, ledger=ledger))

    def test_a_conflict_took_the_place_of_what_was_recorded(self) -> None:
        conflict = attempt(replace(PULSES[0], duration_delta=16), Answer.REFUSED, 422)
        ledger = [replace(LEDGER[0], duration_delta=16), LEDGER[1]]

        found = told([*RECORDED, conflict], replace(TABLES, ledger=ledger))

        assert "with other content" in found


class TestCounters:
    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"watch_time_seconds": 24}, "has 24 s, and 25 s in the ledger"),
            ({"watch_time_seconds": 40}, "has 40 s, and 25 s in the ledger"),
            ({"watched": ((0, 99_999),)}, "has seen"),
            ({"watched": ((0, 15_000), (15_000, 100_000))}, "has seen"),
            ({"covered_ms": 99_999}, "has seen"),
            ({"completed": False}, "has lost a completion"),
            ({"learner_id": 2}, "has 0 rows of progress"),
        ],
        ids=str,
    )
    def test_a_resource_that_differs(self, changed: dict[str, Any], words: str) -> None:
        tables = replace(TABLES, resources=[replace(RESOURCE, **changed)])

        assert words in told(RECORDED, tables)

    def test_a_resource_that_is_counted_twice(self) -> None:
        tables = replace(TABLES, resources=[RESOURCE, RESOURCE])

        assert "has 2 rows of progress" in told(RECORDED, tables)

    @pytest.mark.parametrize(
        "sessions",
        [
            [],
            [SESSION, SESSION],
            [replace(SESSION, focus_duration_seconds=24)],
            [replace(SESSION, focus_duration_seconds=40)],
            [replace(SESSION, start_time=ZERO - MINUTE)],
            [replace(SESSION, last_pulse_at=ZERO)],
            [
                replace(SESSION, last_pulse_at=ZERO, focus_duration_seconds=15),
                replace(SESSION, start_time=ZERO + 10 * MINUTE, focus_duration_seconds=10),
            ],
            [replace(SESSION, module_id=8)],
            [SESSION, replace(SESSION, learner_id=2)],
        ],
        ids=lambda sessions: f"{len(sessions)}",
    )
    def test_sessions_that_differ(self, sessions: list[SessionRow]) -> None:
        assert "has the sessions" in told(RECORDED, replace(TABLES, sessions=sessions))

    @pytest.mark.parametrize(
        ("modules", "words"),
        [
            ([], "has no last access"),
            ([replace(MODULE, last_accessed=None)], "has no last access"),
            ([replace(MODULE, last_accessed=ZERO + 61 * MINUTE)], "in the future"),
            ([replace(MODULE, last_accessed=ZERO)], "and by the ledger at"),
        ],
    )
    def test_a_last_access_that_differs(self, modules: list[ModuleRow], words: str) -> None:
        assert words in told(RECORDED, replace(TABLES, modules=modules))


class TestRules:
    def test_a_silence_over_the_gap_parts_sessions(self) -> None:
        late = replace(LEDGER[1], occurred_at=ZERO + 30 * MINUTE)
        later = replace(LEDGER[1], occurred_at=ZERO + 61 * MINUTE)

        assert sessions_of([later, LEDGER[0], late]) == [
            SessionRow(LEARNER, 7, ZERO, ZERO + 30 * MINUTE, 25),
            SessionRow(LEARNER, 7, ZERO + 61 * MINUTE, ZERO + 61 * MINUTE, 10),
        ]

    @pytest.mark.parametrize(
        ("intervals", "union"),
        [
            ([], ()),
            ([(5, 5)], ()),
            ([(5, 9), (0, 5)], ((0, 9),)),
            ([(0, 9), (2, 3)], ((0, 9),)),
            ([(6, 9), (0, 5)], ((0, 5), (6, 9))),
        ],
    )
    def test_intervals_unite(
        self, intervals: list[tuple[int, int]], union: tuple[tuple[int, int], ...]
    ) -> None:
        assert united(intervals) == union
