"""Tokens: who gets in, for how long, and what a stolen one is worth."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest
import time_machine
from django.conf import settings as django_settings
from rest_framework.test import APIClient

from config.problems import ProblemType
from tests.config.test_problems import problem_of, type_of
from tests.factories import ZERO, make_learner
from tests.locks import lock_held_by_another, until_waiting
from tests.tracking.test_pulses import closing, run_at_once
from tracking.models import TokenFamily, User
from tracking.tokens import FAMILY_CLAIM, PASSWORD_CLAIM, access_token_for

PASSWORD = "correct horse battery"
SECOND = dt.timedelta(seconds=1)
UNKNOWN = {"detail": "No active account has this user name and password."}


@pytest.fixture(autouse=True)
def fast_passwords(settings: Any) -> None:
    """A hash that costs nothing: what it is worth is Django's business."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def make_account(**fields: Any) -> User:
    learner = make_learner(username="learner", **fields)
    learner.set_password(PASSWORD)
    learner.save()
    return learner


def sign_in(username: str = "learner", password: str = PASSWORD) -> Any:
    return APIClient().post(
        "/api/auth/token/", {"username": username, "password": password}, format="json"
    )


def refresh(token: str) -> Any:
    return APIClient().post("/api/auth/token/refresh/", {"refresh": token}, format="json")


def logout(token: str) -> Any:
    return APIClient().post("/api/auth/logout/", {"refresh": token}, format="json")


def me(authorization: str | None) -> Any:
    headers = {} if authorization is None else {"Authorization": authorization}
    return APIClient().get("/api/me/", headers=headers)


def me_with(access: str) -> Any:
    return me(f"Bearer {access}")


def forged(token: str, key: str = django_settings.SECRET_KEY, **claims: Any) -> str:
    """The token with other claims; `...` leaves a claim out. Signed with the right key, if any."""
    payload = jwt.decode(token, options={"verify_signature": False}) | claims
    return jwt.encode({name: value for name, value in payload.items() if value is not ...}, key)


def assert_refused(response: Any) -> None:
    assert type_of(response) is ProblemType.NOT_AUTHENTICATED
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.django_db
class TestSignIn:
    def test_it_gives_a_pair_that_works(self) -> None:
        learner = make_account()

        response = sign_in()

        assert response.status_code == 200
        assert list(response.json()) == ["access", "refresh"]
        assert response["Cache-Control"] == "no-store"
        assert me_with(response.json()["access"]).json()["id"] == learner.pk

    def test_an_access_token_lives_15_minutes(self) -> None:
        make_account()
        with time_machine.travel(ZERO, tick=False) as clock:
            access = sign_in().json()["access"]

            clock.shift(15 * 60 - 1)
            assert me_with(access).status_code == 200
            clock.shift(1)
            assert_refused(me_with(access))

    @pytest.mark.parametrize(
        ("username", "password"),
        [
            ("learner", "wrong"),
            ("learner", PASSWORD + " "),
            ("learner", " " + PASSWORD),
            ("ADA", PASSWORD),
            ("nobody", PASSWORD),
            ("learner' or '1'='1", PASSWORD),
        ],
    )
    def test_wrong_credentials_do_not_tell_what_was_wrong(
        self, username: str, password: str
    ) -> None:
        make_account()

        response = sign_in(username, password)

        assert_refused(response)
        assert problem_of(response)["detail"] == UNKNOWN["detail"]
        assert not TokenFamily.objects.exists()

    def test_an_inactive_account_looks_like_none(self) -> None:
        make_account(is_active=False)

        response = sign_in()

        assert_refused(response)
        assert problem_of(response)["detail"] == UNKNOWN["detail"]

    def test_an_account_without_a_password_cannot_sign_in(self) -> None:
        learner = make_account()
        learner.set_unusable_password()
        learner.save()

        assert_refused(sign_in())
        assert_refused(sign_in(password=learner.password))

    def test_it_clears_away_the_families_that_have_expired(self) -> None:
        make_account()
        with time_machine.travel(ZERO) as clock:
            sign_in()
            clock.shift(dt.timedelta(days=14, seconds=1))
            sign_in()

        assert TokenFamily.objects.count() == 1


