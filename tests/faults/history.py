"""What clients know about the pulses that they sent."""

import datetime as dt
import threading
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from uuid import UUID

Intervals = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Place:
    """Where a pulse is about: a resource of a module."""

    module_id: int
    resource_id: int
    duration_seconds: int | None = None

    @property
    def path(self) -> str:
        return f"/api/modules/{self.module_id}/resources/{self.resource_id}/complete/"


@dataclass(frozen=True)
class SentPulse:
    """A pulse with its id, made before the first try; `played` is in milliseconds."""

    pulse_id: UUID
    place: Place
    duration_delta: int = 15
    played: Intervals = ()
    completed: bool = False
    occurred_at: dt.datetime | None = None

    @property
    def body(self) -> dict[str, Any]:
        """The pulse as JSON, without its address."""
        body: dict[str, Any] = {
            "pulse_id": str(self.pulse_id),
            "duration_delta": self.duration_delta,
            "completed": self.completed,
            "played": [[start / 1000, end / 1000] for start, end in self.played],
        }
        if self.occurred_at:
            body["occurred_at"] = self.occurred_at.isoformat()
        return body

    @property
    def addressed_body(self) -> dict[str, Any]:
        """The pulse as JSON, as a batch holds it."""
        address = {"module": self.place.module_id, "resource": self.place.resource_id}
        return self.body | address


class Answer(Enum):
    """What became of a try, as far as its client can tell."""

    RECORDED = "recorded"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    # No answer, or one that says that the server failed: applied or not.
    UNKNOWN = "unknown"

    @property
    def is_acknowledgement(self) -> bool:
        return self in {Answer.RECORDED, Answer.DUPLICATE}


@dataclass(frozen=True)
class Attempt:
    """One try to send one pulse. `status` is HTTP's, if there was an answer."""

    learner_id: int
    pulse: SentPulse
    answer: Answer
    status: int | None = None


@dataclass
class History:
    """All tries of all clients; any thread may add to it."""

    _attempts: list[Attempt] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, attempts: Iterable[Attempt]) -> None:
        with self._lock:
            self._attempts.extend(attempts)

    def attempts(self, learner_ids: Collection[int] | None = None) -> Sequence[Attempt]:
        """The tries of those learners, or of all."""
        with self._lock:
            return [
                attempt
                for attempt in self._attempts
                if learner_ids is None or attempt.learner_id in learner_ids
            ]
