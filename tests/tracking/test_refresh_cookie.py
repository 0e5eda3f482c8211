"""Signing in from a browser: the refresh token in a cookie, out of the reach of scripts."""

from concurrent.futures import ThreadPoolExecutor
from http.cookies import Morsel, SimpleCookie
from typing import Any

import pytest
from rest_framework.test import APIClient

from config.problems import ProblemType
from tests.config.test_problems import problem_of, type_of
from tests.locks import lock_held_by_another, until_waiting
from tests.tracking.test_auth import (
    PASSWORD,
    assert_refused,
    fast_passwords,
    make_account,
    me_with,
    sign_in,
)
from tests.tracking.test_auth import logout as logout_with
from tests.tracking.test_auth import refresh as refresh_with
from tests.tracking.test_pulses import closing, run_at_once
from tracking.models import TokenFamily, User

COOKIE = "pulseboard_refresh"
REFRESH, LOGOUT = "/api/auth/token/refresh/", "/api/auth/logout/"

__all__ = ["fast_passwords"]


def signed_in_browser(**fields: Any) -> APIClient:
    """A browser in which somebody has just signed in. It has the cookie and sends it along."""
    make_account(**fields)
    browser = APIClient()
    assert sign_in_by_cookie(browser).status_code == 200
    return browser


def sign_in_by_cookie(browser: APIClient, **changes: Any) -> Any:
    body = {"username": "learner", "password": PASSWORD, "cookie": True} | changes
    return browser.post("/api/auth/token/", body, format="json")


def refresh(browser: APIClient) -> Any:
    return browser.post(REFRESH, {}, format="json")


def logout(browser: APIClient) -> Any:
    return browser.post(LOGOUT, {}, format="json")


def token_in(browser: APIClient) -> str:
    return str(browser.cookies[COOKIE].value)


def tab_of(browser: APIClient) -> APIClient:
    """Another tab: what it sends was taken from the same cookies, before any answer came."""
    tab = APIClient()
    tab.cookies[COOKIE] = token_in(browser)
    return tab


def with_cookie(value: str) -> APIClient:
    client = APIClient()
    client.cookies[COOKIE] = value
    return client


def cookie_set_by(response: Any) -> "Morsel[str] | None":
    cookies: SimpleCookie = response.cookies
    return cookies.get(COOKIE)


def assert_withdrawn(response: Any) -> None:
    """The browser forgets the cookie: emptied, expired, under the path it was given for."""
    cookie = cookie_set_by(response)
    assert cookie is not None
    assert (cookie.value, cookie["max-age"], cookie["path"]) == ("", 0, "/api/auth/")


@pytest.mark.django_db
class TestSignIn:
    def test_the_refresh_token_comes_in_the_cookie_alone(self) -> None:
        learner = make_account()

        response = sign_in_by_cookie(APIClient())

        assert response.status_code == 200
        assert list(response.json()) == ["access"]
        assert response["Cache-Control"] == "no-store"
        assert me_with(response.json()["access"]).json()["id"] == learner.pk

    @pytest.mark.parametrize("is_secure", [False, True])
    def test_no_script_and_no_other_site_gets_at_it(self, settings: Any, is_secure: bool) -> None:
        settings.SECURE_TLS = is_secure
        make_account()

        cookie = cookie_set_by(sign_in_by_cookie(APIClient()))

        assert cookie is not None
        assert {name: value for name, value in cookie.items() if value} == {
            "path": "/api/auth/",
            "samesite": "Strict",
            "httponly": True,
            "max-age": 14 * 24 * 60 * 60,
            "expires": cookie["expires"],
        } | ({"secure": True} if is_secure else {})

    def test_without_asking_for_it_there_is_none(self) -> None:
        make_account()

        for body in ({}, {"cookie": False}):
            response = sign_in_by_cookie(APIClient(), **({"cookie": False} | body))

            assert list(response.json()) == ["access", "refresh"]
            assert cookie_set_by(response) is None
        assert cookie_set_by(sign_in()) is None

    def test_wrong_credentials_give_none(self) -> None:
        make_account()

        response = sign_in_by_cookie(APIClient(), password="wrong")

        assert_refused(response)
        assert cookie_set_by(response) is None

    @pytest.mark.parametrize("value", ["true", "yes", 1, 0, None, [], {}])
    def test_what_is_neither_true_nor_false_is_refused_by_its_name(self, value: Any) -> None:
        make_account()

        response = sign_in_by_cookie(APIClient(), cookie=value)

        assert type_of(response) is ProblemType.INVALID_INPUT
        assert [error["field"] for error in problem_of(response)["errors"]] == ["cookie"]


