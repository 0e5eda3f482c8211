"""Is the process alive, can it serve, and are the figures good: one address for each question."""

import logging
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from analytics.assertions import faults_of_the_figures
from analytics.queries import read_freshness
from config.problems import ProblemError, Unavailable, problem_response

logger = logging.getLogger(__name__)


def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the process answers at all; asks nothing of anybody else."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """200 while this process can serve, whatever the figures are like; 503 with the reason else.

    What is wrong with the figures is wrong for every process: to take them all away for it would
    keep learners from learning. The figures have `datahealth`.
    """
    try:
        missing = _unapplied_migrations()
        if missing:
            raise Unavailable(f"{missing} migrations are not applied: run manage.py deploy.")
        figures = _figures_or_none()
    except ProblemError as problem:
        return _refusal(request, problem)
    except (DatabaseError, InterfaceError):
        return _refusal(request, Unavailable("The database does not answer."))
    return JsonResponse({"status": "ready", **figures})


def datahealth(request: HttpRequest) -> HttpResponse:
    """200 while the figures are there and recent; 503 that names what is wrong. For alarms."""
    try:
        figures = _figures()
        faults = faults_of_the_figures()
        if faults:
            raise Unavailable(f"{'; '.join(faults)}. manage.py deploy makes all of it anew.")
        if figures["data_status"] == "outdated":
            raise Unavailable(
                f"The figures are {figures['data_freshness_seconds']} seconds old, and the limit"
                f" is {settings.DATA_OUTDATED_SECONDS}: refreshes do not come through."
            )
    except ProblemError as problem:
        return _refusal(request, problem)
    except (DatabaseError, InterfaceError):
        return _refusal(request, Unavailable("The database does not answer."))
    return JsonResponse({"status": "ok", **figures})


def _figures() -> dict[str, Any]:
    """How old they are. Raises a `ProblemError` when there are none, or they cannot be read."""
    freshness = read_freshness()
    return {
        "computed_at": freshness.computed_at.isoformat().replace("+00:00", "Z"),
        "data_freshness_seconds": freshness.age_seconds,
        "data_status": freshness.data_status,
    }


def _figures_or_none() -> dict[str, Any]:
    """The same; without a number where they cannot be read, which is `unknown` and never zero."""
    try:
        figures = _figures()
        if not faults_of_the_figures():
            return figures
    except ProblemError:
        pass
    return {"computed_at": None, "data_freshness_seconds": None, "data_status": "unknown"}


def _unapplied_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _refusal(request: HttpRequest, problem: ProblemError) -> HttpResponse:
    logger.warning("%s: %s", request.path, problem)
    response = problem_response(request, problem)
    # Django would log it a second time, as an error at every probe.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
