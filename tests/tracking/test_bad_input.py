"""Bad input is refused with a problem that names it, and leaves no trace."""

import gzip
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from rest_framework.test import APIClient

from config.problems import ProblemType
from tests.config.test_openapi import ABOUT, api_routes
from tests.config.test_problems import problem_of, type_of
from tests.factories import client_of, make_learner, make_module
from tracking.models import Module, Pulse, User

MALFORMED, INVALID = ProblemType.MALFORMED_BODY, ProblemType.INVALID_INPUT
TOO_LARGE, UNSUPPORTED = ProblemType.BODY_TOO_LARGE, ProblemType.UNSUPPORTED_MEDIA_TYPE

# Who has no access token yet, or none that is valid.
PUBLIC = {"/api/auth/token/", "/api/auth/token/refresh/", "/api/auth/logout/"}

PULSE = "/api/modules/{module}/resources/{resource}/complete/"
BATCH = "/api/tracking/pulses/"
ATTEMPT = "/api/modules/{module}/quiz/attempts/"
SUBMISSION = "/api/modules/{module}/assignment/submissions/"
SIGN_IN = "/api/auth/token/"

VALID_BODIES: dict[str, dict[str, Any]] = {
    SIGN_IN: {"username": "ada", "password": "wrong"},
    "/api/auth/token/refresh/": {"refresh": "not.a.token"},
    "/api/auth/logout/": {"refresh": "not.a.token"},
    PULSE: {"duration_delta": 15},
    BATCH: {"pulses": [{"module": 1, "resource": 1, "duration_delta": 15}]},
    ATTEMPT: {"answers": {}},
    SUBMISSION: {"text": "done"},
}


def generic(client: APIClient, *args: Any, **extra: Any) -> Any:
    """`APIClient.generic`, which takes bytes as well, whatever its stubs say."""
    return client.generic(*args, **extra)


@dataclass(frozen=True)
class Site:
    """A learner, a module with everything, and the learner's signed-in client."""

    learner: User
    module: Module
    client: APIClient

    def address(self, template: str) -> str:
        resource = self.module.resources.get()
        return template.format(module=self.module.pk, resource=resource.pk)

    def post(self, template: str, body: Any) -> Any:
        return self.client.post(self.address(template), body, format="json")

    def post_raw(
        self, template: str, body: bytes, content_type: str = "application/json", **extra: Any
    ) -> Any:
        return generic(self.client, "POST", self.address(template), body, content_type, **extra)


@pytest.fixture
def site(db: None) -> Site:
    learner, module = make_learner(), make_module(questions=2, has_assignment=True)
    return Site(learner, module, client_of(learner))


def rows() -> dict[str, int]:
    """How many rows each table of the write side has, but for the sign-ins."""
    return {
        model._meta.label: model._base_manager.count()
        for model in apps.get_app_config("tracking").get_models()
        if model._meta.model_name != "tokenfamily"
    }


@pytest.fixture
def nothing_written(site: Site) -> Any:
    """Compares all tables before and after the test."""
    before = rows()
    yield
    assert rows() == before


def fields_of(response: Any) -> list[str]:
    return [error["field"] for error in problem_of(response).get("errors", [])]


def with_member(value: str) -> Callable[[bytes], bytes]:
    """The valid body with one more member, of the given JSON text."""
    return lambda valid: b'{"extra": ' + value.encode("utf-8") + b", " + valid[1:]


def with_key(key: str) -> Callable[[bytes], bytes]:
    return lambda valid: b'{"' + key.encode("utf-8") + b'": 1, ' + valid[1:]