@pytest.mark.django_db
class TestRefresh:
    def test_the_cookie_is_traded_for_the_next_one(self) -> None:
        browser = signed_in_browser()
        first = token_in(browser)

        response = refresh(browser)

        assert response.status_code == 200
        assert list(response.json()) == ["access"]
        assert response["Cache-Control"] == "no-store"
        assert me_with(response.json()["access"]).status_code == 200
        assert token_in(browser) not in {"", first}
        assert refresh(browser).status_code == 200

    def test_the_next_cookie_is_as_well_guarded_as_the_first(self) -> None:
        browser = signed_in_browser()
        first = dict(browser.cookies[COOKIE].items())

        second = cookie_set_by(refresh(browser))

        assert second is not None
        assert dict(second.items()) | {"expires": ""} == first | {"expires": ""}

    def test_a_used_cookie_revokes_the_family_and_is_forgotten(self) -> None:
        browser = signed_in_browser()
        thief = tab_of(browser)
        refresh(browser)

        response = refresh(thief)

        assert_refused(response)
        assert_withdrawn(response)
        assert TokenFamily.objects.get().revoked_at is not None
        assert_refused(refresh(browser))

    def test_a_token_in_the_body_wins_and_is_answered_in_the_body(self) -> None:
        browser = signed_in_browser()
        in_cookie, in_body = token_in(browser), sign_in().json()["refresh"]

        response = browser.post(REFRESH, {"refresh": in_body}, format="json")

        assert list(response.json()) == ["access", "refresh"]
        assert cookie_set_by(response) is None
        assert refresh_with(in_cookie).status_code == 200

    def test_a_wrong_token_in_the_body_does_not_fall_back_to_the_cookie(self) -> None:
        browser = signed_in_browser()

        response = browser.post(REFRESH, {"refresh": "a.b.c"}, format="json")

        assert_refused(response)
        assert cookie_set_by(response) is None
        assert refresh(browser).status_code == 200

    def test_without_either_there_is_nobody_to_refresh(self) -> None:
        response = refresh(APIClient())

        assert_refused(response)
        assert problem_of(response)["detail"] == (
            "There is no refresh token, in the body or in a cookie."
        )
        assert cookie_set_by(response) is None

    def test_a_token_from_the_body_works_in_the_cookie_and_the_other_way_round(self) -> None:
        make_account()
        browser = with_cookie(sign_in().json()["refresh"])

        assert refresh(browser).status_code == 200
        assert refresh_with(token_in(browser)).status_code == 200


@pytest.mark.django_db
class TestRefreshThatFailsForGood:
    """The browser is told to forget the cookie, so that it does not try again and again."""

    def test_of_somebody_who_was_deactivated(self) -> None:
        browser = signed_in_browser()
        User.objects.update(is_active=False)

        self.assert_over(browser)

    def test_of_somebody_who_was_deleted(self) -> None:
        browser = signed_in_browser()
        User.objects.all().delete()

        self.assert_over(browser)

    def test_of_somebody_with_another_password(self) -> None:
        browser = signed_in_browser()
        learner = User.objects.get()
        learner.set_password("another one")
        learner.save()

        self.assert_over(browser)

    def test_of_somebody_who_signed_out_elsewhere(self) -> None:
        browser = signed_in_browser()
        logout_with(token_in(browser))

        self.assert_over(browser)

    def test_with_an_access_token(self) -> None:
        make_account()

        self.assert_over(with_cookie(sign_in().json()["access"]))

    @pytest.mark.parametrize(
        "value",
        ["", " ", "a", "a.b.c", "é.é.é", "\x7f", '"', "\\", "%00", "null", "{}", "A" * 20_000],
        ids=lambda value: repr(value)[:20],
    )
    def test_with_what_is_no_token(self, value: str) -> None:
        self.assert_over(with_cookie(value))
        response = logout(with_cookie(value))
        assert response.status_code == 204
        assert_withdrawn(response)

    @pytest.mark.parametrize(
        "header",
        [
            f"{COOKIE}=\x00; {COOKIE}=a.b.c",
            f"{COOKIE}={{",
            f'{COOKIE}="a\\073b"',
            f"{COOKIE}=\xff\xfe",
            f"{COOKIE}",
            f";;;={COOKIE}=;",
            f"{COOKIE}=a,b=c",
        ],
        ids=repr,
    )
    def test_with_a_header_that_no_browser_sends(self, header: str) -> None:
        client = APIClient(headers={"Cookie": header})

        assert_refused(refresh(client))
        assert logout(client).status_code == 204

    @staticmethod
    def assert_over(browser: APIClient) -> None:
        response = refresh(browser)
        assert_refused(response)
        assert_withdrawn(response)


