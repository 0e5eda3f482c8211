"""How fast managers are answered: each kind of request in turn, one at a time and at full rate."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

import httpx

from bench.errors import BenchmarkError
from bench.processes import Running
from bench.refresh.load import Order
from bench.refresh.population import Population
from bench.servers import Application, run_python
from bench.traffic import Answers

MANAGER = "/api/analytics/manager"
APPLICATIONS = {
    "product": Application(),
    # Nothing is kept: every answer is the first of its kind since the refresh.
    "anew": Application(environment={"ANSWER_MEMORY_MB": "0"}),
    "on_request": Application("bench.on_request.wsgi:application"),
}
# Enough that every thread of both web workers has a request.
CONNECTIONS = 16
# On request two of them keep both cores busy for seconds.
ON_REQUEST_CONNECTIONS = 2
# As many learners of the whole installation as are worked out on request, to tell what all take.
SAMPLES = (500, 2000)
SAMPLE_TIMEOUT_SECONDS = 300


class Question(StrEnum):
    """What is asked: by the manager of one team of 500, unless it says otherwise."""

    EMPTY = "empty"
    TEAM_SUMMARY = "team-summary"
    LEARNERS = "learners"
    # The team summary again, by somebody who has it.
    NOT_MODIFIED = "not modified"
    DETAILS = "details"
    # By an admin, over the whole installation.
    ALL_SUMMARY = "team-summary of all"
    # The same where no answer is kept from before.
    TEAM_SUMMARY_ANEW = "team-summary anew"
    LEARNERS_ANEW = "learners anew"
    DETAILS_ANEW = "details anew"
    ALL_SUMMARY_ANEW = "team-summary of all anew"
    TEAM_SUMMARY_ON_REQUEST = "team-summary on request"
    LEARNERS_ON_REQUEST = "learners on request"
    DETAILS_ON_REQUEST = "details on request"

    @property
    def is_on_request(self) -> bool:
        return self.value.endswith(" on request")


@dataclass(frozen=True)
class Reading:
    """What was measured: latencies of one request at a time, and the rate of many at once."""

    question: Question
    latency_ms: dict[str, float]
    requests_per_second: float
    bytes: int


@dataclass(frozen=True)
class Sample:
    """The team summary of so many learners of the installation, worked out on request."""

    learners: int
    seconds: float


@dataclass(frozen=True)
class Managers:
    """Who asks: access tokens."""

    manager: str
    admin: str


@dataclass(frozen=True)
class Terms:
    warmup_seconds: float
    seconds: float


@dataclass(frozen=True)
class Reader:
    """Asks the web processes."""

    webs: Mapping[str, Running]
    managers: Managers
    environment: Mapping[str, str]

    def measure(self, question: Question, terms: Terms) -> Reading:
        """Ask one question for a while. Raises BenchmarkError for any answer but the right one."""
        alone = self._ask(question, terms, connections=1)
        many = ON_REQUEST_CONNECTIONS if question.is_on_request else CONNECTIONS
        at_once = self._ask(question, terms, connections=many)
        return Reading(
            question=question,
            latency_ms=alone.latency_ms,
            requests_per_second=round(at_once.count / at_once.seconds, 3),
            bytes=len(self._once(question).content),
        )

    def sample(self, learners: int) -> Sample:
        """Work out the summary of so many learners on request, once. Raises BenchmarkError."""
        begun = time.monotonic()
        self._get(
            self.webs["on_request"],
            f"/bench/on-request/team-summary/?learners={learners}",
            self.managers.admin,
        )
        return Sample(learners, round(time.monotonic() - begun, 3))

    def _ask(self, question: Question, terms: Terms, *, connections: int) -> Answers:
        web, path, token = self._address(question)
        headers = {"Authorization": f"Bearer {token}"}
        if question is Question.NOT_MODIFIED:
            headers["If-None-Match"] = self._once(question).headers["ETag"]
        order = Order(
            port=web.port,
            path=path,
            headers=headers,
            status=304 if question is Question.NOT_MODIFIED else 200,
            connections=connections,
            warmup_seconds=terms.warmup_seconds,
            seconds=terms.seconds,
        )
        printed = run_python(
            ["-m", "bench.refresh.load"], self.environment, stdin=json.dumps(asdict(order))
        )
        answers = Answers(**json.loads(printed))
        if not answers.count:
            raise BenchmarkError(f"{question} was not answered in {answers.seconds} s")
        return answers

    def _once(self, question: Question) -> httpx.Response:
        return self._get(*self._address(question))

    def _get(self, web: Running, path: str, token: str) -> httpx.Response:
        try:
            response = httpx.get(
                f"http://127.0.0.1:{web.port}{path}",
                headers={"Authorization": f"Bearer {token}"},
                timeout=SAMPLE_TIMEOUT_SECONDS,
                trust_env=False,
            )
        except httpx.HTTPError as error:
            raise BenchmarkError(f"{path} was not answered: {error!r}") from error
        if response.status_code != 200:
            raise BenchmarkError(f"{path} answered {response.status_code}: {response.text[:1000]}")
        return response

    def _address(self, question: Question) -> tuple[Running, str, str]:
        """Who is asked for what by whom. Learner 1 is in the manager's team."""
        product, anew, on_request = (self.webs[name] for name in APPLICATIONS)
        manager, admin = self.managers.manager, self.managers.admin
        return {
            Question.EMPTY: (on_request, "/bench/empty/", manager),
            Question.TEAM_SUMMARY: (product, f"{MANAGER}/team-summary/", manager),
            Question.NOT_MODIFIED: (product, f"{MANAGER}/team-summary/", manager),
            Question.LEARNERS: (product, f"{MANAGER}/learners/?page_size=50", manager),
            Question.DETAILS: (product, f"{MANAGER}/1/details/", manager),
            Question.ALL_SUMMARY: (product, f"{MANAGER}/team-summary/", admin),
            Question.TEAM_SUMMARY_ANEW: (anew, f"{MANAGER}/team-summary/", manager),
            Question.LEARNERS_ANEW: (anew, f"{MANAGER}/learners/?page_size=50", manager),
            Question.DETAILS_ANEW: (anew, f"{MANAGER}/1/details/", manager),
            Question.ALL_SUMMARY_ANEW: (anew, f"{MANAGER}/team-summary/", admin),
            Question.TEAM_SUMMARY_ON_REQUEST: (
                on_request,
                "/bench/on-request/team-summary/",
                manager,
            ),
            Question.LEARNERS_ON_REQUEST: (on_request, "/bench/on-request/learners/", manager),
            Question.DETAILS_ON_REQUEST: (on_request, "/bench/on-request/1/details/", manager),
        }[question]


def sign_in(population: Population, environment: Mapping[str, str]) -> Managers:
    """Return tokens of the manager of the first team and of the admin."""
    ids = [str(population.first_manager), str(population.admin)]
    manager, admin = json.loads(run_python(["-m", "bench.refresh.sign_in", *ids], environment))
    return Managers(manager, admin)
