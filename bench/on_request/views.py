"""An empty view, and the manager endpoints as they would be without precomputed figures."""

from typing import cast

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics.engine import IntelligenceEngine
from analytics.queries.standing import standing_of
from config.permissions import IsManager
from tracking.models import User

PAGE_SIZE = 50


class EmptyView(APIView):
    def get(self, request: Request) -> Response:
        return Response({})


class OnRequestView(APIView):
    permission_classes: list[type[BasePermission]] = [IsManager]

    def learners(self, request: Request) -> QuerySet[User]:
        """The learners in scope; `?learners=` takes so many of them only."""
        learners = User.objects.filter(role=User.Role.LEARNER, is_active=True).order_by("id")
        scope = standing_of(cast("User", request.user).pk).scope
        if scope.team_ids is not None:
            learners = learners.filter(team_id__in=scope.team_ids)
        most = request.query_params.get("learners")
        return learners[: int(most)] if most else learners


class TeamSummaryView(OnRequestView):
    def get(self, request: Request) -> Response:
        return Response(IntelligenceEngine.get_team_snapshot(self.learners(request)))


class LearnerListView(OnRequestView):
    def get(self, request: Request) -> Response:
        page = self.learners(request).order_by("username")[:PAGE_SIZE]
        return Response([IntelligenceEngine.get_learner_snapshot(learner) for learner in page])


class LearnerDetailsView(OnRequestView):
    def get(self, request: Request, learner: int) -> Response:
        """Modules and the learner's own figures: less than the product's details hold."""
        found = get_object_or_404(self.learners(request), pk=learner)
        return Response(
            IntelligenceEngine.get_learner_snapshot(found)
            | {"modules": IntelligenceEngine.get_module_progress(found)}
        )
