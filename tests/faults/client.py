"""A learner's browser: keeps the id of each pulse until it has an answer."""

import datetime as dt
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import httpx

from tests.faults.connection import local_client
from tests.faults.history import Answer, Attempt, History, SentPulse
from tests.faults.people import Learner

BATCH_PATH = "/api/tracking/pulses/"
DELIVERY_SECONDS = 60
PAUSE_SECONDS = 0.2


class Undeliverable(AssertionError):
    """A pulse had no answer for as long as the client kept trying."""


class Client:
    """One connection of one learner; every try goes into the history."""

    def __init__(
        self,
        learner: Learner,
        base_url: str,
        history: History,
        *,
        keeps_alive: bool = True,
        timeout: float = 30,
    ) -> None:
        self.learner = learner
        self._history = history
        self._http = local_client(
            base_url=base_url,
            headers={"Authorization": f"Bearer {learner.access_token}"},
            limits=httpx.Limits(max_keepalive_connections=1 if keeps_alive else 0),
            timeout=timeout,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Ask for something that is no pulse."""
        return self._http.request(method, path, **options)

    def try_once(self, pulse: SentPulse, **members: Any) -> Answer:
        """Send one pulse by itself, with further members of the body if given."""
        response = self._post(pulse.place.path, pulse.body | members)
        return self._note_one(pulse, response)

    def send(self, pulse: SentPulse) -> httpx.Response:
        """The same, for who wants to see the answer; there has to be one."""
        response = self._post(pulse.place.path, pulse.body)
        self._note_one(pulse, response)
        assert response is not None, f"no answer to {pulse}"
        return response

    def try_batch(
        self, pulses: Sequence[SentPulse], *, sent_at: dt.datetime | None = None
    ) -> list[Answer]:
        """Send pulses together; one answer for each, in order."""
        body: dict[str, Any] = {"pulses": [pulse.addressed_body for pulse in pulses]}
        if sent_at is not None:
            body["sent_at"] = sent_at.isoformat()
        response = self._post(BATCH_PATH, body)
        if response is not None and response.status_code == 200:
            results = response.json()["results"]
            answers = [_answer_of(response, result) for result in results]
        else:
            answers = [_answer_of(response, {})] * len(pulses)
        self._note(pulses, answers, response)
        return answers

    def deliver(self, *pulses: SentPulse, seconds: float = DELIVERY_SECONDS) -> list[Answer]:
        """Send the same again until each has an answer; one goes alone, several go together.

        Raises Undeliverable when there is none in time.
        """
        deadline = time.monotonic() + seconds
        while True:
            answers = [self.try_once(*pulses)] if len(pulses) == 1 else self.try_batch(pulses)
            if Answer.UNKNOWN not in answers:
                return answers
            if time.monotonic() > deadline:
                raise Undeliverable(f"no answer for {seconds} s: {pulses}")
            time.sleep(PAUSE_SECONDS)

    def request_bytes(self, pulse: SentPulse) -> int:
        """How many bytes one try of that pulse takes on the wire, headers and all."""
        request = self._http.build_request("POST", pulse.place.path, json=pulse.body)
        line = f"POST {request.url.raw_path.decode()} HTTP/1.1\r\n"
        headers = sum(len(name) + len(value) + 4 for name, value in request.headers.raw)
        return len(line) + headers + len("\r\n") + len(request.content)

    def _post(self, path: str, body: dict[str, Any]) -> httpx.Response | None:
        try:
            return self._http.post(path, json=body)
        except httpx.TransportError:
            return None

    def _note_one(self, pulse: SentPulse, response: httpx.Response | None) -> Answer:
        answer = _answer_of(response, {} if response is None else response.json())
        self._note([pulse], [answer], response)
        return answer

    def _note(
        self,
        pulses: Sequence[SentPulse],
        answers: Sequence[Answer],
        response: httpx.Response | None,
    ) -> None:
        status = None if response is None else response.status_code
        self._history.add(
            Attempt(self.learner.id, pulse, answer, status)
            for pulse, answer in zip(pulses, answers, strict=True)
        )


def _answer_of(response: httpx.Response | None, result: dict[str, Any]) -> Answer:
    """`result` is the part of the body that is about the pulse."""
    if response is None or response.status_code >= 500:
        return Answer.UNKNOWN
    if response.status_code != 200 or result["status"] == "rejected":
        return Answer.REFUSED
    return Answer(result["status"])
