"""The one way a request body enters the API: strict JSON of bounded size.

Django REST framework's own parser lets through what PostgreSQL refuses later (NUL bytes, lone
surrogates), what makes Python give up (deep nesting), and repeated keys, of which one would win
silently. Everything of that kind is answered here with 400.
"""

import json
import math
from collections import Counter
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from django.http import HttpRequest, UnreadablePostError
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request


class BodyTooLarge(APIException):
    status_code = 413
    default_code = "body_too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body is larger than {limit} bytes. Send it in smaller parts.")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _finite(literal: str) -> float:
    number = float(literal)
    if not math.isfinite(number):
        raise ValueError("it holds a number too large to keep")
    return number


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        raise ValueError(f"the key {counts.most_common(1)[0][0]!r} is given twice")
    return members


_DECODER = json.JSONDecoder(
    parse_constant=_refuse_constant, parse_float=_finite, object_pairs_hook=_unique_keys
)


def parse_json(body: bytes) -> Any:
    """Strictly decode UTF-8 JSON.

    Raises `ParseError` that says what is wrong: bytes that are not UTF-8, malformed JSON, NaN or
    Infinity (also as 1e400), a repeated key, too deep a nesting, a number too long to read, a NUL
    character or half of a surrogate pair.
    """
    try:
        text = body.decode("utf-8")
        if text.startswith("\ufeff"):
            raise ValueError("it begins with a byte order mark")
        value = _DECODER.decode(text)
        # Only these escapes can smuggle in what JSON allows and PostgreSQL cannot store.
        if "\\u0000" in text or "\\ud" in text or "\\uD" in text:
            _refuse_unstorable(value)
    except UnicodeDecodeError as error:
        raise ParseError(f"The body is not UTF-8: byte {error.start} is invalid.") from error
    except RecursionError as error:
        raise ParseError("The body is nested too deeply.") from error
    except ValueError as error:
        raise ParseError(f"The body is not valid JSON: {error}.") from error
    return value


def _refuse_unstorable(value: Any) -> None:
    if isinstance(value, str):
        if "\x00" in value:
            raise ParseError("The body holds a NUL character, which cannot be stored.")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise ParseError("The body holds half of a surrogate pair, which is not a character.")
    elif isinstance(value, dict):
        for key, member in value.items():
            _refuse_unstorable(key)
            _refuse_unstorable(member)
    elif isinstance(value, list):
        for element in value:
            _refuse_unstorable(element)


class StrictJSONParser(BaseParser):
    """Reads `application/json`; 413 past `MAX_BODY_BYTES`, 400 for what `parse_json` refuses."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        request = (parser_context or {}).get("request")
        return parse_json(_read(stream, 0 if request is None else _declared_length(request)))


def read_json(request: HttpRequest) -> Any:
    """The body of a request as `StrictJSONParser` reads it; none at all is an empty object.

    Raises `ParseError` and `BodyTooLarge`.
    """
    length = _declared_length(request)
    return parse_json(_read(request, length)) if length else {}


def _read(stream: IO[bytes] | HttpRequest, declared: int) -> bytes:
    if declared > settings.MAX_BODY_BYTES:
        raise BodyTooLarge(settings.MAX_BODY_BYTES)
    try:
        body = stream.read(settings.MAX_BODY_BYTES + 1)
    except UnreadablePostError as error:
        raise ParseError("The body ended before its time.") from error
    if len(body) > settings.MAX_BODY_BYTES:
        raise BodyTooLarge(settings.MAX_BODY_BYTES)
    if len(body) < declared:
        # The server hands on what a broken connection has brought, as if that had been all.
        raise ParseError("The body ended before its time.")
    return body


def _declared_length(request: HttpRequest | Request) -> int:
    """The Content-Length of the request; 0 without one that is a number, as Django has it."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
