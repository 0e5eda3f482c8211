"""Answers as they are sent, and those of the present refresh kept ready.

The figures of a refresh never change, so an answer to the same question about the same teams is the
same until the next one, save its age. What is kept here was put on record each time it was shown.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock

from django.conf import settings

from analytics.encoding import json_bytes
from analytics.queries.answer import Figures, Page
from analytics.queries.standing import Freshness

Stamp = tuple[object, object]


@dataclass(frozen=True)
class PrintedAnswer:
    """An object without its age, or an array with the number of rows that it and all pages have."""

    body: bytes
    freshness: Freshness
    rows: int | None = None
    total: int | None = None

    def at(self, freshness: Freshness) -> bytes:
        """The whole body, at the age of the figures by now."""
        if self.rows is not None:
            return self.body
        return b'%s,"data_freshness_seconds":%d}' % (self.body[:-1], freshness.age_seconds)


def printed(answer: Figures | Page) -> PrintedAnswer:
    """The answer as JSON."""
    if isinstance(answer, Page):
        return PrintedAnswer(
            json_bytes(answer.rows), answer.freshness, len(answer.rows), answer.total
        )
    stamped = {**answer.members, "computed_at": answer.freshness.computed_at}
    return PrintedAnswer(json_bytes(stamped), answer.freshness)


class AnswerMemory:
    """The answers of one refresh, of at most `ANSWER_MEMORY_MB`; the ones asked for last stay."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._stamp: Stamp | None = None
        self._answers: OrderedDict[Hashable, PrintedAnswer] = OrderedDict()
        self._bytes = 0

    def recall(self, freshness: Freshness, question: Hashable) -> PrintedAnswer | None:
        with self._lock:
            if self._stamp != _stamp(freshness) or question not in self._answers:
                return None
            self._answers.move_to_end(question)
            return self._answers[question]

    def keep(self, question: Hashable, answer: PrintedAnswer) -> None:
        with self._lock:
            if self._stamp != _stamp(answer.freshness):
                self._stamp, self._bytes = _stamp(answer.freshness), 0
                self._answers.clear()
            self._forget(question)
            self._answers[question] = answer
            self._bytes += len(answer.body)
            while self._bytes > settings.ANSWER_MEMORY_MB * 1_000_000:
                self._forget(next(iter(self._answers)))

    def _forget(self, question: Hashable) -> None:
        forgotten = self._answers.pop(question, None)
        if forgotten is not None:
            self._bytes -= len(forgotten.body)

    @property
    def bytes_kept(self) -> int:
        return self._bytes


def _stamp(freshness: Freshness) -> Stamp:
    return freshness.refresh_id, freshness.computed_at
