"""Requests that no client of ours would send, byte by byte over real sockets."""

import contextlib
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.faults.people import Learner
from tests.faults.site import Site
from tests.tracking.test_bad_input import CONTENT_TYPES, UNREADABLE

SECONDS = 10
BATCH_PATH = "/api/tracking/pulses/"
VALID = b'{"duration_delta": 15}'


@dataclass(frozen=True)
class Wire:
    """A learner's raw connections to web, one for each request."""

    site: Site
    learner: Learner

    @property
    def path(self) -> str:
        return self.site.people.course.places[0].path

    def statuses(self, request: bytes, *, hangs_up: bool = False) -> tuple[int, ...]:
        """Send those bytes; return the statuses of all that is answered.

        Who hangs up has told the server that no more will come.
        """
        address = ("127.0.0.1", self.site.server.port)
        with socket.create_connection(address, timeout=SECONDS) as connection:
            answered = b""
            try:
                connection.sendall(request)
                if hangs_up:
                    hang_up(connection)
                while data := connection.recv(65_536):
                    answered += data
            except ConnectionError:
                # Closed before it was all sent, or with some of it unread.
                pass
        return tuple(
            int(line.split()[1])
            for line in answered.split(b"\r\n")
            if line.startswith((b"HTTP/1.0 ", b"HTTP/1.1 "))
        )

    def post(
        self,
        body: bytes,
        *,
        path: str = "",
        content_type: bytes = b"application/json",
        length: bytes | None = b"",
        headers: bytes = b"",
        hangs_up: bool = False,
    ) -> tuple[int, ...]:
        """Post a body under a length that is the right one unless another is given."""
        if length is not None:
            headers += b"Content-Length: " + (length or str(len(body)).encode()) + b"\r\n"
        return self.statuses(
            f"POST {path or self.path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            f"Authorization: Bearer {self.learner.access_token}\r\n".encode()
            + (b"Content-Type: " + content_type + b"\r\n" if content_type else b"")
            + headers
            + b"\r\n"
            + body,
            hangs_up=hangs_up,
        )


def hang_up(connection: socket.socket) -> None:
    # The server may have done so first.
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_WR)


@pytest.fixture
def wire(site: Site) -> Wire:
    return Wire(site, site.learner())


@pytest.fixture(autouse=True)
def no_trace(site: Site, wire: Wire) -> Iterator[None]:
    """Whatever is refused leaves no row, and is no surprise to the server."""
    logged = len(site.server.web_log)
    yield
    assert site.rows_of(wire.learner) == 0
    assert "Traceback" not in site.server.web_log[logged:]


class TestJSON:
    def test_a_body_that_cannot_be_read_is_refused(self, wire: Wire) -> None:
        item = json.loads(VALID) | {"module": 1, "resource": 1}
        bodies = {"": VALID, BATCH_PATH: json.dumps({"pulses": [item]}).encode()}

        statuses = {
            (name, path): wire.post(spoil(valid), path=path)
            for path, valid in bodies.items()
            for name, (spoil, _) in UNREADABLE.items()
        }

        assert statuses == {
            (name, path): (expected.status,)
            for path in bodies
            for name, (_, expected) in UNREADABLE.items()
        }

    def test_other_types_of_content_are_refused(self, wire: Wire) -> None:
        statuses = {kind: wire.post(VALID, content_type=kind.encode()) for kind in CONTENT_TYPES}

        assert statuses == dict.fromkeys(CONTENT_TYPES, (415,))

    @pytest.mark.parametrize("path", ["", BATCH_PATH])
    def test_a_character_that_is_cut_off_is_refused(self, wire: Wire, path: str) -> None:
        face = "\U0001f600".encode()
        bodies = [
            b'{"duration_delta": 15, "_trace": "' + face[:bytes_left] + end
            for bytes_left in (1, 2, 3)
            for end in (b"", b'"}')
        ]

        assert [wire.post(body, path=path) for body in bodies] == [(400,)] * len(bodies)

    def test_an_unknown_field_is_refused_by_its_name(self, wire: Wire) -> None:
        with wire.site.client(wire.learner) as client:
            body = json.loads(VALID) | {"duration": 15}
            response = client.request("POST", wire.path, json=body)

        assert response.status_code == 400
        assert [error["field"] for error in response.json()["errors"]] == ["duration"]


