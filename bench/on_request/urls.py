"""The addresses that are measured."""

from django.urls import path

from bench.on_request import views
from config.health import healthz

urlpatterns = [
    path("healthz", healthz),
    path("bench/empty/", views.EmptyView.as_view()),
    path("bench/on-request/team-summary/", views.TeamSummaryView.as_view()),
    path("bench/on-request/learners/", views.LearnerListView.as_view()),
    path("bench/on-request/<int:learner>/details/", views.LearnerDetailsView.as_view()),
]