# What makes any body unreadable, whatever the endpoint; each takes the valid body.
UNREADABLE: dict[str, tuple[Callable[[bytes], bytes], ProblemType]] = {
    "cut off": (lambda valid: valid[:-1], MALFORMED),
    "two documents": (lambda valid: valid + valid, MALFORMED),
    "blank": (lambda valid: b"  \n", MALFORMED),
    "single quotes": (lambda valid: valid.replace(b'"', b"'"), MALFORMED),
    "trailing comma": (lambda valid: valid[:-1] + b",}", MALFORMED),
    "NaN": (with_member("NaN"), MALFORMED),
    "Infinity": (with_member("Infinity"), MALFORMED),
    "-Infinity": (with_member("-Infinity"), MALFORMED),
    "1e400": (with_member("1e400"), MALFORMED),
    "-1e400": (with_member("-1e400"), MALFORMED),
    "an integer of 100,000 digits": (with_member("9" * 100_000), MALFORMED),
    "a raw NUL": (with_member('"a\x00b"'), MALFORMED),
    "an escaped NUL": (with_member(r'"a\u0000b"'), MALFORMED),
    "a NUL in a key": (with_key(r"a\u0000b"), MALFORMED),
    "a NUL deep inside": (with_member(r'[{"a": ["\u0000"]}]'), MALFORMED),
    "a raw control character": (with_member('"a\x01b"'), MALFORMED),
    "a high surrogate": (with_member(r'"\ud800"'), MALFORMED),
    "a low surrogate": (with_member(r'"\uDC00"'), MALFORMED),
    "surrogates in the wrong order": (with_member(r'"\uDC00\uD800"'), MALFORMED),
    "a surrogate in a key": (with_key(r"\uD83D"), MALFORMED),
    "a raw surrogate": (lambda valid: b'{"a": "\xed\xa0\x80"}', MALFORMED),
    "invalid UTF-8": (lambda valid: b'{"a": "\xff"}', MALFORMED),
    "latin-1": (lambda valid: '{"a": "é"}'.encode("latin-1"), MALFORMED),
    "a byte order mark": (lambda valid: b"\xef\xbb\xbf" + valid, MALFORMED),
    "UTF-16": (lambda valid: valid.decode().encode("utf-16"), MALFORMED),
    "gzip": (gzip.compress, MALFORMED),
    "arrays 100,000 deep": (with_member("[" * 100_000 + "]" * 100_000), MALFORMED),
    "arrays 100,000 deep, left open": (lambda valid: b"[" * 100_000, MALFORMED),
    "objects 40,000 deep": (with_member('{"a":' * 40_000 + "1" + "}" * 40_000), MALFORMED),
    "the same key twice": (lambda valid: valid[:-1] + b", " + valid[1:], MALFORMED),
    "the same key twice, deep inside": (with_member('[{"a": 1, "a": 1}]'), MALFORMED),
    "more than 256 KiB": (with_member(f'"{"a" * 256 * 1024}"'), TOO_LARGE),
    "objects 100,000 deep": (with_member('{"a":' * 100_000), TOO_LARGE),
    "an array": (lambda valid: b"[" + valid + b"]", INVALID),
    "an empty array": (lambda valid: b"[]", INVALID),
    "a string": (lambda valid: b'"text"', INVALID),
    "a number": (lambda valid: b"1", INVALID),
    "true": (lambda valid: b"true", INVALID),
    "null": (lambda valid: b"null", INVALID),
    "nothing": (lambda valid: b"", INVALID),
    "an empty object": (lambda valid: b"{}", INVALID),
}

CONTENT_TYPES = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/xml",
    "application/json-seq",
    "nonsense",
    "",
]

# Where the body may be empty, as the token may be in a cookie: what comes of it when it is not.
EMPTY = {"nothing", "an empty object"}
ANSWERS_TO_EMPTY: dict[str, ProblemType | None] = {
    "/api/auth/token/refresh/": ProblemType.NOT_AUTHENTICATED,
    "/api/auth/logout/": None,
}


def problem_type_in(response: Any) -> ProblemType | None:
    return None if response.status_code == 204 else type_of(response)


