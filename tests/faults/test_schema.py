"""Whatever the schema of the API lets one send is answered as the schema says, and never by 5xx.

Schemathesis makes the requests: what is valid, and what is nearly so. It needs no server of its
own; the product is called as granian calls it.
"""

from collections import Counter
from contextlib import closing
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.result import Ok

from tests.config.test_access import World, operations
from tracking.tokens import access_token_for

EXAMPLES = 40
PRODUCT = get_wsgi_application()
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture
def world(committed: None) -> World:
    world = World()
    call_command("refresh", verbosity=0)
    return world


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """The product, each answer read to its end and closed, as a server does it."""
    with closing(PRODUCT(environ, start_response)) as parts:
        return [b"".join(parts)]


@pytest.mark.long
@pytest.mark.timeout(900)
def test_every_operation_answers_as_the_schema_says(world: World) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/schema/", application)
    tokens = [access_token_for(person) for person in world.people.values() if person]
    statuses: Counter[tuple[str, str, int]] = Counter()

    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            cases = operation.as_strategy(generation_mode=mode)

            @given(case=cases, token=st.sampled_from(tokens), is_there=st.booleans())
            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                phases=[Phase.explicit, Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            )
            def answers(case: Case[Any], token: str, is_there: bool) -> None:
                if is_there:
                    # What the address names is there: else hardly any request gets past 404.
                    for name in case.path_parameters:
                        case.path_parameters[name] = world.names[name]
                response = case.call(headers={"Authorization": f"Bearer {token}"})
                statuses[case.method, case.operation.path, response.status_code] += 1
                case.validate_response(response, checks=CHECKS)

            answers()

    asked = {(method, path) for method, path, _ in statuses}
    assert asked == operations()
    assert_got_through(statuses)


def assert_got_through(statuses: "Counter[tuple[str, str, int]]") -> None:
    """What was asked was not refused all the time: then the test would show nothing."""
    refused: set[Any] = {
        (method, path) for method, path, status in statuses if "/auth/" not in path
    } - {(method, path) for method, path, status in statuses if status < 300}
    # Neither names anybody by chance who is there: the ids stand in the body.
    assert refused <= {("POST", "/api/manager/assignments/")}
