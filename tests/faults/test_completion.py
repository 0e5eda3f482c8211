"""Evidence of every kind at once, from fifty callers: one completion, and never a step back."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
import pytest

from tests.faults.client import Client
from tests.faults.history import Answer
from tests.faults.people import Course, Learner
from tests.faults.pulses import new_pulse
from tests.faults.site import Site

CALLERS = 50
ROUNDS = 4
DEADLOCKS = "select deadlocks from pg_stat_database where datname = current_database()"


@dataclass
class Standings:
    """What is heard about the module, in the order in which it is known to have been so.

    A reply says what was so at some time between its request and itself. So what a request began
    to ask after it was heard must not be less.
    """

    best: tuple[bool, float] = (False, 0.0)
    steps_back: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def hear(self, module: dict[str, Any], best_before: tuple[bool, float]) -> None:
        standing = (module["status"] == "completed", float(module["progress_percent"]))
        with self._lock:
            if standing[0] < best_before[0] or standing[1] < best_before[1]:
                self.steps_back.append(f"{standing} after {best_before}")
            self.best = max(self.best[0], standing[0]), max(self.best[1], standing[1])


@dataclass(frozen=True)
class Caller:
    """One of many windows in which the same learner does the same module."""

    client: Client
    course: Course
    standings: Standings

    def work(self, number: int) -> set[int]:
        """A film to its end, the quiz, the assignment, and a beat; each caller begins elsewhere."""
        steps = [self.see_film, self.pass_quiz, self.submit, self.beat]
        statuses = set()
        for turn in range(ROUNDS):
            before = self.standings.best
            response = steps[(number + turn) % len(steps)](number)
            statuses.add(response.status_code)
            if response.status_code < 300:
                self.standings.hear(response.json()["module"], before)
        return statuses

    def see_film(self, number: int) -> httpx.Response:
        film = self.course.places[number % len(self.course.places)]
        return self.client.send(new_pulse(film, played=((0, 100_000),), completed=True))

    def beat(self, number: int) -> httpx.Response:
        return self.client.send(new_pulse(self.course.places[number % 2]))

    def pass_quiz(self, number: int) -> httpx.Response:
        path = f"/api/modules/{self.course.module_id}/quiz/attempts/"
        return self.client.request("POST", path, json={"answers": self.course.right_answers})

    def submit(self, number: int) -> httpx.Response:
        path = f"/api/modules/{self.course.module_id}/assignment/submissions/"
        return self.client.request("POST", path, json={"text": f"done {number}"})


class Watch:
    """Reads the module's row again and again and keeps each state that it has not just seen."""

    def __init__(self, connection: psycopg.Connection[dict[str, Any]], learner: Learner) -> None:
        self.states: list[tuple[Any, ...]] = []
        self._connection = connection
        self._learner = learner
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.is_set():
            row = self._connection.execute(
                "select status, completed_at from tracking_moduleprogress where user_id = %s",
                [self._learner.id],
            ).fetchone()
            state = tuple(row.values()) if row else ("not_started", None)
            if not self.states or self.states[-1] != state:
                self.states.append(state)
            time.sleep(0.005)

    def stop(self) -> None:
        self._stopping.set()


@pytest.mark.long
def test_fifty_callers_complete_a_module_once(site: Site) -> None:
    learner, exam, standings = site.learner(), site.people.exam, Standings()
    (before,) = site.server.rows(DEADLOCKS)
    start = threading.Barrier(CALLERS)

    def call(number: int) -> set[int]:
        with site.client(learner, timeout=60) as client:
            start.wait()
            return Caller(client, exam, standings).work(number)

    with site.server.connect() as connection, ThreadPoolExecutor(CALLERS + 1) as pool:
        connection.autocommit = True
        watch = Watch(connection, learner)
        watching = pool.submit(watch.run)
        try:
            statuses = set().union(*pool.map(call, range(CALLERS)))
        finally:
            watch.stop()
            watching.result()

    # None was told to try again, as the victim of a deadlock would have been.
    assert statuses == {200, 201}
    assert standings.steps_back == []
    assert standings.best == (True, 100.0)
    first, *middle, last = [status for status, _ in watch.states]
    assert (first, {*middle} - {"in_progress"}, last) == ("not_started", set(), "completed")
    assert len([at for _, at in watch.states if at is not None]) == 1
    assert site.server.rows(DEADLOCKS) == [before]
    assert "deadlock detected" not in site.server.postgres_log
    (assignment,) = site.server.rows(
        "select status from tracking_assignment where user_id = %s", [learner.id]
    )
    assert assignment == {"status": "completed"}


def test_the_last_pieces_of_evidence_at_once_complete_a_module(site: Site) -> None:
    """Each caller brings a different piece, and none sees that of another before its own."""
    learner, exam = site.learner(), site.people.exam
    start = threading.Barrier(4)

    def bring(number: int) -> int:
        with site.client(learner) as client:
            caller = Caller(client, exam, Standings())
            steps = [caller.see_film, caller.see_film, caller.pass_quiz, caller.submit]
            start.wait()
            return steps[number](number).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(bring, range(4)))

    assert statuses == [200, 200, 201, 201]
    with site.client(learner) as client:
        standing = client.request("GET", f"/api/modules/{exam.module_id}/").json()
        late = client.try_once(new_pulse(exam.places[0], completed=False))
    assert (standing["status"], standing["progress_percent"]) == ("completed", 100.0)
    assert late is Answer.RECORDED