@pytest.mark.parametrize("template", VALID_BODIES)
@pytest.mark.usefixtures("nothing_written")
class TestEveryWriteEndpoint:
    def test_refuses_every_body_that_it_cannot_read(self, site: Site, template: str) -> None:
        valid = json.dumps(VALID_BODIES[template]).encode()

        replies = {
            name: site.post_raw(template, spoil(valid)) for name, (spoil, _) in UNREADABLE.items()
        }

        expected = {name: problem_type for name, (_, problem_type) in UNREADABLE.items()} | (
            dict.fromkeys(EMPTY, ANSWERS_TO_EMPTY[template]) if template in ANSWERS_TO_EMPTY else {}
        )
        assert {name: problem_type_in(reply) for name, reply in replies.items()} == expected
        assert {name for name, reply in replies.items() if expected[name] and fields_of(reply)} == {
            name for name, problem_type in expected.items() if problem_type is INVALID
        }

    def test_takes_json_alone(self, site: Site, template: str) -> None:
        body = json.dumps(VALID_BODIES[template]).encode()

        replies = {kind: site.post_raw(template, body, kind) for kind in CONTENT_TYPES}

        assert {kind: type_of(reply) for kind, reply in replies.items()} == dict.fromkeys(
            CONTENT_TYPES, UNSUPPORTED
        )

    def test_refuses_a_compressed_body_that_says_so(self, site: Site, template: str) -> None:
        body = gzip.compress(json.dumps(VALID_BODIES[template]).encode())

        response = site.post_raw(template, body, HTTP_CONTENT_ENCODING="gzip")

        assert type_of(response) is MALFORMED

    def test_survives_a_wrong_content_length(self, site: Site, template: str) -> None:
        body = json.dumps(VALID_BODIES[template]).encode()

        replies = [site.post_raw(template, body, CONTENT_LENGTH=length) for length in ("abc", "1")]

        assert [problem_type_in(reply) for reply in replies] == [
            ANSWERS_TO_EMPTY.get(template, INVALID),
            MALFORMED,
        ]


class TestHostileKeys:
    def test_thirty_thousand_keys_take_no_quadratic_time(self, site: Site) -> None:
        keys = [f'"{number:x}":1' for number in range(25_000)]
        body = "{" + ",".join([*keys, keys[-1]]) + "}"
        started = datetime.now(UTC)

        response = site.post_raw(PULSE, body.encode())

        assert type_of(response) is MALFORMED
        assert datetime.now(UTC) - started < timedelta(seconds=2)


HUGE = 10**4000
NO_NUMBERS: list[Any] = ["15", True, None, [], {}, [15]]
NO_WHOLE_NUMBERS: list[Any] = [*NO_NUMBERS, 1.5, 15.0]
NO_TIMES: list[Any] = [
    "2026-02-10T07:35:00",
    "2026-02-10",
    "07:35:00Z",
    "yesterday",
    "",
    "2026-02-30T07:35:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "10000-01-01T00:00:00Z",
    "-0001-01-01T00:00:00Z",
    1_770_000_000,
    1.5,
    True,
    [],
    {},
]

PULSE_FIELDS: dict[str, list[Any]] = {
    "duration_delta": [*NO_WHOLE_NUMBERS, -1, 301, 2**31, 2**63 - 1, 2**63, HUGE, -HUGE, 0.1],
    "watch_time": ["12", True, [], {}, -1, -0.5, 1e13, 1e308, 2**63, HUGE, -HUGE],
    "completed": ["true", "", 0, 1, 1.0, None, [], {}],
    "pulse_id": [
        "",
        "nonsense",
        "0" * 31,
        "g" * 32,
        "\u0660" * 32,
        "0_" * 16,
        5,
        2**128,
        True,
        [],
        {},
    ],
    "occurred_at": NO_TIMES,
    "_trace": [{}, {"a": 1}, [], [1], True, False, "x" * 201, HUGE],
    "played": [None, "0-15", 15, {}, True, [[0, 1]] * 101],
}

SINGLE_FIELDS = PULSE_FIELDS | {"sent_at": NO_TIMES}
NO_IDS: list[Any] = [*NO_WHOLE_NUMBERS, 0, -1, 2**63, HUGE]
ITEM_FIELDS = PULSE_FIELDS | {"module": NO_IDS, "resource": NO_IDS}

PLAYED_INTERVALS: list[Any] = [
    [15, 15],
    [15, 0],
    [-1, 15],
    [-0.001, 15],
    [0, 86_400.1],
    [0, 86_401],
    [86_400, 86_401],
    [0, HUGE],
    [-HUGE, 15],
    [HUGE, HUGE],
    [0, 1e308],
    ["0", "15"],
    [None, 15],
    [False, True],
    [0, [15]],
    [0],
    [0, 15, 30],
    [],
    {},
    {"from": 0, "to": 15},
    "ab",
    15,
    None,
]


def short(value: Any) -> str:
    return json.dumps(value)[:40]


