"""Who sends pulses: confirmed by the statement that writes them, and refused as everywhere else."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from config.problems import ProblemType
from tests.config.test_problems import problem_of, type_of
from tests.factories import client_of, make_learner, make_module
from tracking.models import Pulse, Resource, User

TOO_OLD = "2020-01-01T00:00:00Z"


@pytest.fixture
def resource(db: None) -> Resource:
    return make_module().resources.get()


@pytest.fixture
def learner(db: None) -> User:
    return make_learner()


@pytest.fixture
def client(learner: User, resource: Resource) -> APIClient:
    """Somebody whose token the process has seen before."""
    client = client_of(learner)
    assert send(client, resource).status_code == 200
    Pulse.objects.all().delete()
    return client


def post(client: APIClient, path: str, body: dict[str, Any]) -> Any:
    """In the content type of the client, if it has one of its own."""
    kind = client.defaults.get("CONTENT_TYPE", "application/json")
    return client.generic("POST", path, json.dumps(body), content_type=kind)


def send(client: APIClient, resource: Resource, **fields: Any) -> Any:
    path = f"/api/modules/{resource.module_id}/resources/{resource.pk}/complete/"
    return post(client, path, {"duration_delta": 15} | fields)


def send_batch(client: APIClient, resource: Resource, **fields: Any) -> Any:
    pulse = {"module": resource.module_id, "resource": resource.pk, "duration_delta": 15} | fields
    return post(client, "/api/tracking/pulses/", {"pulses": [pulse]})


def deactivated(learner: User) -> None:
    User.objects.filter(pk=learner.pk).update(is_active=False)


def with_another_password(learner: User) -> None:
    learner.set_password("another one")
    learner.save()


def deleted(learner: User) -> None:
    learner.delete()


CHANGES = [deactivated, with_another_password, deleted]


@pytest.mark.parametrize("change", CHANGES)
class TestAnAccountThatChanged:
    """Its token was good for the request before."""

    @pytest.mark.parametrize("send_one", [send, send_batch])
    @pytest.mark.parametrize(
        "fields",
        [
            {},
            {"duration_delta": -1},
            {"odd": 1},
            {"occurred_at": TOO_OLD},
            {"occurred_at": TOO_OLD, "pulse_id": "019c4000-0000-7000-8000-000000000001"},
        ],
        ids=str,
    )
    def test_it_is_out_whatever_it_sends(
        self,
        learner: User,
        client: APIClient,
        resource: Resource,
        change: Callable[[User], None],
        send_one: Callable[..., Any],
        fields: dict[str, Any],
    ) -> None:
        change(learner)

        refused = [send_one(client, resource, **fields) for _ in range(2)]

        assert [type_of(one) for one in refused] == [ProblemType.NOT_AUTHENTICATED] * 2
        assert {one["WWW-Authenticate"] for one in refused} == {'Bearer realm="api"'}
        assert not Pulse.objects.exists()

    def test_it_learns_nothing_of_the_body_it_sent(
        self,
        learner: User,
        client: APIClient,
        resource: Resource,
        change: Callable[[User], None],
    ) -> None:
        change(learner)

        response = client.post("/api/tracking/pulses/", b"{", content_type="application/json")

        assert type_of(response) is ProblemType.NOT_AUTHENTICATED

    def test_it_is_not_asked_to_wait(
        self,
        learner: User,
        client: APIClient,
        resource: Resource,
        change: Callable[[User], None],
        settings: Any,
    ) -> None:
        settings.PULSE_BURST, settings.PULSES_PER_MINUTE = 1, 1
        send(client, resource)
        change(learner)

        assert type_of(send(client, resource)) is ProblemType.NOT_AUTHENTICATED


class TestRoundTrips:
    def test_the_first_request_of_a_token_looks_its_user_up(
        self, learner: User, resource: Resource, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(2):
            send(client_of(learner), resource)

    @pytest.mark.parametrize("send_one", [send, send_batch])
    def test_the_others_are_one_statement(
        self,
        client: APIClient,
        resource: Resource,
        django_assert_num_queries: Any,
        send_one: Callable[..., Any],
    ) -> None:
        with django_assert_num_queries(1):
            assert send_one(client, resource).status_code == 200

    def test_somebody_who_is_active_again_goes_on(
        self, learner: User, client: APIClient, resource: Resource
    ) -> None:
        deactivated(learner)
        send(client, resource)
        User.objects.filter(pk=learner.pk).update(is_active=True)

        assert send(client, resource).status_code == 200


UNUSUAL: list[dict[str, str]] = [
    {"HTTP_ACCEPT": "application/json; indent=4"},
    {"HTTP_ACCEPT": "text/html, application/*;q=0.9"},
    {"CONTENT_TYPE": "application/json;charset=UTF-8"},
    {"CONTENT_TYPE": "Application/JSON"},
]
USUAL: list[dict[str, str]] = [
    {},
    {"HTTP_ACCEPT": "*/*"},
    {"HTTP_ACCEPT": "application/json, text/plain, */*"},
    {"CONTENT_TYPE": "application/json; charset=utf-8"},
]


@pytest.mark.parametrize("send_one", [send, send_batch])
class TestTwoWaysToOnePlace:
    """Requests in unusual words take the framework's way, and get the same answers."""

    @pytest.mark.parametrize("words", [*USUAL, *UNUSUAL], ids=str)
    def test_a_pulse_is_recorded(
        self,
        client: APIClient,
        resource: Resource,
        words: dict[str, str],
        send_one: Callable[..., Any],
    ) -> None:
        client.defaults.update(words)

        response = send_one(client, resource)

        assert response.status_code == 200
        assert response["Content-Type"] == "application/json"
        assert Pulse.objects.count() == 1

    @pytest.mark.parametrize("words", [*USUAL, *UNUSUAL], ids=str)
    def test_a_wrong_field_is_named(
        self,
        client: APIClient,
        resource: Resource,
        words: dict[str, str],
        send_one: Callable[..., Any],
    ) -> None:
        client.defaults.update(words)
        answer = send_one(client, resource, odd=1)

        is_batch = "results" in answer.json()
        problem = answer.json()["results"][0]["problem"] if is_batch else problem_of(answer)
        assert problem["errors"] == [
            {
                "field": "pulses.0.odd" if is_batch else "odd",
                "reason": "is not a field of this request",
            }
        ]

    def test_what_the_api_does_not_speak_is_406(
        self, client: APIClient, resource: Resource, send_one: Callable[..., Any]
    ) -> None:
        client.defaults["HTTP_ACCEPT"] = "text/html"

        assert type_of(send_one(client, resource)) is ProblemType.NOT_ACCEPTABLE
        assert not Pulse.objects.exists()

    @pytest.mark.parametrize("words", [{}, UNUSUAL[0]], ids=str)
    def test_nobody_gets_in_without_a_token(
        self, resource: Resource, words: dict[str, str], send_one: Callable[..., Any]
    ) -> None:
        client = APIClient()
        client.defaults.update(words)

        response = send_one(client, resource)

        assert type_of(response) is ProblemType.NOT_AUTHENTICATED
        assert response["WWW-Authenticate"] == 'Bearer realm="api"'


def test_other_methods_are_told_which_one_to_use(client: APIClient, resource: Resource) -> None:
    response = client.put("/api/tracking/pulses/", {"pulses": []}, format="json")

    assert type_of(response) is ProblemType.METHOD_NOT_ALLOWED
    assert response["Allow"] == "POST, OPTIONS"