@pytest.mark.django_db
class TestRotation:
    def test_a_refresh_gives_the_next_pair(self) -> None:
        learner = make_account()
        first = sign_in().json()

        second = refresh(first["refresh"])

        assert second.status_code == 200
        assert list(second.json()) == ["access", "refresh"]
        assert second["Cache-Control"] == "no-store"
        assert second.json()["refresh"] != first["refresh"]
        assert me_with(second.json()["access"]).json()["id"] == learner.pk
        assert refresh(second.json()["refresh"]).status_code == 200

    def test_a_used_token_is_refused(self) -> None:
        make_account()
        first = sign_in().json()["refresh"]
        refresh(first)

        assert_refused(refresh(first))

    def test_a_second_use_revokes_the_whole_family(self) -> None:
        make_account()
        first = sign_in().json()["refresh"]
        second = refresh(first).json()["refresh"]

        assert_refused(refresh(first))
        assert_refused(refresh(second))

        assert TokenFamily.objects.get().revoked_at is not None

    def test_a_token_from_before_the_last_one_revokes_the_family_at_once(self) -> None:
        make_account()
        first = sign_in().json()["refresh"]
        third = refresh(refresh(first).json()["refresh"]).json()["refresh"]

        assert_refused(refresh(first))
        assert_refused(refresh(third))

    def test_one_sign_in_does_not_revoke_another(self) -> None:
        make_account()
        laptop, phone = sign_in().json()["refresh"], sign_in().json()["refresh"]

        logout(laptop)

        assert_refused(refresh(laptop))
        assert refresh(phone).status_code == 200

    def test_a_refresh_token_lives_14_days_from_its_own_making(self) -> None:
        make_account()
        with time_machine.travel(ZERO, tick=False) as clock:
            first = sign_in().json()["refresh"]
            clock.shift(dt.timedelta(days=13))
            second = refresh(first).json()["refresh"]
            clock.shift(dt.timedelta(days=13))
            third = refresh(second).json()["refresh"]
            clock.shift(dt.timedelta(days=14))
            assert_refused(refresh(third))


@pytest.mark.usefixtures("committed")
class TestConcurrentRefresh:
    def test_six_at_once_have_one_winner(self) -> None:
        make_account()
        token = sign_in().json()["refresh"]

        replies = run_at_once(6, lambda: refresh(token))

        assert sorted(reply.status_code for reply in replies) == [200, 401, 401, 401, 401, 401]

    def test_those_that_were_waiting_when_it_was_used_do_the_family_no_harm(self) -> None:
        make_account()
        token = sign_in().json()["refresh"]

        with ThreadPoolExecutor(6) as pool:
            with lock_held_by_another("select * from tracking_tokenfamily for update"):
                waiting = [pool.submit(closing(lambda _: refresh(token)), None) for _ in range(6)]
                until_waiting(6)
            replies = [reply.result() for reply in waiting]

        assert sorted(reply.status_code for reply in replies) == [200, 401, 401, 401, 401, 401]
        winner = next(reply for reply in replies if reply.status_code == 200)
        assert refresh(winner.json()["refresh"]).status_code == 200


@pytest.mark.django_db
class TestLogout:
    def test_it_revokes_the_family(self) -> None:
        make_account()
        token = sign_in().json()["refresh"]

        response = logout(token)

        assert (response.status_code, response.content) == (204, b"")
        assert_refused(refresh(token))

    def test_a_used_token_signs_out_as_well(self) -> None:
        make_account()
        first = sign_in().json()["refresh"]
        second = refresh(first).json()["refresh"]

        logout(first)

        assert_refused(refresh(second))

    def test_a_second_time_changes_nothing(self) -> None:
        make_account()
        token = sign_in().json()["refresh"]
        logout(token)
        revoked_at = TokenFamily.objects.get().revoked_at

        assert logout(token).status_code == 204
        assert TokenFamily.objects.get().revoked_at == revoked_at

    @pytest.mark.parametrize("token", ["nonsense", "a.b.c"])
    def test_a_token_that_is_none_is_signed_out_already(self, token: str) -> None:
        assert logout(token).status_code == 204


