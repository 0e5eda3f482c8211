"""Processes that die, by a signal that lets them finish nothing."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.history import Answer, Attempt
from tests.faults.load import Load
from tests.faults.proxy import Proxy
from tests.faults.pulses import new_pulse
from tests.faults.site import Site

SERVING_AGAIN_SECONDS = 30


class TestAWebWorker:
    def test_killed_in_the_middle_of_a_pulse(self, site: Site, proxy: Proxy) -> None:
        """The pulse waits inside PostgreSQL while the worker that sent it there dies."""
        learner, place = site.learner(), site.people.course.places[0]
        pulse = new_pulse(place, played=((0, 15_000),))
        workers = site.server.web_workers()
        with site.client_through(proxy, learner) as client, ThreadPoolExecutor(1) as pool:
            client.deliver(new_pulse(place))
            with site.server.locked(
                "select * from tracking_moduleprogress where user_id = %s for update",
                [learner.id],
            ):
                first = pool.submit(client.try_once, pulse)
                site.server.until_waiting(1)
                killed = site.server.worker_serving(proxy.upstream_port())
                site.server.kill(killed)
                assert first.result() is Answer.UNKNOWN
            (answer,) = client.deliver(pulse)
            again = client.try_once(pulse)

        # What was waiting may have been finished by PostgreSQL, to which nobody said to stop.
        assert answer.is_acknowledgement
        assert again is Answer.DUPLICATE
        site.server.until_workers(2)
        # One died alone: web as a whole went on, and has got another one.
        (survivor,) = (worker for worker in workers if worker != killed)
        assert survivor in site.server.web_workers()

    @pytest.mark.long
    def test_killed_again_and_again_under_load(self, site: Site) -> None:
        tries = len(site.history.attempts())
        with Load(site) as load:
            for number in range(3):
                site.server.kill(site.server.web_workers()[number % 2])
                site.server.until_workers(2)
                load.until_delivered(50)

        assert were_hit(site.history.attempts()[tries:])


@pytest.mark.long
class TestPostgreSQL:
    def test_stopped_at_once_and_started_again_under_load(self, site: Site) -> None:
        tries = len(site.history.attempts())
        with Load(site) as load:
            for downtime in (0.0, 2.0):
                site.server.stop_postgres_immediately()
                time.sleep(downtime)
                started = time.monotonic()
                site.server.start_postgres()
                load.until_delivered(50)

                assert time.monotonic() - started < SERVING_AGAIN_SECONDS

        assert were_hit(site.history.attempts()[tries:])

    def test_a_backend_is_killed_under_load(self, site: Site) -> None:
        tries = len(site.history.attempts())
        with Load(site) as load:
            for _ in range(3):
                killed = time.monotonic()
                site.server.kill_a_backend()
                load.until_delivered(50)

                assert time.monotonic() - killed < SERVING_AGAIN_SECONDS

        assert were_hit(site.history.attempts()[tries:])


def were_hit(attempts: Sequence[Attempt]) -> bool:
    """Whether the fault came while pulses were under way; else the test would show nothing."""
    return any(attempt.answer is Answer.UNKNOWN for attempt in attempts)
