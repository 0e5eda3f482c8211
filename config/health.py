"""Is the process alive, and can it serve."""

import logging

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from analytics.build import unpopulated_views
from analytics.queries import read_freshness
from config.problems import ProblemError, Unavailable, problem_response

logger = logging.getLogger(__name__)


def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the process answers at all; asks nothing of anybody else."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """200 with the age of the figures; 503 with the reason until they can be served."""
    try:
        missing = _unapplied_migrations()
        if missing:
            raise Unavailable(f"{missing} migrations are not applied: run manage.py deploy.")
        freshness = read_freshness()
        empty = unpopulated_views()
        if empty:
            raise Unavailable(f"No refresh has filled {', '.join(empty)} yet.")
    except ProblemError as problem:
        return _not_ready(request, problem)
    except (DatabaseError, InterfaceError):
        return _not_ready(request, Unavailable("The database does not answer."))
    return JsonResponse(
        {
            "status": "ready",
            "computed_at": freshness.computed_at.isoformat().replace("+00:00", "Z"),
            "data_freshness_seconds": freshness.age_seconds,
            "data_status": freshness.data_status,
        }
    )


def _unapplied_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _not_ready(request: HttpRequest, problem: ProblemError) -> HttpResponse:
    logger.warning("not ready: %s", problem)
    response = problem_response(request, problem)
    # Django would log it a second time, as an error at every probe.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
