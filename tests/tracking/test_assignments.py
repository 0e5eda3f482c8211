"""Assignments: handed in once a key, made on the way where nobody assigned them."""

from typing import Any
from uuid import UUID

import pytest

from config.problems import ProblemType
from tests.config.test_problems import type_of
from tests.factories import ZERO, client_of, make_assignment, make_learner, make_module
from tests.tracking.test_pulses import run_at_once
from tracking.models import Assignment, Module, Submission, User

KEY = UUID("019c4000-0000-7000-8000-00000000000b")


def hand_in(learner: User, module: Module, body: dict[str, str], *, key: UUID | None = None) -> Any:
    headers = {"Idempotency-Key": str(key)} if key else {}
    return client_of(learner).post(
        f"/api/modules/{module.pk}/assignment/submissions/", body, format="json", headers=headers
    )


def submissions_of(learner: User) -> list[tuple[Any, ...]]:
    return list(
        Submission.objects.filter(assignment__user=learner)
        .order_by("pk")
        .values_list("assignment__module_id", "text", "url")
    )


@pytest.mark.django_db
class TestHandingIn:
    def test_the_reply_of_a_submission(self) -> None:
        learner, module = make_learner(), make_module(has_assignment=True)

        response = hand_in(learner, module, {"text": "done", "url": "https://example.org/a"})

        submission = Submission.objects.get()
        body = response.json()
        assert response.status_code == 201
        assert body.pop("submitted_at")
        assert body == {
            "status": "recorded",
            "id": submission.pk,
            "assignment_id": submission.assignment_id,
            "module": {"status": "in_progress", "progress_percent": 0.0},
        }
        assert submissions_of(learner) == [(module.pk, "done", "https://example.org/a")]

    @pytest.mark.parametrize(
        ("body", "kept"),
        [
            ({"text": "done"}, ("done", "")),
            ({"text": "  done\n"}, ("done", "")),
            ({"url": "HTTP://example.org"}, ("", "HTTP://example.org")),
            ({"url": " https://example.org/ü?q=1#x "}, ("", "https://example.org/ü?q=1#x")),
            ({"text": "x" * 100_000}, ("x" * 100_000, "")),
            ({"text": "<script>alert(1)</script>"}, ("<script>alert(1)</script>", "")),
        ],
        ids=lambda value: str(value)[:30],
    )
    def test_a_text_or_an_address_is_enough(
        self, body: dict[str, str], kept: tuple[str, str]
    ) -> None:
        learner, module = make_learner(), make_module(has_assignment=True)

        assert hand_in(learner, module, body).status_code == 201
        assert submissions_of(learner) == [(module.pk, *kept)]

    def test_an_assignment_that_somebody_gave_is_kept_and_marked_submitted(self) -> None:
        learner, module = make_learner(), make_module(has_assignment=True)
        given = make_assignment(learner, module, due_at=ZERO)

        hand_in(learner, module, {"text": "done"})

        assignment = Assignment.objects.get()
        assert (assignment.pk, assignment.due_at, assignment.status) == (
            given.pk,
            ZERO,
            "submitted",
        )

    def test_an_assignment_that_nobody_gave_is_made(self) -> None:
        learner, module = make_learner(), make_module(has_assignment=True)

        hand_in(learner, module, {"text": "done"})

        assignment = Assignment.objects.get()
        assert (assignment.user, assignment.module, assignment.due_at, assignment.status) == (
            learner,
            module,
            None,
            "submitted",
        )

    def test_a_grade_is_not_undone_by_handing_in_again(self) -> None:
        learner, module = make_learner(), make_module(has_assignment=True)
        make_assignment(learner, module)
        Assignment.objects.update(status=Assignment.Status.GRADED)

        hand_in(learner, module, {"text": "better"})

        assert Assignment.objects.get().status == "graded"

    def test_a_module_without_an_assignment_takes_no_submission(self) -> None:
        learner, module = make_learner(), make_module()

        response = hand_in(learner, module, {"text": "done"})

        assert type_of(response) is ProblemType.NOT_FOUND
        assert not Assignment.objects.exists()


@pytest.mark.django_db
class TestIdempotency:
    def test_the_same_content_again_is_a_duplicate(self) -> None:
        learner, module = make_learner(), make_module(has_assignment=True)

        first = hand_in(learner, module, {"text": "done"}, key=KEY)
        again = hand_in(learner, module, {"text": "done "}, key=KEY)

        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json() == first.json() | {"status": "duplicate"}
        assert submissions_of(learner) == [(module.pk, "done", "")]

    @pytest.mark.parametrize(
        "other", [{"text": "other"}, {"text": "done", "url": "https://example.org"}]
    )
    def test_other_content_under_the_same_key_is_refused(self, other: dict[str, str]) -> None:
        learner, module = make_learner(), make_module(has_assignment=True)
        hand_in(learner, module, {"text": "done"}, key=KEY)

        response = hand_in(learner, module, other, key=KEY)

        assert type_of(response) is ProblemType.CONTENT_CONFLICT
        assert submissions_of(learner) == [(module.pk, "done", "")]

    def test_a_key_belongs_to_its_user(self) -> None:
        module = make_module(has_assignment=True)

        replies = [hand_in(make_learner(), module, {"text": "done"}, key=KEY) for _ in range(2)]

        assert [reply.status_code for reply in replies] == [201, 201]

    def test_without_a_key_every_submission_counts(self) -> None:
        learner, module = make_learner(), make_module(has_assignment=True)

        for _ in range(2):
            hand_in(learner, module, {"text": "done"})

        assert submissions_of(learner) == [(module.pk, "done", "")] * 2


@pytest.mark.usefixtures("committed")
class TestConcurrency:
    def test_the_same_submission_many_times_at_once_is_recorded_once(self) -> None:
        learner, module = make_learner(), make_module(has_assignment=True)

        replies = run_at_once(12, lambda: hand_in(learner, module, {"text": "done"}, key=KEY))

        assert sorted(reply.status_code for reply in replies) == [200] * 11 + [201]
        assert submissions_of(learner) == [(module.pk, "done", "")]
        assert Assignment.objects.count() == 1