# More than there is, and then the client hangs up: a body that was cut off, however it reads.
LENGTHS_BEYOND_THE_BODY = [23, 1000, 262_144, 10**9]
# Less than there is; and lengths that are none.
WRONG_LENGTHS = [
    *(b"0", b"1", b"5", b"21"),
    *(b"-1", b"+22", b"0x16", b"22.0", b"2 2", b"abc", b"22, 23", b"9" * 30),
]

CHUNKED = b"Transfer-Encoding: chunked\r\n"
WRONG_FRAMES = {
    "two lengths": b"Content-Length: 5\r\nContent-Length: 22\r\n",
    "a length and chunks": b"Content-Length: 22\r\n" + CHUNKED,
    "a coding that nobody knows": b"Transfer-Encoding: gzip\r\n",
}
WRONG_CHUNKS = {
    "one byte too short": b"15\r\n" + VALID + b"\r\n0\r\n\r\n",
    "ten bytes too long": b"20\r\n" + VALID + b"\r\n0\r\n\r\n",
    "no number": b"zz\r\n" + VALID + b"\r\n0\r\n\r\n",
    "a negative number": b"-1\r\n" + VALID + b"\r\n0\r\n\r\n",
    "a huge number": b"f" * 20 + b"\r\n" + VALID + b"\r\n0\r\n\r\n",
    "none": b"0\r\n\r\n",
}
WRONG_HEADERS = {
    "a NUL in a name": (b"X-A\x00: a\r\n", 400),
    "a NUL in a value": (b"X-A: a\x00b\r\n", 400),
    "a space in a name": (b"X A: a\r\n", 400),
    "no colon": (b"X-A\r\n", 400),
    "a key that is no text": (b"Idempotency-Key: \xff\r\n", 400),
    "a thousand": (b"X-A: a\r\n" * 1000, 431),
    "a huge one": (b"X-A: " + b"a" * 700_000 + b"\r\n", 431),
}


class TestFrames:
    @pytest.mark.parametrize("length", LENGTHS_BEYOND_THE_BODY)
    def test_a_body_that_ends_before_its_length_is_not_applied(
        self, wire: Wire, length: int
    ) -> None:
        """Also one that happens to be readable as it stands."""
        statuses = wire.post(VALID, length=str(length).encode(), hangs_up=True)

        assert statuses in ((), (400,), (413,))

    def test_a_wrong_length_is_refused(self, wire: Wire) -> None:
        statuses = {length: wire.post(VALID, length=length) for length in WRONG_LENGTHS}

        assert statuses == dict.fromkeys(WRONG_LENGTHS, (400,))

    def test_a_length_that_is_contradicted_is_refused(self, wire: Wire) -> None:
        statuses = {
            name: wire.post(VALID, length=None, headers=headers)
            for name, headers in WRONG_FRAMES.items()
        }

        assert statuses == dict.fromkeys(WRONG_FRAMES, (400,))

    def test_wrong_chunks_are_refused(self, wire: Wire) -> None:
        statuses = {
            name: wire.post(body, length=None, headers=CHUNKED, hangs_up="long" in name)
            for name, body in WRONG_CHUNKS.items()
        }

        assert statuses == dict.fromkeys(WRONG_CHUNKS, (400,))

    def test_more_than_the_limit_is_refused_however_it_is_framed(self, wire: Wire) -> None:
        body = b" " * 262_144 + VALID
        chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)

        assert wire.post(body) == (413,)
        assert wire.post(chunks, length=None, headers=CHUNKED) == (413,)

    def test_wrong_headers_are_refused(self, wire: Wire) -> None:
        statuses = {
            name: wire.post(VALID, headers=headers) for name, (headers, _) in WRONG_HEADERS.items()
        }

        assert statuses == {name: (expected,) for name, (_, expected) in WRONG_HEADERS.items()}

    def test_what_is_no_http_does_not_disturb_anybody(self, wire: Wire) -> None:
        noises = [
            b"",
            b"\r\n\r\n",
            b"GET",
            b"POST /",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01" + bytes(200),
            bytes(range(256)) * 100,
        ]

        answers = [wire.statuses(noise, hangs_up=True) for noise in noises]

        assert {status for statuses in answers for status in statuses} <= {400}
        wire.site.server.until_serving()
