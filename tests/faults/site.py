"""Everything that a fault test needs, under one name."""

from dataclasses import dataclass, field

from tests.faults.client import Client
from tests.faults.history import History
from tests.faults.invariant import violations
from tests.faults.people import Learner, People
from tests.faults.proxy import Proxy
from tests.faults.server import Server
from tests.faults.tables import read_tables


@dataclass
class Site:
    """A server that all fault tests share, and all that was ever sent to it."""

    server: Server
    people: People
    history: History = field(default_factory=History)
    _learner_ids: list[int] = field(default_factory=list)
    _told: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """From here on, `violations_since_begin` is about the learners handed out."""
        self._learner_ids.clear()

    def learner(self) -> Learner:
        """Somebody who has never sent anything."""
        learner = self.people.learner()
        self._learner_ids.append(learner.id)
        return learner

    def client(self, learner: Learner, *, timeout: float = 30) -> Client:
        return Client(learner, self.server.base_url, self.history, timeout=timeout)

    def client_through(self, proxy: Proxy, learner: Learner) -> Client:
        """A client that makes a connection for each request, as each cut is for one."""
        return Client(learner, proxy.base_url, self.history, keeps_alive=False)

    def violations_since_begin(self) -> list[str]:
        """What contradicts the invariant for the learners handed out since then."""
        return self._new_violations(list(self._learner_ids))

    def violations_ever(self) -> list[str]:
        """The same over everything that was ever sent, and not told before."""
        return self._new_violations(None)

    def _new_violations(self, learner_ids: list[int] | None) -> list[str]:
        with self.server.connect() as connection:
            found = violations(
                self.history.attempts(learner_ids), read_tables(connection, learner_ids)
            )
        new = [violation for violation in found if violation not in self._told]
        self._told.update(new)
        return new

    def rows_of(self, learner: Learner) -> int:
        """How many rows about pulses there are of a learner, wherever a pulse leaves one."""
        (row,) = self.server.rows(
            "select (select count(*) from tracking_pulse where user_id = %(id)s)"
            " + (select count(*) from tracking_resourceprogress where user_id = %(id)s)"
            " + (select count(*) from tracking_learningsession where user_id = %(id)s)"
            " + (select count(*) from tracking_moduleprogress where user_id = %(id)s) as count",
            {"id": learner.id},
        )
        return int(row["count"])
