from django.urls import path, register_converter
from django.urls.converters import IntConverter

from tracking.views import auth, catalogue, manager, pulses


class RowIdConverter(IntConverter):
    """Whole numbers that fit a PostgreSQL bigint; anything longer is no address of ours."""

    regex = "[0-9]{1,18}"


register_converter(RowIdConverter, "row_id")

urlpatterns = [
    # First what is asked for most: addresses are tried in this order.
    path(
        "modules/<row_id:module>/resources/<row_id:resource>/complete/",
        pulses.PulseView.as_view(),
    ),
    path("tracking/pulses/", pulses.PulseBatchView.as_view()),
    path("auth/token/", auth.TokenView.as_view()),
    path("auth/token/refresh/", auth.RefreshView.as_view()),
    path("auth/logout/", auth.LogoutView.as_view()),
    path("me/", catalogue.MeView.as_view()),
    path("modules/", catalogue.ModuleListView.as_view()),
    path("modules/<row_id:module>/", catalogue.ModuleDetailView.as_view()),
    path("modules/<row_id:module>/quiz/", catalogue.QuizView.as_view()),
    path("modules/<row_id:module>/quiz/attempts/", catalogue.QuizAttemptView.as_view()),
    path("modules/<row_id:module>/assignment/submissions/", catalogue.SubmissionView.as_view()),
    path("manager/assignments/", manager.AssignmentsView.as_view()),
    path("manager/submissions/<row_id:submission>/", manager.SubmissionDetailView.as_view()),
    path("manager/submissions/<row_id:submission>/grade/", manager.GradeView.as_view()),
]
