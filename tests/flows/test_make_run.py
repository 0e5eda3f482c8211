"""The life of `make run`: it starts, ends cleanly, survives kill -9 and keeps its data."""

import os
import secrets
import signal
from collections.abc import Iterator

import psycopg
import pytest
import redis

from config.embedded.services import EmbeddedServices
from tests.flows.running_stack import STOP_SECONDS, Stack

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def own_services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServices]:
    """A database and a broker that run whether a stack does or not."""
    services = EmbeddedServices(tmp_path_factory.mktemp("own"))
    services.start(durable=False)
    yield services
    services.remove()


def test_a_stack_ends_on_ctrl_c_and_starts_again_after_kill_9(stack: Stack) -> None:
    database_url = EmbeddedServices(stack.home).database_url

    first = stack.start()
    assert stack.ready()
    first.send_signal(signal.SIGINT)
    first.send_signal(signal.SIGINT)
    assert first.wait(timeout=STOP_SECONDS) == 0
    assert "Traceback" not in stack.output
    stack.assert_gone()

    second = stack.start()
    with psycopg.connect(database_url) as connection:
        connection.execute("create table kept (note text)")
    second.kill()
    second.wait()
    assert stack.marked() != []

    third = stack.start()
    assert "that a killed stack had left" in stack.output
    assert stack.ready()
    with psycopg.connect(database_url) as connection:
        connection.execute("drop table kept")
    third.send_signal(signal.SIGTERM)
    assert third.wait(timeout=STOP_SECONDS) == 0
    stack.assert_gone()


def test_a_lost_supervisor_ends_the_stack_with_an_error(stack: Stack) -> None:
    process = stack.start()
    os.kill(int((stack.home / "supervisord.pid").read_text()), signal.SIGKILL)
    assert process.wait(timeout=STOP_SECONDS) == 1
    assert "supervisord ended" in stack.output
    assert "Traceback" not in stack.output
    stack.assert_gone()


def test_a_stack_on_services_of_ones_own_has_no_demo_and_leaves_them_running(
    own_services: EmbeddedServices, stack: Stack
) -> None:
    stack.given = {
        "DATABASE_URL": own_services.database_url,
        "REDIS_URL": own_services.redis_url,
        "SECRET_KEY": secrets.token_urlsafe(64),
    }
    before = own_services.status()

    process = stack.start()
    assert stack.ready()
    assert "Pulseboard is ready." in stack.output
    assert "Loading the demo data" not in stack.output
    assert "Accounts" not in stack.output
    assert stack.given["SECRET_KEY"] not in stack.output
    embedded = EmbeddedServices(stack.home).status()
    assert (embedded.postgres, embedded.valkey) == (None, None)
    with psycopg.connect(own_services.database_url) as connection:
        assert connection.execute("select username from tracking_user").fetchall() == []

    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=STOP_SECONDS) == 0
    assert "Traceback" not in stack.output
    stack.assert_gone()
    assert own_services.status() == before
    with psycopg.connect(own_services.database_url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    with redis.Redis.from_url(own_services.redis_url) as client:
        assert client.ping()