def named_fields(
    site: Site, template: str, body: dict[str, Any], field: str, values: list[Any]
) -> dict[str, list[str]]:
    """For each value of the field: which fields the 400 names."""
    replies = {short(value): site.post(template, body | {field: value}) for value in values}
    assert {type_of(reply) for reply in replies.values()} == {INVALID}
    return {value: fields_of(reply) for value, reply in replies.items()}


def each(values: list[Any], field: str) -> dict[str, list[str]]:
    return {short(value): [field] for value in values}


@pytest.mark.usefixtures("nothing_written")
class TestPulseFields:
    @pytest.mark.parametrize(("field", "values"), SINGLE_FIELDS.items(), ids=[*SINGLE_FIELDS])
    def test_a_wrong_value_is_refused_under_the_name_of_its_field(
        self, site: Site, field: str, values: list[Any]
    ) -> None:
        named = named_fields(site, PULSE, VALID_BODIES[PULSE], field, values)

        assert named == each(values, field)

    def test_a_wrong_interval_is_refused_by_its_place(self, site: Site) -> None:
        values = [[[0, 1], interval] for interval in PLAYED_INTERVALS]

        named = named_fields(site, PULSE, VALID_BODIES[PULSE], "played", values)

        assert named == each(values, "played.1")

    def test_the_duration_is_required(self, site: Site) -> None:
        response = site.post(PULSE, {"completed": True})

        assert problem_of(response)["errors"] == [
            {"field": "duration_delta", "reason": "is required"}
        ]

    @pytest.mark.parametrize(
        "field", ["force_complete", "trace", "Duration_delta", "module", "resource", "user", "__p"]
    )
    def test_an_unknown_field_is_refused_by_name(self, site: Site, field: str) -> None:
        response = site.post(PULSE, VALID_BODIES[PULSE] | {field: 1})

        assert problem_of(response)["errors"] == [
            {"field": field, "reason": "is not a field of this request"}
        ]

    def test_all_wrong_fields_are_named_at_once(self, site: Site) -> None:
        response = site.post(PULSE, {"duration_delta": -1, "completed": 1, "odd": 1})

        assert fields_of(response) == ["duration_delta", "completed", "odd"]

    def test_a_pulse_older_than_seven_days_is_refused_visibly(self, site: Site) -> None:
        occurred_at = datetime.now(UTC) - timedelta(days=8)

        response = site.post(PULSE, VALID_BODIES[PULSE] | {"occurred_at": occurred_at.isoformat()})

        assert problem_of(response)["errors"] == [
            {"field": "occurred_at", "reason": "is more than 7 days ago"}
        ]

    @pytest.mark.parametrize(
        ("sent_at", "occurred_at"),
        [
            ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
            ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59Z", "2026-02-10T12:00:00Z"),
        ],
    )
    def test_clocks_at_the_ends_of_the_calendar_are_refused(
        self, site: Site, sent_at: str, occurred_at: str
    ) -> None:
        times = {"sent_at": sent_at, "occurred_at": occurred_at}

        response = site.post(PULSE, VALID_BODIES[PULSE] | times)

        assert type_of(response) is INVALID
        assert fields_of(response) == ["occurred_at"]

    @pytest.mark.parametrize("key", ["", "nonsense", "5", "0" * 31, "0_" * 16, "null"])
    def test_an_idempotency_key_is_a_uuid(self, site: Site, key: str) -> None:
        response = site.post_raw(PULSE, b'{"duration_delta": 15}', HTTP_IDEMPOTENCY_KEY=key)

        assert problem_of(response)["errors"] == [
            {"field": "Idempotency-Key", "reason": "must be a UUID"}
        ]

    def test_an_idempotency_key_and_a_pulse_id_that_differ_are_refused(self, site: Site) -> None:
        body = VALID_BODIES[PULSE] | {"pulse_id": "019c4000-0000-7000-8000-000000000001"}

        response = site.post_raw(
            PULSE,
            json.dumps(body).encode(),
            HTTP_IDEMPOTENCY_KEY="019c4000-0000-7000-8000-000000000002",
        )

        assert fields_of(response) == ["pulse_id"]


