"""Statements into the database: learners, the catalogue, and one pulse a statement.

There is no transaction around an import, only one for each learner: ids that count once make an
import that was interrupted complete when it is run again.
"""

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid5

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q, Sum

from tracking.models import Module, Pulse, Resource, Team, User
from tracking.pulses import PulseClaim, PulseStatus, record_pulses
from tracking.xapi.archive import read_archive
from tracking.xapi.report import ImportReport, OnProblem, OnProgress
from tracking.xapi.segments import round_half_up
from tracking.xapi.statement import NAMESPACE, VideoFacts, VideoKey, Viewing

CHUNK = 500
SESSION_TRACE = "xapi_session"

T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """Where a video stands in the catalogue."""

    module_id: int
    resource_id: int


def import_statements(
    path: Path,
    *,
    team_name: str | None,
    shift_to_now: bool,
    received_at: dt.datetime,
    on_problem: OnProblem,
    on_progress: OnProgress,
) -> ImportReport:
    """Read the file, then record each learner's statements; what it came to.

    New learners come into the team named `team_name` (made if there is none), or into the default
    team. With `shift_to_now` the newest statement counts as of `received_at` and all others move
    with it. `on_problem` hears the 0-based index of a statement that was skipped and why;
    `on_progress` how many learners of how many are done. Raises `NotStatements`, having written
    nothing.
    """
    report = ImportReport()
    archive = read_archive(path, report, on_problem)
    if not archive.viewings:
        return report
    by_learner = archive.by_learner()
    learner_ids = _ensure_learners(by_learner, team_name, report)
    places = _ensure_videos(
        {viewing.video: archive.videos[viewing.video] for _, viewing in archive.viewings.values()},
        report,
    )
    offset = received_at - archive.newest_at if shift_to_now else dt.timedelta(0)
    for done, (learner, statements) in enumerate(by_learner.items(), start=1):
        _record_learner(
            learner_ids[learner], statements, places, received_at, offset, report, on_problem
        )
        on_progress(done, len(by_learner))
    return report


def _ensure_learners(
    usernames: Iterable[str], team_name: str | None, report: ImportReport
) -> dict[str, int]:
    wanted = list(usernames)
    found = _learner_ids(wanted)
    missing = [username for username in wanted if username not in found]
    if missing:
        team = Team.objects.get_or_create(name=team_name)[0] if team_name else None
        User.objects.bulk_create(
            [
                User(username=username, password=make_password(None), team=team)
                for username in missing
            ],
            batch_size=CHUNK,
            ignore_conflicts=True,
        )
        found |= _learner_ids(missing)
    report.learners = len(wanted)
    report.learners_created = len(missing)
    return found


def _learner_ids(usernames: Iterable[str]) -> dict[str, int]:
    return {
        username: pk
        for chunk in _chunks(usernames)
        for username, pk in User.objects.filter(username__in=chunk).values_list("username", "pk")
    }


def _ensure_videos(
    videos: dict[VideoKey, VideoFacts], report: ImportReport
) -> dict[VideoKey, Place]:
    """Every course a module, every video a resource; a known length only ever grows."""
    places: dict[VideoKey, Place] = {}
    modules: dict[str, Module] = {}
    for key, facts in sorted(videos.items()):
        if key.course not in modules:
            modules[key.course], is_new = Module.objects.get_or_create(
                external_id=key.course, defaults={"title": facts.course_title}
            )
            report.modules_created += is_new
        module = modules[key.course]
        duration = math.ceil(facts.length) or None
        resource, is_new = Resource.objects.get_or_create(
            module=module,
            external_id=key.video,
            defaults={
                "title": facts.title,
                "kind": Resource.Kind.VIDEO,
                "duration_seconds": duration,
                "position": min(module.resources.count() + 1, 32_767),
            },
        )
        report.videos_created += is_new
        if duration:
            Resource.objects.filter(
                Q(duration_seconds__isnull=True) | Q(duration_seconds__lt=duration), pk=resource.pk
            ).update(duration_seconds=duration)
        places[key] = Place(module.pk, resource.pk)
    report.modules = len(modules)
    report.videos = len(places)
    return places


def _record_learner(
    learner_id: int,
    statements: list[tuple[int, str, Viewing]],
    places: dict[VideoKey, Place],
    received_at: dt.datetime,
    clock_offset: dt.timedelta,
    report: ImportReport,
    on_problem: OnProblem,
) -> None:
    with transaction.atomic():
        # Two imports at once take turns: what a session still lacks is read here, then written.
        User.objects.select_for_update(no_key=True).only("pk").get(pk=learner_id)
        # By module first, as locks on modules are taken in the order of their ids.
        statements = sorted(
            statements, key=lambda of: (places[of[2].video].module_id, of[2].occurred_at, of[1])
        )
        claims = _claims(learner_id, statements, places)
        for chunk in _chunks(zip(statements, claims, strict=True)):
            batch = record_pulses(
                learner_id=learner_id,
                claims=[claim for _, claim in chunk],
                received_at=received_at,
                clock_offset=clock_offset,
                max_age=None,
            )
            for ((index, _, _), claim), outcome in zip(chunk, batch, strict=True):
                if outcome.status is PulseStatus.RECORDED:
                    report.recorded += 1
                    report.watched_seconds += claim.duration_delta
                elif outcome.status is PulseStatus.DUPLICATE:
                    report.known += 1
                else:
                    report.rejected += 1
                    on_problem(index, f"not recorded: {outcome.problem}")


def _claims(
    learner_id: int, statements: list[tuple[int, str, Viewing]], places: dict[VideoKey, Place]
) -> list[PulseClaim]:
    """One claim a statement, in order. A statement that is in the ledger says again what it said;
    a new one adds what its session still lacks."""
    pulse_ids = [uuid5(NAMESPACE, identifier) for _, identifier, _ in statements]
    recorded = _recorded_deltas(learner_id, pulse_ids)
    counted = _counted_seconds(
        learner_id, {places[viewing.video].module_id for _, _, viewing in statements}
    )
    claims = []
    for pulse_id, (_, _, viewing) in zip(pulse_ids, statements, strict=True):
        place = places[viewing.video]
        if pulse_id in recorded:
            delta = recorded[pulse_id]
        else:
            session = (place.resource_id, viewing.session)
            delta = max(round_half_up(viewing.total) - counted[session], 0)
            counted[session] += delta
        claims.append(
            PulseClaim(
                module_id=place.module_id,
                resource_id=place.resource_id,
                duration_delta=delta,
                completed=viewing.is_completed,
                played_ms=viewing.played_ms,
                pulse_id=pulse_id,
                occurred_at=viewing.occurred_at,
                trace={SESSION_TRACE: viewing.session},
            )
        )
    return claims


def _recorded_deltas(learner_id: int, pulse_ids: list[UUID]) -> dict[UUID, int]:
    return {
        pulse_id: delta
        for chunk in _chunks(pulse_ids)
        for pulse_id, delta in Pulse.objects.filter(
            user_id=learner_id, pulse_id__in=chunk
        ).values_list("pulse_id", "duration_delta")
    }


def _counted_seconds(learner_id: int, module_ids: set[int]) -> Counter[tuple[int, str]]:
    """What earlier imports have counted, by resource and viewing session."""
    rows = (
        Pulse.objects.filter(
            user_id=learner_id, module_id__in=module_ids, trace__has_key=SESSION_TRACE
        )
        .values_list("resource_id", f"trace__{SESSION_TRACE}")
        .annotate(seconds=Sum("duration_delta"))
    )
    return Counter({(resource_id, session): seconds for resource_id, session, seconds in rows})


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
