"""Pooled connections: what works is used without a question, what does not is replaced."""

import copy
import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection

from config.database.base import GRACE_SECONDS, DatabaseWrapper
from config.database.pooled import PooledConnection


@pytest.fixture
def pooled(committed: None) -> Iterator[DatabaseWrapper]:
    """The database of the test, over a pool of one connection."""
    settings = copy.deepcopy(connection.settings_dict)
    settings["OPTIONS"]["pool"] = {
        "connection_class": PooledConnection,
        "min_size": 1,
        "max_size": 1,
        "timeout": 10,
    }
    wrapper = DatabaseWrapper(settings, alias="default")
    yield wrapper
    wrapper.close()
    wrapper.close_pool()


def backend_of(wrapper: DatabaseWrapper) -> int:
    """Use a connection of the pool and give it back; which one it was."""
    with wrapper.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (pid,) = cursor.fetchone()
    wrapper.close()
    return int(pid)


def last_spoke_at(pid: int) -> object:
    """When the server was last asked something over that connection, and is done with it."""
    with connection.cursor() as cursor:
        while True:
            cursor.execute("select state, query_start from pg_stat_activity where pid = %s", [pid])
            state, started_at = cursor.fetchone() or (None, None)
            if state in {"idle", None}:
                return started_at
            time.sleep(0.01)


def end_backend(pid: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s)", [pid])
    while last_spoke_at(pid):
        time.sleep(0.01)


class TestPooledConnections:
    def test_the_server_is_not_asked_about_a_connection_that_was_just_used(
        self, pooled: DatabaseWrapper
    ) -> None:
        pid = backend_of(pooled)
        spoke_at = last_spoke_at(pid)

        pooled.ensure_connection()

        assert last_spoke_at(pid) == spoke_at
        pooled.close()
        assert backend_of(pooled) == pid

    def test_the_server_is_asked_after_a_silence(
        self, pooled: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pid = backend_of(pooled)
        spoke_at = last_spoke_at(pid)
        monkeypatch.setattr("config.database.pooled.SILENCE_SECONDS", 0.0)

        pooled.ensure_connection()

        assert last_spoke_at(pid) != spoke_at

    def test_a_connection_that_the_server_has_ended_is_replaced(
        self, pooled: DatabaseWrapper
    ) -> None:
        ended = backend_of(pooled)
        end_backend(ended)

        assert backend_of(pooled) != ended

    def test_a_connection_that_ended_in_a_silence_is_replaced(
        self, pooled: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ended = backend_of(pooled)
        end_backend(ended)
        monkeypatch.setattr("config.database.pooled.SILENCE_SECONDS", 0.0)

        assert backend_of(pooled) != ended

    def test_what_the_server_says_unasked_ends_no_connection(self, pooled: DatabaseWrapper) -> None:
        with pooled.cursor() as cursor:
            cursor.execute("listen news")
        pid = backend_of(pooled)
        with connection.cursor() as cursor:
            cursor.execute("notify news")

        assert backend_of(pooled) == pid


class TestPreparedStatements:
    def test_the_server_keeps_a_statement_from_its_first_use_on(
        self, pooled: DatabaseWrapper
    ) -> None:
        for number in (1, 2):
            with pooled.prepared_cursor() as cursor:
                cursor.execute("select %s::int + 1", [number])
                assert cursor.fetchone() == (number + 1,)

        with pooled.cursor() as cursor:
            cursor.execute("select count(*) from pg_prepared_statements")
            assert cursor.fetchone() == (1,)


class TestAServerThatHasStopped:
    def test_is_not_waited_for_any_longer_than_a_statement_may_take(
        self, pooled: DatabaseWrapper, settings: Any
    ) -> None:
        settings.DATABASE_STATEMENT_TIMEOUT_MS = 1_000 - GRACE_SECONDS * 1_000
        pid = backend_of(pooled)
        os.kill(pid, signal.SIGSTOP)
        try:
            started = time.monotonic()
            with pytest.raises(OperationalError, match="has not answered for 1 seconds"):
                backend_of(pooled)
            took = time.monotonic() - started
            pooled.close()

            assert 0.9 < took < 5
            assert backend_of(pooled) != pid
        finally:
            os.kill(pid, signal.SIGCONT)

    def test_a_statement_that_takes_its_time_is_waited_for(self, pooled: DatabaseWrapper) -> None:
        with pooled.cursor() as cursor:
            cursor.execute("select pg_sleep(0.5), 1 as one")
            assert cursor.fetchone()[1] == 1
