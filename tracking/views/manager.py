"""What managers do about the work of their learners: give it, look at it, grade it."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.audit import audit
from config.permissions import IsManager
from config.problems import FieldError, ProblemError, ProblemType
from tracking.assignments import assign, grade_submission
from tracking.models import Module, Submission, User
from tracking.payloads import AssignmentBody, GradeBody, read_payload
from tracking.serializers import (
    AssignmentsResponse,
    GradedSubmissionResponse,
    SubmissionForManagers,
)
from tracking.views.auth import learner_of


class ManagerActionView(APIView):
    permission_classes: list[type[BasePermission]] = [IsManager]


class AssignmentsView(ManagerActionView):
    """Give a module to learners. All of them, or nobody."""

    @extend_schema(request=AssignmentBody, responses={201: AssignmentsResponse})
    def post(self, request: Request) -> Response:
        manager = learner_of(request)
        body = read_payload(AssignmentBody, request.data)
        module = Module.objects.filter(pk=body.module, is_published=True).first()
        missing = _missing_learners(manager, body.learners)
        if module is None:
            missing.insert(0, FieldError("module", "there is no such module"))
        if module is None or missing:
            detail = "; ".join(f"{error.field}: {error.reason}" for error in missing)
            raise ProblemError(ProblemType.NOT_FOUND, detail, errors=missing)
        outcomes = assign(
            module=module,
            learner_ids=body.learners,
            due_at=body.due_at,
            assigned_by=manager,
            assigned_at=timezone.now(),
        )
        results = [
            {
                "learner": outcome.learner_id,
                "assignment": outcome.assignment_id,
                "status": outcome.status,
            }
            for outcome in outcomes
        ]
        return Response({"module": module.pk, "results": results}, status=201)


def _missing_learners(manager: User, learner_ids: list[int]) -> list[FieldError]:
    visible = set(
        User.objects.learners_visible_to(manager)
        .filter(pk__in=learner_ids)
        .values_list("pk", flat=True)
    )
    return [
        FieldError(f"learners.{index}", "there is no such learner that you may see")
        for index, learner_id in enumerate(learner_ids)
        if learner_id not in visible
    ]


class SubmissionDetailView(ManagerActionView):
    """What a learner handed in, and the grade it has."""

    @extend_schema(responses=SubmissionForManagers)
    def get(self, request: Request, submission: int) -> Response:
        found = _visible_submission(learner_of(request), submission)
        audit(
            actor_id=learner_of(request).pk,
            action="read_submission",
            learner_id=found.assignment.user_id,
            detail={"submission": found.pk},
        )
        return Response(_item(found))


class GradeView(ManagerActionView):
    @extend_schema(request=GradeBody, responses=GradedSubmissionResponse)
    def post(self, request: Request, submission: int) -> Response:
        manager = learner_of(request)
        body = read_payload(GradeBody, request.data)
        outcome = grade_submission(
            submission_id=_visible_submission(manager, submission).pk,
            grade=body.grade,
            feedback=body.feedback,
            graded_by=manager,
            graded_at=timezone.now(),
        )
        return Response(
            _item(outcome.submission) | {"assignment_status": outcome.assignment_status}
        )


def _visible_submission(manager: User, submission_id: int) -> Submission:
    found = (
        Submission.objects.filter(
            pk=submission_id, assignment__user__in=User.objects.learners_visible_to(manager)
        )
        .select_related("assignment__user", "assignment__module")
        .first()
    )
    if found is None:
        raise ProblemError(ProblemType.NOT_FOUND, "There is no such submission that you may see.")
    return found


def _item(submission: Submission) -> dict[str, Any]:
    assignment = submission.assignment
    return {
        "id": submission.pk,
        "assignment_id": assignment.pk,
        "learner_id": assignment.user_id,
        "username": assignment.user.username,
        "module_id": assignment.module_id,
        "module_title": assignment.module.title,
        "text": submission.text,
        "url": submission.url,
        "submitted_at": submission.submitted_at,
        "grade": None if submission.grade is None else float(submission.grade),
        "feedback": submission.feedback,
        "graded_at": submission.graded_at,
    }
