"""Every address of the product."""

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config import dashboard, health, metrics, problems

# Swagger UI has a few lines of style in its page, and pictures in its style sheet.
swagger_ui = csp_update({"style-src": [UNSAFE_INLINE], "img-src": ["data:"]})(
    SpectacularSwaggerSplitView.as_view(url_name="schema")
)

urlpatterns = [
    # First what is asked for most: addresses are tried in this order.
    path("api/", include("tracking.urls")),
    path("healthz", health.healthz),
    path("healthz/data", health.datahealth),
    path("readyz", health.readyz),
    path("metrics", metrics.metrics),
    path("admin/", admin.site.urls),
    path("api/analytics/manager/", include("analytics.urls")),
    path("api/problems/", problems.ProblemListView.as_view()),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", swagger_ui),
    re_path(dashboard.PAGES, dashboard.page),
]

handler400 = problems.bad_request
handler403 = problems.permission_denied
handler404 = problems.not_found
handler500 = problems.server_error