class TestPulseFieldsAtTheirLimits:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("duration_delta", 0),
            ("duration_delta", 300),
            ("watch_time", None),
            ("watch_time", 0),
            ("watch_time", 1e12),
            ("played", []),
            ("played", [[0, 0.001]]),
            ("played", [[0, 1e-9]]),
            ("played", [[0, 86_400]]),
            ("played", [[index, index + 1] for index in range(100)]),
            ("pulse_id", None),
            ("pulse_id", "00000000-0000-0000-0000-000000000000"),
            ("pulse_id", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"),
            ("_trace", None),
            ("_trace", "x" * 200),
            ("_trace", "я" * 200),
            ("_trace", "😀" * 200),
            ("_trace", "\\ud800"),
            ("_trace", -1.5e300),
            ("_trace", 2**63),
            ("occurred_at", None),
            ("occurred_at", "9999-12-31T23:59:59Z"),
            ("sent_at", None),
            ("sent_at", "0001-01-01T00:00:00Z"),
            ("sent_at", "9999-12-31T23:59:59Z"),
        ],
        ids=short,
    )
    def test_what_is_allowed_is_recorded(self, site: Site, field: str, value: Any) -> None:
        response = site.post(PULSE, VALID_BODIES[PULSE] | {field: value})

        assert (response.status_code, response.json()["status"]) == (200, "recorded")
        assert Pulse.objects.count() == 1

    def test_a_far_future_is_clamped_and_flagged(self, site: Site) -> None:
        site.post(PULSE, VALID_BODIES[PULSE] | {"occurred_at": "9999-12-31T23:59:59Z"})

        pulse = Pulse.objects.get()
        assert (pulse.is_clamped, pulse.occurred_at) == (True, pulse.received_at)


@pytest.mark.usefixtures("nothing_written")
class TestBatch:
    @pytest.mark.parametrize("pulses", [None, {}, "[]", 1, True, [], [1] * 501])
    def test_pulses_is_a_list_of_1_to_500(self, site: Site, pulses: Any) -> None:
        response = site.post(BATCH, {"pulses": pulses})

        assert type_of(response) is INVALID
        assert fields_of(response) == ["pulses"]

    def test_an_unknown_field_of_the_batch_is_refused_by_name(self, site: Site) -> None:
        response = site.post(BATCH, {"pulses": [1], "user": 1})

        assert fields_of(response) == ["user"]

    def test_the_time_of_sending_is_one_for_all(self, site: Site) -> None:
        named = named_fields(site, BATCH, {"pulses": [1]}, "sent_at", NO_TIMES)

        assert named == each(NO_TIMES, "sent_at")

    def test_an_item_that_is_no_object_is_rejected_by_its_place(self, site: Site) -> None:
        items = ["text", 1, 1.5, True, None, [], [1]]

        assert self.rejections(site, items) == [[f"pulses.{index}"] for index in range(7)]

    @pytest.mark.parametrize(("field", "values"), ITEM_FIELDS.items(), ids=[*ITEM_FIELDS])
    def test_a_wrong_value_is_rejected_by_place_and_name(
        self, site: Site, field: str, values: list[Any]
    ) -> None:
        items = [self.item(site) | {field: value} for value in values]

        assert self.rejections(site, items) == [
            [f"pulses.{index}.{field}"] for index in range(len(values))
        ]

    def test_a_pulse_that_is_too_old_is_rejected(self, site: Site) -> None:
        item = self.item(site) | {"occurred_at": "0001-01-01T00:00:00Z"}

        assert self.rejections(site, [item]) == [["pulses.0.occurred_at"]]

    def test_an_unknown_field_of_an_item_is_rejected_by_name(self, site: Site) -> None:
        items = [self.item(site) | {field: 1} for field in ("sent_at", "trace", "user")]

        assert self.rejections(site, items) == [
            ["pulses.0.sent_at"],
            ["pulses.1.trace"],
            ["pulses.2.user"],
        ]

    @pytest.mark.parametrize("field", ["module", "resource"])
    def test_an_address_that_does_not_exist_is_rejected_as_not_found(
        self, site: Site, field: str
    ) -> None:
        response = site.post(BATCH, {"pulses": [self.item(site) | {field: 2**63 - 1}]})

        (result,) = response.json()["results"]
        assert (result["status"], result["problem"]["type"]) == (
            "rejected",
            ProblemType.NOT_FOUND.uri,
        )

    @staticmethod
    def item(site: Site) -> dict[str, Any]:
        return {
            "module": site.module.pk,
            "resource": site.module.resources.get().pk,
            "duration_delta": 15,
        }

    @staticmethod
    def rejections(site: Site, items: list[Any]) -> list[list[str]]:
        """The fields that each result of a batch of bad pulses names."""
        response = site.post(BATCH, {"pulses": items})
        assert response.status_code == 200
        results = response.json()["results"]
        assert {result["status"] for result in results} == {"rejected"}
        assert {result["problem"]["type"] for result in results} == {INVALID.uri}
        return [[error["field"] for error in one["problem"]["errors"]] for one in results]


