"""Connections that break: what the client does not know, it finds out by sending again."""

import pytest

from tests.faults.history import Answer
from tests.faults.proxy import Proxy, Side
from tests.faults.pulses import new_pulse
from tests.faults.site import Site


class TestACutReply:
    """The server has committed by the time its reply begins."""

    @pytest.mark.parametrize("by_reset", [False, True])
    @pytest.mark.parametrize("after", [0, 40])
    def test_the_retry_is_a_duplicate(
        self, site: Site, proxy: Proxy, after: int, by_reset: bool
    ) -> None:
        learner, place = site.learner(), site.people.course.places[0]
        pulse = new_pulse(place, played=((0, 15_000),))
        with site.client_through(proxy, learner) as client:
            proxy.cut(Side.REPLY, after=after, by_reset=by_reset)

            answers = [client.try_once(pulse), client.try_once(pulse)]

        assert answers == [Answer.UNKNOWN, Answer.DUPLICATE]

    def test_the_retry_of_a_batch_is_all_duplicates(self, site: Site, proxy: Proxy) -> None:
        learner, places = site.learner(), site.people.course.places
        pulses = [new_pulse(places[number % 3]) for number in range(30)]
        with site.client_through(proxy, learner) as client:
            proxy.cut(Side.REPLY, after=500)

            lost, again = client.try_batch(pulses), client.try_batch(pulses)

        assert set(lost) == {Answer.UNKNOWN}
        assert set(again) == {Answer.DUPLICATE}


class TestACutRequest:
    @pytest.mark.parametrize("by_reset", [False, True])
    def test_nothing_was_applied_and_the_retry_is_the_first(
        self, site: Site, proxy: Proxy, by_reset: bool
    ) -> None:
        """Cut in the request line, in the headers, and at each part of the body."""
        learner, place = site.learner(), site.people.course.places[0]
        with site.client_through(proxy, learner) as client:
            for after in (0, 10, 200, *range(-160, 0, 15), -2, -1):
                pulse = new_pulse(place)
                proxy.cut(
                    Side.REQUEST,
                    after=after if after >= 0 else client.request_bytes(pulse) + after,
                    by_reset=by_reset,
                )

                answers = [client.try_once(pulse), client.try_once(pulse)]

                assert answers == [Answer.UNKNOWN, Answer.RECORDED], after

    def test_a_batch_that_was_cut_is_applied_to_no_part(self, site: Site, proxy: Proxy) -> None:
        learner, place = site.learner(), site.people.course.places[1]
        pulses = [new_pulse(place) for _ in range(200)]
        with site.client_through(proxy, learner) as client:
            proxy.cut(Side.REQUEST, after=20_000)

            cut, again = client.try_batch(pulses), client.try_batch(pulses)

        assert set(cut) == {Answer.UNKNOWN}
        assert set(again) == {Answer.RECORDED}