@pytest.mark.usefixtures("committed")
class TestTwoTabs:
    def test_that_refresh_at_once_have_one_winner_who_keeps_the_cookie(self) -> None:
        browser = signed_in_browser()
        tabs = [tab_of(browser) for _ in range(2)]

        with ThreadPoolExecutor(2) as pool:
            with lock_held_by_another("select * from tracking_tokenfamily for update"):
                waiting = [pool.submit(closing(refresh), tab) for tab in tabs]
                until_waiting(2)
            replies = sorted((reply.result() for reply in waiting), key=lambda r: r.status_code)

        winner, loser = replies
        assert winner.status_code == 200
        assert_refused(loser)
        # Whichever answer comes last, the browser is left with the winner's cookie.
        assert cookie_set_by(loser) is None
        following = cookie_set_by(winner)
        assert following is not None
        assert refresh(with_cookie(following.value)).status_code == 200

    def test_that_many_requests_at_once_never_have_two_winners(self) -> None:
        browser = signed_in_browser()
        value = token_in(browser)

        replies = run_at_once(6, lambda: refresh(with_cookie(value)))

        assert sorted(reply.status_code for reply in replies) == [200, 401, 401, 401, 401, 401]


@pytest.mark.django_db
class TestLogout:
    def test_it_revokes_the_family_and_takes_the_cookie(self) -> None:
        browser = signed_in_browser()
        token = token_in(browser)

        response = logout(browser)

        assert (response.status_code, response.content) == (204, b"")
        assert_withdrawn(response)
        assert_refused(refresh_with(token))

    def test_a_second_time_there_is_nothing_to_do(self) -> None:
        browser = signed_in_browser()
        logout(browser)

        assert logout(APIClient()).status_code == 204
        assert cookie_set_by(logout(APIClient())) is None

    def test_a_token_in_the_body_wins(self) -> None:
        browser = signed_in_browser()
        in_body = sign_in().json()["refresh"]

        response = browser.post(LOGOUT, {"refresh": in_body}, format="json")

        assert response.status_code == 204
        assert cookie_set_by(response) is None
        assert_refused(refresh_with(in_body))
        assert refresh(browser).status_code == 200


@pytest.mark.django_db
class TestForgedRequests:
    """What another origin can make a browser send without asking first."""

    @pytest.mark.parametrize("path", [REFRESH, LOGOUT])
    @pytest.mark.parametrize(
        ("content_type", "body"),
        [
            ("", b""),
            ("text/plain", b""),
            ("text/plain", b"{}"),
            ("text/plain; application/json", b""),
            ("application/x-www-form-urlencoded", b""),
            ("application/x-www-form-urlencoded", b"a=b"),
            ("multipart/form-data; boundary=x", b""),
            ("multipart/form-data; boundary=x", b"--x--\r\n"),
        ],
    )
    def test_the_cookie_counts_only_with_json(
        self, path: str, content_type: str, body: bytes
    ) -> None:
        browser = signed_in_browser()

        response = browser.generic("POST", path, body, content_type)  # type: ignore[arg-type]

        assert type_of(response) is ProblemType.UNSUPPORTED_MEDIA_TYPE
        assert cookie_set_by(response) is None
        assert refresh(browser).status_code == 200

    @pytest.mark.parametrize(
        "content_type", ["application/json", "Application/JSON; charset=utf-8"]
    )
    def test_json_may_be_empty(self, content_type: str) -> None:
        browser = signed_in_browser()

        assert browser.generic("POST", REFRESH, "", content_type).status_code == 200

    def test_the_cookie_is_no_sign_in_to_anything_else(self) -> None:
        browser = signed_in_browser()

        assert_refused(browser.get("/api/me/"))

    def test_no_other_origin_is_allowed_to_ask(self) -> None:
        response = APIClient(headers={"Origin": "https://elsewhere.example"}).options(REFRESH)

        assert [name for name in response.headers if name.startswith("Access-Control")] == []
