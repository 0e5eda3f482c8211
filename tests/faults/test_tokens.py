"""Tokens that are not, or no longer, worth anything, at a server of several processes."""

import datetime as dt
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import jwt
import pytest

from tests.faults.connection import local_client
from tests.faults.people import PASSWORD, Learner
from tests.faults.pulses import new_pulse
from tests.faults.site import Site

ANOTHER_KEY = "another key that is long enough for the algorithm"
AN_HOUR_AGO = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)


class Visitor:
    """Asks with whatever token; each request on a connection of its own, so of any process."""

    def __init__(self, site: Site) -> None:
        self._base_url = site.server.base_url
        self._path = site.people.course.places[0].path

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        with local_client(base_url=self._base_url, timeout=30) as client:
            return client.request(method, path, **options)

    def sign_in(self, learner: Learner) -> dict[str, str]:
        body = {"username": learner.username, "password": PASSWORD}
        response = self.ask("POST", "/api/auth/token/", json=body)
        assert response.status_code == 200
        pair: dict[str, str] = response.json()
        return pair

    def refresh(self, token: str) -> httpx.Response:
        return self.ask("POST", "/api/auth/token/refresh/", json={"refresh": token})

    def statuses(self, token: str) -> set[int]:
        """What it is answered who sends a pulse, reads and refreshes with that token."""
        headers = {"Authorization": f"Bearer {token}"}
        return {
            self.ask("GET", "/api/me/", headers=headers).status_code,
            self.ask("POST", self._path, headers=headers, json={"duration_delta": 15}).status_code,
            self.refresh(token).status_code,
        }


@pytest.fixture
def visitor(site: Site) -> Visitor:
    return Visitor(site)


def with_claims(token: str, key: str, **claims: Any) -> str:
    """The same token with other claims, signed with that key."""
    payload = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(payload | claims, key)


def unsigned(token: str) -> list[str]:
    """The same token without a signature that means anything."""
    payload = jwt.decode(token, options={"verify_signature": False})
    plain = jwt.encode(payload, None, algorithm="none")
    signed_header, body, signature = token.split(".")
    plain_header, *_ = plain.split(".")
    return [plain, f"{plain_header}.{body}.{signature}", f"{signed_header}.{body}."]


def test_forged_and_misused_tokens_are_refused(site: Site, visitor: Visitor) -> None:
    pair = visitor.sign_in(site.learner())
    key = site.server.secret_key
    refused = [
        *(token for kind in pair.values() for token in unsigned(kind)),
        *(with_claims(token, ANOTHER_KEY) for token in pair.values()),
        *(with_claims(token, key, exp=int(AN_HOUR_AGO.timestamp())) for token in pair.values()),
        *(with_claims(pair["access"], key, user_id=user_id) for user_id in ("x", -1, 10**30, None)),
        with_claims(pair["access"], key, token_type="refresh"),
    ]

    assert [visitor.statuses(token) for token in refused] == [{401}] * len(refused)


def test_one_kind_of_token_is_no_good_as_the_other(site: Site, visitor: Visitor) -> None:
    pair = visitor.sign_in(site.learner())
    me = visitor.ask("GET", "/api/me/", headers={"Authorization": f"Bearer {pair['refresh']}"})

    assert me.status_code == 401
    assert visitor.refresh(pair["access"]).status_code == 401
    assert visitor.refresh(pair["refresh"]).status_code == 200


@pytest.mark.parametrize("is_deleted", [False, True], ids=["inactive", "deleted"])
def test_an_account_that_is_gone_is_refused_at_once(
    site: Site, visitor: Visitor, is_deleted: bool
) -> None:
    learner = site.learner()
    pair = visitor.sign_in(learner)
    with site.server.connect() as connection:
        if is_deleted:
            connection.execute("delete from tracking_tokenfamily where user_id = %s", [learner.id])
            connection.execute("delete from tracking_user where id = %s", [learner.id])
        else:
            connection.execute(
                "update tracking_user set is_active = false where id = %s", [learner.id]
            )

    assert [visitor.statuses(token) for token in pair.values()] == [{401}, {401}]


def test_an_account_that_is_deactivated_while_it_sends_is_refused_from_then_on(
    site: Site,
) -> None:
    learner, place = site.learner(), site.people.course.places[1]
    statuses: Counter[int] = Counter()
    with site.client(learner) as client, ThreadPoolExecutor(1) as pool:

        def send_until_refused() -> None:
            while 401 not in statuses:
                statuses[client.send(new_pulse(place)).status_code] += 1

        sending = pool.submit(send_until_refused)
        with site.server.connect() as connection:
            connection.execute(
                "update tracking_user set is_active = false where id = %s", [learner.id]
            )
        sending.result(timeout=30)

    assert set(statuses) <= {200, 401}


@pytest.mark.parametrize("turn", [1, *(pytest.param(n, marks=pytest.mark.long) for n in (2, 3))])
def test_concurrent_refreshes_have_one_winner(site: Site, visitor: Visitor, turn: int) -> None:
    pair = visitor.sign_in(site.learner())
    start = threading.Barrier(12)

    def refresh(_: int) -> int:
        start.wait()
        return visitor.refresh(pair["refresh"]).status_code

    with ThreadPoolExecutor(12) as pool:
        statuses = Counter(pool.map(refresh, range(12)))

    assert statuses == {200: 1, 401: 11}
    assert visitor.refresh(pair["refresh"]).status_code == 401
