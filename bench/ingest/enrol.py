"""Fills the database of a run: the course, its learners, and the baseline's tables.

A process of its own, as it needs Django with the baseline's settings. Prints the learners as JSON:
pairs of id and access token.
"""

import json
import os
import sys

import django
from django.core.management import call_command

from bench.ingest import classroom


def main() -> None:
    """Enrol as many learners as the one argument says."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.baseline.settings"
    django.setup()
    # The baseline's tables: an application without migrations.
    call_command("migrate", run_syncdb=True, verbosity=0)
    make_course()
    json.dump(make_learners(int(sys.argv[1])), sys.stdout)


def make_course() -> None:
    """Make modules and resources with the ids that `classroom` speaks of.

    Half of the modules have a quiz and a quarter an assignment, which nobody does: some modules are
    completed in the course of a run and others stay open, and each is looked at by every pulse.
    """
    from tracking.models import Module, Quiz, Resource  # noqa: PLC0415

    modules = Module.objects.bulk_create(
        Module(
            id=number,
            title=f"Module {number}",
            has_quiz=number % 2 == 0,
            has_assignment=number % 4 == 0,
        )
        for number in range(1, classroom.MODULES + 1)
    )
    Quiz.objects.bulk_create(Quiz(module=module) for module in modules if module.has_quiz)
    Resource.objects.bulk_create(
        Resource(
            id=number,
            module_id=classroom.module_of(number),
            title=f"Video {number}",
            duration_seconds=classroom.RESOURCE_SECONDS,
        )
        for number in range(1, classroom.RESOURCES + 1)
    )


def make_learners(count: int) -> list[tuple[int, str]]:
    """Make learners with the ids 1 to `count`; return each with an access token."""
    from tracking.models import Team, User  # noqa: PLC0415
    from tracking.tokens import access_token_for  # noqa: PLC0415

    team = Team.objects.get(is_default=True)
    learners = User.objects.bulk_create(
        User(id=number, username=f"learner-{number}", password="!", team=team)
        for number in range(1, count + 1)
    )
    return [(learner.pk, access_token_for(learner)) for learner in learners]


if __name__ == "__main__":
    main()