BAD_IDS = ["0", "999999", "9" * 18, "9" * 19, "9" * 30, "9" * 5000, "-1", "1.0", "1e3", "٣", "a"]


@pytest.mark.usefixtures("nothing_written")
class TestAddresses:
    @pytest.mark.parametrize("template", [PULSE, ATTEMPT, SUBMISSION])
    def test_a_module_that_is_none_is_not_found(self, site: Site, template: str) -> None:
        resource = site.module.resources.get()

        replies = {
            bad_id: site.client.post(
                template.format(module=bad_id, resource=resource.pk),
                VALID_BODIES[template],
                format="json",
            )
            for bad_id in BAD_IDS
        }

        assert {bad_id: type_of(reply) for bad_id, reply in replies.items()} == dict.fromkeys(
            BAD_IDS, ProblemType.NOT_FOUND
        )

    def test_a_resource_that_is_none_is_not_found(self, site: Site) -> None:
        replies = {
            bad_id: site.client.post(
                PULSE.format(module=site.module.pk, resource=bad_id),
                VALID_BODIES[PULSE],
                format="json",
            )
            for bad_id in BAD_IDS
        }

        assert {bad_id: type_of(reply) for bad_id, reply in replies.items()} == dict.fromkeys(
            BAD_IDS, ProblemType.NOT_FOUND
        )


@pytest.mark.usefixtures("nothing_written")
class TestAnswers:
    def test_answers_are_an_object(self, site: Site) -> None:
        values: list[Any] = [None, [], "1", 1, True]

        assert named_fields(site, ATTEMPT, {}, "answers", values) == each(values, "answers")

    def test_a_choice_is_an_id(self, site: Site) -> None:
        question = str(site.module.quiz.questions.all()[0].pk)
        choices: list[Any] = ["1", None, True, 1.0, [], {}, 0, -1, 2**63, HUGE]
        values = [{question: choice} for choice in choices]

        named = named_fields(site, ATTEMPT, {}, "answers", values)

        assert named == each(values, f"answers.{question}")

    def test_a_question_is_named_by_its_id_and_by_nothing_like_it(self, site: Site) -> None:
        question = site.module.quiz.questions.all()[0]
        choice = question.choices.all()[0]
        spellings = ["0{}", " {}", "{} ", "+{}", "{}.0", "{}e0", "-{}", "x", "", "9" * 5000]
        names = [spelling.format(question.pk) for spelling in spellings]

        response = site.post(ATTEMPT, {"answers": dict.fromkeys(names, choice.pk)})

        assert problem_of(response)["errors"] == [
            {"field": f"answers.{name}", "reason": "is not a question of this quiz"}
            for name in names
        ]

    def test_arabic_digits_name_no_question(self, site: Site) -> None:
        question = site.module.quiz.questions.all()[0]
        name = str(question.pk).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))

        response = site.post(ATTEMPT, {"answers": {name: question.choices.all()[0].pk}})

        assert fields_of(response) == [f"answers.{name}"]

    def test_a_choice_of_another_question_is_refused(self, site: Site) -> None:
        first, second = site.module.quiz.questions.all()

        response = site.post(ATTEMPT, {"answers": {str(first.pk): second.choices.all()[0].pk}})

        assert problem_of(response)["errors"] == [
            {"field": f"answers.{first.pk}", "reason": "is not a choice of this question"}
        ]


class TestAnswersToAnotherQuiz:
    def test_its_questions_are_refused(self, site: Site) -> None:
        question = make_module(questions=1).quiz.questions.get()
        before = rows()

        response = site.post(ATTEMPT, {"answers": {str(question.pk): question.choices.all()[0].pk}})

        assert fields_of(response) == [f"answers.{question.pk}"]
        assert rows() == before


