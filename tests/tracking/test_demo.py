"""The demo: loaded once, for the embedded database only, and in agreement with its ledger."""

import time
import tomllib
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import PurePosixPath
from typing import Any

import pytest
from django.apps import apps
from django.contrib.staticfiles import finders
from django.core.management import CommandError, call_command
from django.db.models import Max, Sum

from config.embedded.addresses import CHECKOUT
from tracking.demo import DEMO_TEAM, HABITS, load_demo
from tracking.models import (
    Assignment,
    LearningSession,
    Module,
    ModuleProgress,
    Pulse,
    Question,
    QuizAttempt,
    Resource,
    ResourceProgress,
    Submission,
    Team,
    User,
)
from tracking.simulator import SIMULATED_TEAM

NOW = datetime(2026, 3, 20, 15, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def everything() -> dict[str, list[tuple[Any, ...]]]:
    return {
        model.__name__: sorted(model._default_manager.values_list(), key=str)
        for model in apps.get_app_config("tracking").get_models()
    }


def test_second_load_changes_nothing(settings: Any) -> None:
    settings.EMBEDDED = True
    first, second = StringIO(), StringIO()
    started = time.monotonic()
    call_command("demo", stdout=first)
    assert time.monotonic() - started < 20
    before = everything()

    call_command("demo", stdout=second)

    assert everything() == before
    assert first.getvalue() == "The demo is loaded: admin, manager and learner, password demo.\n"
    assert second.getvalue() == "The demo is there already; nothing was changed.\n"


def test_refused_for_any_other_database(settings: Any) -> None:
    settings.EMBEDDED = False
    before = everything()

    with pytest.raises(CommandError, match="embedded database only"):
        call_command("demo")

    assert everything() == before


def test_what_is_loaded() -> None:
    """One load for all of it, as it takes seconds."""
    assert load_demo(NOW)

    check_accounts()
    check_catalogue_can_be_learned()
    check_counters_agree_with_the_ledger()
    check_kinds_of_learners()
    check_nothing_is_from_the_future()


def test_every_load_is_the_same() -> None:
    assert load_demo(NOW)
    first = history()
    User.objects.all().delete()
    Team.objects.filter(is_default=False).delete()

    assert load_demo(NOW)

    assert history() == first


def history() -> list[tuple[Any, ...]]:
    return sorted(
        Pulse.objects.values_list(
            "user__username", "resource__title", "pulse_id", "duration_delta", "occurred_at"
        )
    )


def check_accounts() -> None:
    assert [
        (user.username, user.role, user.is_staff, user.is_superuser, user.check_password("demo"))
        for user in User.objects.filter(username__in=["admin", "manager", "learner"]).order_by("pk")
    ] == [
        ("admin", "admin", True, True, True),
        ("manager", "manager", False, False, True),
        ("learner", "learner", False, False, True),
    ]
    manager = User.objects.get(username="manager")
    assert set(manager.managed_teams.values_list("name", flat=True)) == {DEMO_TEAM, SIMULATED_TEAM}
    assert Team.objects.get(name=DEMO_TEAM).members.filter(role="learner").count() == 31
    assert sum(habit.learners for habit in HABITS) == 30


def check_catalogue_can_be_learned() -> None:
    modules = Module.objects.all()
    assert [module.resources.count() for module in modules] == [4, 3, 4, 3]
    assert sum(module.has_assignment for module in modules) == 2
    assert [module.quiz.questions.count() for module in modules] == [5, 4, 4, 3]
    for question in Question.objects.all():
        assert question.choices.filter(is_correct=True).count() == 1
    for video in Resource.objects.filter(kind="video"):
        assert 120 <= (video.duration_seconds or 0) <= 900
    made = tomllib.loads((CHECKOUT / "frontend" / "media" / "videos.toml").read_text())
    for resource in Resource.objects.all():
        file = PurePosixPath(resource.url.removeprefix("/static/"))
        assert finders.find(str(file)), f"{resource.url} is not there"
        if resource.kind == "video":
            assert made[file.stem]["seconds"] == resource.duration_seconds


def check_counters_agree_with_the_ledger() -> None:
    pulses = Pulse.objects.values_list("user_id", "resource_id")
    assert set(pulses.annotate(total=Sum("duration_delta"))) == set(
        ResourceProgress.objects.values_list("user_id", "resource_id", "watch_time_seconds")
    )
    by_module = LearningSession.objects.values_list("user_id", "module_id")
    assert set(by_module.annotate(total=Sum("focus_duration_seconds"))) == set(
        Pulse.objects.values_list("user_id", "module_id").annotate(total=Sum("duration_delta"))
    )


def check_kinds_of_learners() -> None:
    latest = dict(
        ModuleProgress.objects.values_list("user_id").annotate(latest=Max("last_accessed"))
    )
    kinds = Counter(
        _recency(latest.get(pk))
        for pk in User.objects.filter(team__name=DEMO_TEAM, role="learner").values_list(
            "pk", flat=True
        )
    )
    assert set(kinds) == {"active", "idle", "inactive", "not started"}
    assert (kinds["inactive"], kinds["not started"]) == (5, 3)
    completed = Counter(
        ModuleProgress.objects.filter(status="completed").values_list("user__username", flat=True)
    )
    assert sum(count == Module.objects.count() for count in completed.values()) == 4
    assert Assignment.objects.filter(status="assigned", due_at__lt=NOW).count() > 5


def _recency(latest: datetime | None) -> str:
    if latest is None:
        return "not started"
    if NOW - latest <= timedelta(hours=24):
        return "active"
    return "idle" if NOW - latest <= timedelta(hours=72) else "inactive"


def check_nothing_is_from_the_future() -> None:
    assert Pulse.objects.filter(occurred_at__gt=NOW).count() == 0
    assert Pulse.objects.filter(is_clamped=True).count() == 0
    assert QuizAttempt.objects.filter(timestamp__gt=NOW).count() == 0
    assert Submission.objects.filter(submitted_at__gt=NOW).count() == 0
    assert Pulse.objects.filter(occurred_at__lt=NOW - timedelta(days=29)).count() == 0
