"""What stands in a file of statements: JSON, item by item, however it is wrapped."""

import gzip
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ijson


class NotStatements(Exception):
    """The file holds nothing that could be a statement; the message says what it is instead."""


class BrokenFile(Exception):
    """The file breaks off, or is no longer JSON, where the statement `index` should be."""

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(reason)
        self.index = index
        self.reason = reason


@dataclass(frozen=True)
class UnreadableLine:
    reason: str


class _InSmallReads:
    """A stream whose `read` returns what there is, so that an error behind it costs none of it."""

    def __init__(self, stream: io.BufferedReader | gzip.GzipFile) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        return self._stream.read1(size)


def read_items(path: Path) -> Iterator[tuple[int, Any]]:
    """What stands in the file, in order, each with its 0-based index: JSON, or `UnreadableLine`.

    A JSON array or one JSON value a line, plain or compressed by gzip: the content tells. Blank
    lines do not count. Raises `NotStatements`, and `BrokenFile` after the last item that could be
    read.
    """
    try:
        with path.open("rb") as plain:
            is_gzip = plain.peek(2)[:2] == b"\x1f\x8b"
            stream = gzip.GzipFile(fileobj=plain) if is_gzip else plain
            first = _first_byte(stream)
            if not first:
                raise NotStatements("the file is empty")
            yield from _array_items(stream) if first == b"[" else _line_items(stream)
    except OSError as error:
        raise NotStatements(error.strerror or str(error)) from error
    except (EOFError, zlib.error) as error:
        raise NotStatements("the compressed file is damaged") from error


def _first_byte(stream: io.BufferedReader | gzip.GzipFile) -> bytes:
    """The first byte that means something, still to be read."""
    if stream.peek(3)[:3] == b"\xef\xbb\xbf":
        stream.read(3)
    while (byte := stream.peek(1)[:1]) and byte in b" \t\r\n":
        stream.read(1)
    return byte


def _array_items(stream: io.BufferedReader | gzip.GzipFile) -> Iterator[tuple[int, Any]]:
    index = 0
    try:
        for item in ijson.items(_InSmallReads(stream), "item"):
            yield index, item
            index += 1
    except (ijson.JSONError, ValueError, RecursionError) as error:
        raise BrokenFile(index, f"the JSON array is broken here: {_one_line(error)}") from error
    except (EOFError, zlib.error, OSError) as error:
        raise BrokenFile(index, "the compressed file breaks off here") from error


def _line_items(stream: io.BufferedReader | gzip.GzipFile) -> Iterator[tuple[int, Any]]:
    index = 0
    is_json = False
    unreadable: list[tuple[int, UnreadableLine]] = []
    try:
        for line in stream:
            if not line.strip():
                continue
            item = _line_item(line)
            if not is_json and isinstance(item, UnreadableLine):
                unreadable.append((index, item))
            else:
                is_json = True
                yield from unreadable
                unreadable.clear()
                yield index, item
            index += 1
    except (EOFError, zlib.error, OSError) as error:
        if not is_json:
            raise
        raise BrokenFile(index, "the compressed file breaks off here") from error
    if not is_json:
        raise NotStatements("the file is not JSON")


def _line_item(line: bytes) -> Any:
    try:
        return json.loads(line, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        return UnreadableLine(f"the line is not JSON: {_one_line(error)}")


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
