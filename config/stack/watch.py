"""Notices when nobody refreshes any more though worker and beat run: then one of them hangs.

The history of refreshes says so, and nothing else does: a process that hangs is there, and a worker
can answer a ping and take up nothing.
"""

import threading
import time

import psycopg
from psycopg.rows import dict_row

from config.sql import read_sql
from config.stack.preflight import conninfo_of

# So many intervals without a try; one of them may have been a tick that nobody took up in time.
INTERVALS = 2
# And what worker and beat may take to start.
START_SECONDS = 10
LOOKS_AN_INTERVAL = 4
CONNECT_TIMEOUT_SECONDS = 5


class Watch:
    """Looks into the database in a thread of its own: one that hangs must not hang the stack."""

    def __init__(self, database_url: str, interval_seconds: float) -> None:
        self._conninfo = conninfo_of(database_url)
        self._interval = interval_seconds
        self._lock = threading.Lock()
        self._last_sign = time.monotonic()
        self._is_overdue = False
        threading.Thread(target=self._look_again_and_again, daemon=True).start()

    @property
    def limit_seconds(self) -> float:
        return INTERVALS * self._interval + START_SECONDS

    @property
    def is_overdue(self) -> bool:
        """Whether nobody has tried to refresh for so long, and it was not counted anew since."""
        with self._lock:
            return self._is_overdue

    def count_anew(self) -> None:
        with self._lock:
            self._last_sign, self._is_overdue = time.monotonic(), False

    def _look_again_and_again(self) -> None:
        while True:
            time.sleep(self._interval / LOOKS_AN_INTERVAL)
            seconds_ago = seconds_since_a_try(self._conninfo)
            with self._lock:
                now = time.monotonic()
                self._last_sign = max(self._last_sign, now - seconds_ago)
                self._is_overdue = now - self._last_sign > self.limit_seconds


def seconds_since_a_try(conninfo: str) -> float:
    """Since a refresh last began or ended; zero while one is at work, and while it cannot be told.

    Infinite when none is known.
    """
    try:
        with psycopg.connect(
            conninfo, connect_timeout=CONNECT_TIMEOUT_SECONDS, row_factory=dict_row
        ) as connection:
            lock = connection.execute(read_sql("queries/refresh_at_work").encode()).fetchone()
            tries = connection.execute(read_sql("refresh/latest_try").encode()).fetchone()
    except psycopg.Error:
        return 0.0
    if not lock or lock["is_at_work"] or not tries:
        return 0.0
    seconds_ago = tries["seconds_ago"]
    return float("inf") if seconds_ago is None else max(float(seconds_ago), 0.0)
