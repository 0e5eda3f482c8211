"""The life of `make run`: it starts, ends cleanly, survives kill -9 and keeps its data."""

import os
import signal

import psycopg
import pytest

from config.embedded.services import EmbeddedServices
from tests.flows.running_stack import STOP_SECONDS, Stack

pytestmark = pytest.mark.timeout(600)


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
