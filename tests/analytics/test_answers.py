"""Answers that are kept until the next refresh: the same bytes, to the same people, on record."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.answers import AnswerMemory, PrintedAnswer, printed
from analytics.models import Stamp
from analytics.queries.answer import Figures, Page
from analytics.queries.standing import Freshness
from tests.audit_log import entries
from tests.factories import client_of, make_learner, make_module, make_session, make_team, make_user

Refresh = Callable[[], None]
API = "/api/analytics/manager/"
ZERO = dt.datetime(2026, 2, 10, 12, 0, tzinfo=dt.UTC)


def freshness(refresh_id: int = 1, *, age: int = 0, at: dt.datetime = ZERO) -> Freshness:
    return Freshness(refresh_id, at, dt.timedelta(seconds=age))


class TestPrinting:
    def test_an_object_has_the_age_of_the_moment_it_is_sent(self) -> None:
        answer = printed(Figures({"name": "ä", "none": None}, freshness(age=1)))

        assert answer.at(freshness(age=75)).decode() == (
            '{"name":"ä","none":null,"computed_at":"2026-02-10T12:00:00.000000Z"'
            ',"data_freshness_seconds":75}'
        )

    def test_an_array_is_sent_as_it_is(self) -> None:
        answer = printed(Page([{"id": 1}, {"id": 2}], 7, freshness()))

        assert (answer.at(freshness(age=75)), answer.rows, answer.total) == (
            b'[{"id":1},{"id":2}]',
            2,
            7,
        )
        assert printed(Page([], 0, freshness())).at(freshness()) == b"[]"


class TestMemory:
    def answer(self, size: int, of: Freshness) -> PrintedAnswer:
        return PrintedAnswer(b"x" * size, of)

    def test_only_the_answers_of_one_refresh_are_known(self) -> None:
        memory, old, new = AnswerMemory(), freshness(1), freshness(2)
        memory.keep("a", self.answer(1, old))
        assert memory.recall(old, "a") is not None
        assert memory.recall(old, "b") is None
        assert memory.recall(new, "a") is None
        # The id alone is not enough: a restored database gives it out again.
        assert memory.recall(freshness(1, at=ZERO + dt.timedelta(seconds=1)), "a") is None

        memory.keep("b", self.answer(2, new))

        assert memory.recall(old, "a") is None
        assert memory.bytes_kept == 2

    def test_it_holds_no_more_than_it_may_and_lets_go_of_what_was_asked_for_longest_ago(
        self, settings: Any
    ) -> None:
        settings.ANSWER_MEMORY_MB = 1
        memory, of = AnswerMemory(), freshness()
        for question in "abc":
            memory.keep(question, self.answer(300_000, of))
        memory.recall(of, "a")

        memory.keep("d", self.answer(300_000, of))

        assert [q for q in "abcd" if memory.recall(of, q)] == ["a", "c", "d"]
        assert memory.bytes_kept == 900_000

    def test_what_is_too_large_is_not_kept_and_with_no_memory_nothing_is(
        self, settings: Any
    ) -> None:
        settings.ANSWER_MEMORY_MB = 0
        memory, of = AnswerMemory(), freshness()

        memory.keep("a", self.answer(1, of))

        assert (memory.recall(of, "a"), memory.bytes_kept) == (None, 0)

    def test_an_answer_kept_twice_counts_once(self) -> None:
        memory, of = AnswerMemory(), freshness()
        for _ in range(3):
            memory.keep("a", self.answer(10, of))

        assert memory.bytes_kept == 10


@pytest.mark.usefixtures("committed")
class TestEndpoints:
    def test_the_second_time_no_figures_are_read_and_it_is_recorded_all_the_same(
        self, refresh: Refresh
    ) -> None:
        make_learner()
        refresh()
        client = client_of(make_user("manager"))
        first = client.get(f"{API}learners/?page_size=50")
        with CaptureQueriesContext(connection) as queries:
            second = client.get(f"{API}learners/?page_size=50")

        assert second.content == first.content
        assert [second[name] for name in ("ETag", "Link", "X-Total-Count")] == [
            first[name] for name in ("ETag", "Link", "X-Total-Count")
        ]
        assert len(queries) == 3
        assert len(entries()) == 2
        assert entries()[0] == entries()[1]

    def test_it_is_as_old_as_its_headers_say(self, refresh: Refresh) -> None:
        refresh()
        manager = make_user("manager")
        computed_at = Stamp.objects.get().computed_at
        shown = []
        for age in (1, 40, 130):
            with time_machine.travel(computed_at + dt.timedelta(seconds=age), tick=False):
                response = client_of(manager).get(f"{API}team-summary/")
            shown.append((response.json()["data_freshness_seconds"], response["X-Data-Status"]))

        assert shown == [(1, "fresh"), (40, "fresh"), (130, "stale")]

    def test_nobody_is_shown_what_was_kept_for_another_scope(self, refresh: Refresh) -> None:
        now, module, teams = timezone.now(), make_module(), [make_team(), make_team()]
        learners = [make_learner(team) for team in teams]
        make_session(learners[0], module, start_time=now)
        one, other = (make_user("manager", team=team) for team in teams)
        refresh()

        def seen(user: Any) -> list[Any]:
            client = client_of(user)
            rows = client.get(f"{API}learners/").json()
            summary = client.get(f"{API}team-summary/").json()
            return [[row["id"] for row in rows], summary["active_24h"]]

        assert seen(make_user("admin")) == [[learner.pk for learner in learners], 1]
        assert seen(one) == [[learners[0].pk], 1]
        assert seen(other) == [[learners[1].pk], 0]
        statuses = [
            client_of(user).get(f"{API}{learners[0].pk}/details/").status_code
            for user in (one, other, one)
        ]
        assert statuses == [200, 404, 200]
        teams[0].managers.add(other)
        assert seen(other) == [[learners[0].pk], 1]

    def test_the_next_refresh_is_shown_at_once(self, refresh: Refresh) -> None:
        refresh()
        client = client_of(make_user("manager"))
        assert client.get(f"{API}learners/").json() == []
        make_learner()
        refresh()

        assert len(client.get(f"{API}learners/").json()) == 1