@pytest.mark.django_db
class TestPeopleWhoChange:
    """Neither token outlives what it was given for."""

    def test_a_deactivated_user_is_out(self) -> None:
        learner = make_account()
        pair = sign_in().json()
        User.objects.filter(pk=learner.pk).update(is_active=False)

        assert_refused(me_with(pair["access"]))
        assert_refused(refresh(pair["refresh"]))

    def test_a_deleted_user_is_out(self) -> None:
        learner = make_account()
        pair = sign_in().json()
        learner.delete()

        assert_refused(me_with(pair["access"]))
        assert_refused(refresh(pair["refresh"]))
        assert logout(pair["refresh"]).status_code == 204

    def test_a_changed_password_ends_every_sign_in(self) -> None:
        learner = make_account()
        pair = sign_in().json()
        learner.set_password("another one")
        learner.save()

        assert_refused(me_with(pair["access"]))
        assert_refused(refresh(pair["refresh"]))
        assert sign_in(password="another one").status_code == 200

    def test_a_reactivated_user_has_to_sign_in_again(self) -> None:
        learner = make_account()
        token = sign_in().json()["refresh"]
        User.objects.filter(pk=learner.pk).update(is_active=False)
        refresh(token)
        User.objects.filter(pk=learner.pk).update(is_active=True)

        assert_refused(refresh(token))


# Claims that no token of ours ever had, signed with the right key all the same.
GARBAGE_IDS: list[Any] = [
    "abc", "", "1 or 1=1", "٣x", None, ..., 10**30, -1, 0, [], [1], {}, {"pk": 1}, 1e400, "\x00",
]  # fmt: skip
GARBAGE_TIMES: list[Any] = [10**12, 10**18, 10**30, "soon", None, ..., [], {}, -(10**30), 0]
GARBAGE_FAMILIES: list[Any] = [
    "abc", "", None, ..., 5, -5, 10**60, [], {}, True, "\x00",
    "e1bfabb5-8a2d-4685-9aa7-edc5ea6d0736",
]  # fmt: skip


