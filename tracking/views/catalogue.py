"""What there is to learn, with the learner's own progress; quizzes; assignments."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Prefetch, Sum
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.problems import FieldError, InvalidInput
from tracking.assignments import submit
from tracking.completion import ModuleState, module_states
from tracking.models import (
    LearningSession,
    Module,
    ModuleProgress,
    Question,
    Quiz,
)
from tracking.payloads import QuizAnswers, SubmissionBody, read_payload
from tracking.pulses import resource_states
from tracking.quizzes import record_attempt
from tracking.serializers import (
    AttemptResponse,
    MeResponse,
    ModuleDetail,
    ModuleListItem,
    QuizDetail,
    SubmissionResponse,
)
from tracking.views.auth import learner_of
from tracking.views.idempotency import IDEMPOTENCY_KEY, idempotency_key


def _module_item(module: Module, state: ModuleState) -> dict[str, Any]:
    return {
        "id": module.pk,
        "title": module.title,
        "status": state.status,
        "progress_percent": state.progress_percent,
        "has_quiz": module.has_quiz,
        "has_assignment": module.has_assignment,
    }


def _state(state: ModuleState) -> dict[str, Any]:
    return {"status": state.status, "progress_percent": state.progress_percent}


class ModuleListView(APIView):
    @extend_schema(responses=ModuleListItem(many=True))
    def get(self, request: Request) -> Response:
        modules = list(Module.objects.filter(is_published=True))
        states = module_states(learner_of(request).pk, [module.pk for module in modules])
        return Response([_module_item(module, states[module.pk]) for module in modules])


class ModuleDetailView(APIView):
    @extend_schema(responses=ModuleDetail)
    def get(self, request: Request, module: int) -> Response:
        found = get_object_or_404(Module, pk=module, is_published=True)
        state = module_states(learner_of(request).pk, [found.pk])[found.pk]
        resources = list(found.resources.all())
        standing = resource_states(learner_of(request).pk, [resource.pk for resource in resources])
        return Response(
            _module_item(found, state)
            | {
                "resources": [
                    {
                        "id": resource.pk,
                        "title": resource.title,
                        "kind": resource.kind,
                        "url": resource.url,
                        "duration_seconds": resource.duration_seconds,
                        "completed": standing[resource.pk].completed,
                        "watch_time_seconds": standing[resource.pk].watch_time_seconds,
                        "covered_percent": standing[resource.pk].covered_percent,
                    }
                    for resource in resources
                ]
            }
        )


class QuizView(APIView):
    """The questions, without the answers."""

    @extend_schema(responses=QuizDetail)
    def get(self, request: Request, module: int) -> Response:
        quiz = get_object_or_404(
            Quiz.objects.prefetch_related(
                Prefetch("questions", Question.objects.prefetch_related("choices"))
            ),
            module_id=module,
            module__is_published=True,
        )
        return Response(QuizDetail(quiz).data)


class QuizAttemptView(APIView):
    @extend_schema(
        request=QuizAnswers,
        responses={200: AttemptResponse, 201: AttemptResponse},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request, module: int) -> Response:
        quiz = get_object_or_404(Quiz, module_id=module, module__is_published=True)
        body = read_payload(QuizAnswers, request.data)
        outcome = record_attempt(
            learner=learner_of(request),
            quiz=quiz,
            answers=body.answers,
            received_at=timezone.now(),
            idempotency_key=idempotency_key(request),
        )
        attempt = outcome.attempt
        return Response(
            {
                "status": "duplicate" if outcome.is_duplicate else "recorded",
                "id": attempt.pk,
                "score": float(attempt.score),
                "passed": attempt.passed,
                "pass_score": quiz.pass_score,
                "module": _state(outcome.module),
                "timestamp": attempt.timestamp,
            },
            status=200 if outcome.is_duplicate else 201,
        )


class SubmissionView(APIView):
    @extend_schema(
        request=SubmissionBody,
        responses={200: SubmissionResponse, 201: SubmissionResponse},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request, module: int) -> Response:
        found = get_object_or_404(Module, pk=module, is_published=True, has_assignment=True)
        body = read_payload(SubmissionBody, request.data)
        if not body.text and not body.url:
            raise InvalidInput([FieldError("text", "is required when there is no url")])
        outcome = submit(
            learner=learner_of(request),
            module=found,
            text=body.text,
            url=body.url,
            received_at=timezone.now(),
            idempotency_key=idempotency_key(request),
        )
        submission = outcome.submission
        return Response(
            {
                "status": "duplicate" if outcome.is_duplicate else "recorded",
                "id": submission.pk,
                "assignment_id": submission.assignment_id,
                "submitted_at": submission.submitted_at,
                "module": _state(outcome.module),
            },
            status=200 if outcome.is_duplicate else 201,
        )


def _minutes(seconds: int) -> float:
    """One decimal, halves up: as the views round it for the manager."""
    return float((Decimal(seconds) / 60).quantize(Decimal("0.1"), ROUND_HALF_UP))


class MeView(APIView):
    """Who I am, my role, my progress."""

    @extend_schema(responses=MeResponse)
    def get(self, request: Request) -> Response:
        user = learner_of(request)
        statuses = list(ModuleProgress.objects.filter(user=user).values_list("status", flat=True))
        focus_seconds = LearningSession.objects.filter(user=user).aggregate(
            total=Sum("focus_duration_seconds")
        )["total"]
        return Response(
            {
                "id": user.pk,
                "username": user.username,
                "full_name": user.get_full_name(),
                "role": user.role,
                "team": user.team.name,
                "modules_completed": statuses.count(ModuleProgress.Status.COMPLETED),
                "modules_in_progress": statuses.count(ModuleProgress.Status.IN_PROGRESS),
                "total_focus_mins": _minutes(focus_seconds or 0),
            }
        )