SUBMISSION_FIELDS: dict[str, list[Any]] = {
    "text": [None, 1, True, [], {}, "x" * 100_001],
    "url": [
        None,
        1,
        [],
        "ftp://example.org/a",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "//example.org",
        "example.org",
        "http://",
        "https:///path",
        "http:// example.org",
        "https://example.org/a b",
        "https://example.org\njavascript:alert(1)",
        "x https://example.org",
        "https://example.org/" + "a" * 2000,
    ],
    "grade": [100],
    "status": ["graded"],
}


@pytest.mark.usefixtures("nothing_written")
class TestSubmissions:
    def test_an_empty_submission_is_refused(self, site: Site) -> None:
        bodies = [{}, {"text": ""}, {"text": " \n\t "}, {"url": ""}, {"text": "", "url": "  "}]

        replies = [site.post(SUBMISSION, body) for body in bodies]

        assert [problem_of(reply)["errors"] for reply in replies] == [
            [{"field": "text", "reason": "is required when there is no url"}]
        ] * len(bodies)

    @pytest.mark.parametrize(
        ("field", "values"), SUBMISSION_FIELDS.items(), ids=[*SUBMISSION_FIELDS]
    )
    def test_a_wrong_value_is_refused_under_the_name_of_its_field(
        self, site: Site, field: str, values: list[Any]
    ) -> None:
        named = named_fields(site, SUBMISSION, VALID_BODIES[SUBMISSION], field, values)

        assert named == each(values, field)


@pytest.mark.usefixtures("nothing_written")
class TestCredentials:
    @pytest.mark.parametrize(
        ("template", "field"),
        [
            (SIGN_IN, "username"),
            (SIGN_IN, "password"),
            ("/api/auth/token/refresh/", "refresh"),
            ("/api/auth/logout/", "refresh"),
        ],
    )
    def test_a_wrong_value_is_refused_under_the_name_of_its_field(
        self, site: Site, template: str, field: str
    ) -> None:
        values: list[Any] = [None, 1, 1.5, True, [], {}, ["ada"], "", "x" * 4001]

        named = named_fields(site, template, VALID_BODIES[template], field, values)

        assert named == each(values, field)


def concrete_path(template: str) -> str:
    """The address with 1 for every id."""
    return re.sub(r"\{\w+\}", "1", template)


def methods_of(view: Any) -> set[str]:
    return {name.upper() for name in view.http_method_names if hasattr(view, name)} - {"OPTIONS"}


SIGNED_IN_ROUTES = [
    (path, method)
    for path, view in api_routes()
    if path not in PUBLIC | ABOUT
    for method in sorted(methods_of(view))
]
OTHER_METHODS = [
    (path, method)
    for path, view in api_routes()
    if path not in ABOUT
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE")
    if method not in methods_of(view) | ({"HEAD"} if "GET" in methods_of(view) else set())
]


@pytest.mark.django_db
class TestEveryAddress:
    @pytest.mark.parametrize(("template", "method"), SIGNED_IN_ROUTES)
    def test_the_anonymous_are_told_to_sign_in(self, template: str, method: str) -> None:
        response = generic(APIClient(), method, concrete_path(template), b"{}", "application/json")

        assert type_of(response) is ProblemType.NOT_AUTHENTICATED
        assert response["WWW-Authenticate"] == 'Bearer realm="api"'

    @pytest.mark.parametrize(("template", "method"), OTHER_METHODS)
    def test_any_other_method_is_not_allowed(self, template: str, method: str) -> None:
        client = client_of(User.objects.create(username="boss", role=User.Role.ADMIN))

        response = generic(client, method, concrete_path(template), b"{}", "application/json")

        assert response.status_code == 405
        assert method not in response["Allow"].split(", ")
        if method != "HEAD":
            assert type_of(response) is ProblemType.METHOD_NOT_ALLOWED

    def test_the_write_endpoints_of_learners_are_all_in_the_table_of_this_file(self) -> None:
        posts = {
            path
            for path, view in api_routes()
            if "POST" in methods_of(view) and "/manager/" not in path
        }

        assert posts == set(VALID_BODIES)