@pytest.mark.django_db
class TestForgery:
    def test_the_kinds_of_tokens_are_not_interchangeable(self) -> None:
        make_account()
        pair = sign_in().json()

        assert_refused(me_with(pair["refresh"]))
        assert_refused(refresh(pair["access"]))

    def test_a_kind_that_is_merely_claimed_does_not_make_a_refresh_token(self) -> None:
        make_account()
        access = sign_in().json()["access"]

        assert_refused(refresh(forged(access, token_type="refresh")))

    @pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS512", "RS256"])
    def test_another_algorithm_is_refused(self, algorithm: str) -> None:
        make_account()
        pair = sign_in().json()
        for kind, ask in (("access", me_with), ("refresh", refresh)):
            _, payload, signature = pair[kind].split(".")
            other = jwt.utils.base64url_encode(b'{"alg": "%s"}' % algorithm.encode()).decode()

            assert_refused(ask(f"{other}.{payload}.{signature}"))
            assert_refused(ask(f"{other}.{payload}."))

    def test_another_key_is_refused(self) -> None:
        make_account()
        pair = sign_in().json()
        key = "another key that is long enough for the algorithm"

        assert_refused(me_with(forged(pair["access"], key)))
        assert_refused(refresh(forged(pair["refresh"], key)))

    def test_an_expired_token_is_refused(self) -> None:
        make_account()
        pair = sign_in().json()

        assert_refused(me_with(forged(pair["access"], exp=1)))
        assert_refused(refresh(forged(pair["refresh"], exp=1)))

    @pytest.mark.parametrize("user_id", GARBAGE_IDS, ids=repr)
    def test_a_user_id_that_is_none_is_refused(self, user_id: Any) -> None:
        make_account()

        assert_refused(me_with(forged(sign_in().json()["access"], user_id=user_id)))

    @pytest.mark.parametrize("exp", GARBAGE_TIMES, ids=repr)
    def test_an_expiry_that_is_no_time_is_refused(self, exp: Any) -> None:
        make_account()
        pair = sign_in().json()

        assert_refused(me_with(forged(pair["access"], exp=exp)))
        assert_refused(refresh(forged(pair["refresh"], exp=exp)))
        assert logout(forged(pair["refresh"], exp=exp)).status_code == 204

    @pytest.mark.parametrize("family", GARBAGE_FAMILIES, ids=repr)
    def test_a_family_that_is_none_is_refused(self, family: Any) -> None:
        make_account()
        token = forged(sign_in().json()["refresh"], **{FAMILY_CLAIM: family})

        assert_refused(refresh(token))
        assert logout(token).status_code == 204
        assert TokenFamily.objects.get().revoked_at is None

    @pytest.mark.parametrize("fingerprint", ["", "é", None, ..., 5, []], ids=repr)
    def test_a_token_for_another_password_is_refused(self, fingerprint: Any) -> None:
        make_account()
        pair = sign_in().json()

        assert_refused(me_with(forged(pair["access"], **{PASSWORD_CLAIM: fingerprint})))
        assert_refused(refresh(forged(pair["refresh"], **{PASSWORD_CLAIM: fingerprint})))

    @pytest.mark.parametrize("jti", [..., None, 5, [], "", "abc"], ids=repr)
    def test_a_token_with_another_id_is_refused(self, jti: Any) -> None:
        make_account()

        assert_refused(refresh(forged(sign_in().json()["refresh"], jti=jti)))


DEEP_HEADER = jwt.utils.base64url_encode(b'{"alg":' + b"[" * 2500).decode()
NO_TOKENS = [
    "a",
    "a.b",
    "a.b.c",
    "a.b.c.d",
    "...",
    "=.=.=",
    "é.é.é",
    "eyJhbGciOiJIUzI1NiJ9..",
    "bnVsbA.bnVsbA.bnVsbA",
    f"{DEEP_HEADER}.e30.e30",
    "A" * 3990,
]


@pytest.mark.django_db
class TestNoTokens:
    @pytest.mark.parametrize("token", NO_TOKENS, ids=lambda token: token[:20])
    def test_what_is_no_token_is_refused(self, token: str) -> None:
        assert_refused(me_with(token))
        assert_refused(refresh(token))

    @pytest.mark.parametrize(
        "authorization",
        [
            None,
            "",
            " ",
            "Bearer",
            "Bearer ",
            "Bearer a b",
            "Bearer Bearer a.b.c",
            "Basic YWRhOng=",
            "Token abc",
            "Bearer,a",
            "\x00",
            "Bearer \x00",
            "Bearer \xff",
        ],
        ids=repr,
    )
    def test_a_malformed_header_is_no_sign_in(self, authorization: str | None) -> None:
        assert_refused(me(authorization))

    def test_the_scheme_is_spelt_as_the_challenge_spells_it(self) -> None:
        access = access_token_for(make_learner())

        replies = [me(f"{scheme} {access}") for scheme in ("Bearer", "bearer", "BEARER")]

        assert [reply.status_code for reply in replies] == [200, 401, 401]

    def test_a_bad_token_does_not_keep_anybody_from_signing_in(self) -> None:
        make_account()
        client = APIClient(headers={"Authorization": "Bearer expired"})

        response = client.post(
            "/api/auth/token/", {"username": "learner", "password": PASSWORD}, format="json"
        )

        assert response.status_code == 200

    def test_a_session_of_the_admin_site_is_no_sign_in_to_the_api(self) -> None:
        client = APIClient()
        client.force_login(make_account(is_staff=True))

        assert_refused(client.get("/api/me/"))
