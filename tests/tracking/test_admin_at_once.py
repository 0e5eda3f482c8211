"""Content that is deleted while learners are at work on it: nobody sees an error page."""

import time
from concurrent.futures import Future
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from config.admin_site import BUSY, CHANGED
from tests.factories import client_of, make_assignment, make_learner, make_module, make_user
from tests.locks import lock_held_by_another, until_waiting
from tests.tracking.callers import Callers
from tests.tracking.test_admin import address, form_of
from tests.tracking.test_manager_actions_at_once import deadlocks
from tracking.models import Module, Pulse, Resource, ResourceProgress, User

# PostgreSQL looks for a deadlock once a wait has lasted so long.
DEADLOCK_SECONDS = 1.0
PULSE = {"duration_delta": 15, "pulse_id": "019490a0-0000-7000-8000-000000000001"}

pytestmark = [
    pytest.mark.usefixtures("committed"),
    pytest.mark.usefixtures("evidence_adds_up"),
]


class Course:
    """A module of two resources, one of which the admin is about to delete, and two learners."""

    def __init__(self) -> None:
        self.module = make_module(resources=2)
        self.kept, self.deleted = self.module.resources.all()
        # In this order the admin's transaction notes that their figures change.
        self.first, self.second = (make_learner() for _ in range(2))
        for learner in (self.first, self.second):
            make_assignment(learner, self.module)
        boss = make_user("admin", is_staff=True, is_superuser=True)
        self.admin = Client()
        self.admin.force_login(boss)
        self.page = address(Module, "change", self.module.pk)
        self.form = form_of(self.admin, self.page) | {"resources-1-DELETE": "on"}

    def delete(self) -> Any:
        """As the admin's browser does."""
        return self.admin.post(self.page, self.form)

    def pulse(self) -> Any:
        """As the second learner's browser does, again and again until it has an answer."""
        return client_of(self.second).post(
            f"/api/modules/{self.module.pk}/resources/{self.deleted.pk}/complete/",
            PULSE,
            format="json",
        )

    def collide(self, callers: Callers, *, pulse_waits: float) -> tuple[Any, Any]:
        """Have the admin wait for the pulse and the pulse for the admin; both answers.

        The admin has deleted the row and waits for who holds the first learner's; the pulse has
        written all it has to and waits to see whether the row stays.
        """
        with lock_held_by_another(
            f"select from analytics_touched where learner_id = {self.first.pk} for update"
        ):
            deleting: Future[Any] = callers.begin(self.delete)
            until_waiting(1)
            pulsing: Future[Any] = callers.begin(self.pulse)
            until_waiting(2)
            time.sleep(pulse_waits)
        return deleting.result(), pulsing.result()


@pytest.fixture
def course() -> Course:
    return Course()


@pytest.mark.parametrize(
    "pulse_waits", [0.0, 1.5 * DEADLOCK_SECONDS], ids=["the pulse is ended", "the admin is ended"]
)
def test_a_deadlock_is_503_for_the_learner_or_done_again_for_the_admin(
    course: Course, pulse_waits: float
) -> None:
    before = deadlocks()
    with Callers(2) as callers:
        deleted, pulsed = course.collide(callers, pulse_waits=pulse_waits)
        again = course.pulse()

    assert deadlocks() > before
    assert_said(course, deleted)
    assert pulsed.status_code in {200, 503}
    if pulsed.status_code == 503:
        assert pulsed["Content-Type"] == "application/problem+json"
        assert pulsed["Retry-After"] == "5"
    assert_whole(course, again)


def test_a_pulse_that_comes_just_before_keeps_what_it_is_on(course: Course) -> None:
    """The admin's page has looked for what goes along, and the database says no at the end."""
    with Callers(1) as callers:
        with lock_held_by_another(
            f"select from tracking_resource where id = {course.deleted.pk} for key share"
        ):
            deleting = callers.begin(course.delete)
            until_waiting(1)
            pulsed = course.pulse()
        deleted = deleting.result()

    assert pulsed.status_code == 200
    assert_said(course, deleted)
    assert Resource.objects.filter(pk=course.deleted.pk).exists()
    assert_whole(course, course.pulse())


@pytest.mark.parametrize("round_", range(3))
def test_many_at_once_get_an_answer_each(course: Course, round_: int) -> None:
    with Callers(3) as callers:
        deleted, *pulsed = callers.at_once([course.delete, course.pulse, course.pulse])

    assert_said(course, deleted)
    assert {answer.status_code for answer in pulsed} <= {200, 404, 503}
    assert_whole(course, course.pulse())


# --- Helpers ---------------------------------------------------------------------------------


def assert_said(course: Course, response: Any) -> None:
    """The admin is sent on, with the success or with why nothing was saved, and never both."""
    assert response.status_code == 302
    (message,) = [str(message) for message in get_messages(response.wsgi_request)]
    is_there = Resource.objects.filter(pk=course.deleted.pk).exists()
    assert (message in {BUSY, CHANGED}) == is_there, message


def assert_whole(course: Course, again: Any) -> None:
    """The pulse is recorded where the resource is still there; else nothing is left of either."""
    if Resource.objects.filter(pk=course.deleted.pk).exists():
        assert (again.status_code, again.json()["status"]) in {
            (200, "recorded"),
            (200, "duplicate"),
        }
        assert watched(course.second) == [(course.deleted.pk, 15)]
        assert Pulse.objects.count() == 1
    else:
        assert again.status_code == 404
        assert watched(course.second) == []


def watched(learner: User) -> list[tuple[int, int]]:
    return list(
        ResourceProgress.objects.filter(user=learner).values_list(
            "resource_id", "watch_time_seconds"
        )
    )
