"""The two addresses that are measured."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from bench.baseline import views


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


urlpatterns = [
    path("healthz", healthz),
    path(
        "api/modules/<int:module>/resources/<int:resource>/complete/",
        views.UpdateResourceProgressView.as_view(),
    ),
    path("api/tracking/pulses/", views.BatchView.as_view()),
]
