"""Who may ask what, where it depends on the role alone."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


class IsManager(BasePermission):
    """Managers and admins; a learner gets 403. Which learners they see is the scope's business."""

    message = "Only managers and admins see and change what is about other learners."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return getattr(request.user, "role", None) in {"manager", "admin"}
