"""Recorded video sessions in: statements of the xAPI Video Profile 1.0 become pulses.

A statement says which stretches of a video were played so far in its viewing session. What a
session adds to a learner's time is therefore the largest total that any of its statements reports,
rounded to whole seconds, replays counted. Each statement becomes one pulse; in the order of their
timestamps, each carries what it adds to the session's total so far.

The id of a pulse follows from the id of its statement, and each pulse keeps its viewing session in
the ledger. So the numbers are the same whatever the order of the statements, however often they
come, and when one session is spread over several files.

There is no transaction around an import, only one for each learner: ids that count once make an
import that was interrupted complete when it is run again.

    NotStatements      nothing can be read from the file
    BrokenFile         the file breaks off; what was read before it stands
    BrokenStatement    one statement cannot be used; never leaves this module
"""

import datetime as dt
import gzip
import io
import json
import math
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

import ijson
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q, Sum

from tracking.models import Module, Pulse, Resource, Team, User
from tracking.pulses import PulseClaim, PulseStatus, record_pulses

VIDEO = "https://w3id.org/xapi/video"
PLAYED_SEGMENTS = f"{VIDEO}/extensions/played-segments"
LENGTH = f"{VIDEO}/extensions/length"
SESSION_ID = f"{VIDEO}/extensions/session-id"
COMPLETED = "http://adlnet.gov/expapi/verbs/completed"
KNOWN_VERBS = frozenset(
    {
        f"{VIDEO}/verbs/played",
        f"{VIDEO}/verbs/paused",
        f"{VIDEO}/verbs/seeked",
        COMPLETED,
        "http://adlnet.gov/expapi/verbs/terminated",
        "http://adlnet.gov/expapi/verbs/initialized",
        "http://adlnet.gov/expapi/verbs/interacted",
        "http://id.tincanapi.com/verb/downloaded",
    }
)

# Never to change: the ids of every imported pulse follow from it.
NAMESPACE = uuid5(NAMESPACE_URL, "urn:pulseboard:xapi")
NO_COURSE = "urn:pulseboard:imported-videos"
NO_COURSE_TITLE = "Imported videos"
SESSION_TRACE = "xapi_session"

CHUNK = 500
MAX_MEDIA_SECONDS = 86_400
MAX_TEXT = 500
MAX_USERNAME = 150
MAX_TITLE = 200
MAX_DELTA_SECONDS = 2**31 - 1
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

T = TypeVar("T")


class NotStatements(Exception):
    """The file holds nothing that could be a statement; the message says what it is instead."""


class BrokenFile(Exception):
    """The file breaks off, or is no longer JSON, where the statement `index` should be."""

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(reason)
        self.index = index
        self.reason = reason


class BrokenStatement(Exception):
    """The statement cannot be used; the message says why."""


# --- The file --------------------------------------------------------------------------------


@dataclass(frozen=True)
class UnreadableLine:
    reason: str


class _InSmallReads:
    """A stream whose `read` returns what there is, so that an error behind it costs none of it."""

    def __init__(self, stream: io.BufferedReader | gzip.GzipFile) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        return self._stream.read1(size)


def read_items(path: Path) -> Iterator[tuple[int, Any]]:
    """What stands in the file, in order, each with its 0-based index: JSON, or `UnreadableLine`.

    A JSON array or one JSON value a line, plain or compressed by gzip: the content tells. Blank
    lines do not count. Raises `NotStatements`, and `BrokenFile` after the last item that could be
    read.
    """
    try:
        with path.open("rb") as plain:
            is_gzip = plain.peek(2)[:2] == b"\x1f\x8b"
            stream = gzip.GzipFile(fileobj=plain) if is_gzip else plain
            first = _first_byte(stream)
            if not first:
                raise NotStatements("the file is empty")
            yield from _array_items(stream) if first == b"[" else _line_items(stream)
    except OSError as error:
        raise NotStatements(error.strerror or str(error)) from error
    except (EOFError, zlib.error) as error:
        raise NotStatements("the compressed file is damaged") from error


def _first_byte(stream: io.BufferedReader | gzip.GzipFile) -> bytes:
    """The first byte that means something, still to be read."""
    if stream.peek(3)[:3] == b"\xef\xbb\xbf":
        stream.read(3)
    while (byte := stream.peek(1)[:1]) and byte in b" \t\r\n":
        stream.read(1)
    return byte


def _array_items(stream: io.BufferedReader | gzip.GzipFile) -> Iterator[tuple[int, Any]]:
    index = 0
    try:
        for item in ijson.items(_InSmallReads(stream), "item"):
            yield index, item
            index += 1
    except (ijson.JSONError, ValueError, RecursionError) as error:
        raise BrokenFile(index, f"the JSON array is broken here: {_one_line(error)}") from error
    except (EOFError, zlib.error, OSError) as error:
        raise BrokenFile(index, "the compressed file breaks off here") from error


def _line_items(stream: io.BufferedReader | gzip.GzipFile) -> Iterator[tuple[int, Any]]:
    index = 0
    is_json = False
    unreadable: list[tuple[int, UnreadableLine]] = []
    try:
        for line in stream:
            if not line.strip():
                continue
            item = _line_item(line)
            if not is_json and isinstance(item, UnreadableLine):
                unreadable.append((index, item))
            else:
                is_json = True
                yield from unreadable
                unreadable.clear()
                yield index, item
            index += 1
    except (EOFError, zlib.error, OSError) as error:
        if not is_json:
            raise
        raise BrokenFile(index, "the compressed file breaks off here") from error
    if not is_json:
        raise NotStatements("the file is not JSON")


def _line_item(line: bytes) -> Any:
    try:
        return json.loads(line, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        return UnreadableLine(f"the line is not JSON: {_one_line(error)}")


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


# --- One statement ---------------------------------------------------------------------------


class VideoKey(NamedTuple):
    """The ids of a course and of a video in it, as the statements have them."""

    course: str
    video: str


class Viewing(NamedTuple):
    """What the import needs of a statement; it repeats another one if all of this is the same.

    `total` is the length in seconds of everything played so far in `session`, replays counted;
    `played_ms` are the same stretches in milliseconds.
    """

    occurred_at: dt.datetime
    learner: str
    video: VideoKey
    session: str
    total: Decimal
    played_ms: tuple[tuple[int, int], ...]
    is_completed: bool


@dataclass
class VideoFacts:
    """What the statements tell about a video itself; `length` in seconds, 0 while unknown."""

    course_title: str
    title: str
    length: float = 0


def statement_id(statement: dict[str, Any]) -> str:
    """The statement's own id, or one that follows from its content."""
    given = statement.get("id")
    if given is None:
        try:
            canonical = json.dumps(statement, sort_keys=True, default=float)
        except (RecursionError, OverflowError):
            raise BrokenStatement("it has no id and cannot be given one") from None
        return str(uuid5(NAMESPACE, canonical))
    text = _text(given, "id")
    try:
        return str(UUID(text))
    except ValueError:
        return text


def verb_of(statement: dict[str, Any]) -> str:
    return _text(_object(statement.get("verb"), "verb").get("id"), "verb.id")


def read_viewing(statement: dict[str, Any]) -> Viewing:
    """The statement as a `Viewing`. Raises `BrokenStatement`.

    A statement that names no viewing session belongs to one session a learner, video and UTC day.
    """
    occurred_at = _timestamp(statement.get("timestamp"))
    context = _object(statement.get("context", {}), "context")
    session = _extensions(context, "context").get(SESSION_ID)
    total, played_ms = _played(
        _extensions(_object(statement.get("result", {}), "result"), "result").get(PLAYED_SEGMENTS)
    )
    return Viewing(
        occurred_at=occurred_at,
        learner=_learner(_object(statement.get("actor"), "actor")),
        video=VideoKey(
            _course(context)[0],
            _text(_object(statement.get("object"), "object").get("id"), "object.id"),
        ),
        session=(
            f"day:{occurred_at.date()}"
            if session is None
            else f"session:{_text(session, 'session-id')}"
        ),
        total=total,
        played_ms=played_ms,
        is_completed=verb_of(statement) == COMPLETED,
    )


def read_facts(statement: dict[str, Any]) -> VideoFacts:
    """What a statement that is not broken tells about its video.

    A length that is no positive number within a day is what players say that do not know it yet.
    """
    context = _object(statement.get("context", {}), "context")
    _, course_title = _course(context)
    extensions = (
        _extensions(context, "context"),
        _extensions(_object(statement.get("result", {}), "result"), "result"),
    )
    return VideoFacts(
        course_title=course_title,
        title=_name(statement["object"], statement["object"]["id"]),
        length=max(_length(of_part.get(LENGTH)) for of_part in extensions),
    )


def _object(value: Any, name: str) -> dict[str, Any]:
    if value is None:
        raise BrokenStatement(f"{name} is missing")
    if not isinstance(value, dict):
        raise BrokenStatement(f"{name} is not an object")
    return value


def _text(value: Any, name: str) -> str:
    if value is None:
        raise BrokenStatement(f"{name} is missing")
    if not isinstance(value, str):
        raise BrokenStatement(f"{name} is not a string")
    if not value.strip() or len(value) > MAX_TEXT:
        raise BrokenStatement(f"{name} does not have 1 to {MAX_TEXT} characters")
    if not _is_storable(value):
        raise BrokenStatement(f"{name} holds characters that cannot be stored")
    return value


def _is_storable(value: str) -> bool:
    """Whether PostgreSQL takes it: no NUL, and no half of a surrogate pair."""
    return UNSTORABLE.search(value) is None


def _extensions(part: dict[str, Any], name: str) -> dict[str, Any]:
    return _object(part.get("extensions", {}), f"{name}.extensions")


def _timestamp(value: Any) -> dt.datetime:
    text = _text(value, "timestamp")
    try:
        parsed = dt.datetime.fromisoformat(text)
        if parsed.tzinfo is None:
            raise BrokenStatement("timestamp names no time zone")
        return parsed.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise BrokenStatement("timestamp is not an ISO 8601 time") from None


def _learner(actor: dict[str, Any]) -> str:
    """The user name under which the actor is known here."""
    if actor.get("objectType", "Agent") != "Agent":
        raise BrokenStatement("actor is not one person")
    if "account" in actor:
        return _username(
            _text(_object(actor["account"], "actor.account").get("name"), "actor.account.name")
        )
    if "mbox" in actor:
        return _username(_text(actor["mbox"], "actor.mbox").removeprefix("mailto:"))
    if "mbox_sha1sum" in actor:
        return _username(f"mbox-{_text(actor['mbox_sha1sum'], 'actor.mbox_sha1sum').lower()}")
    if "openid" in actor:
        return f"openid-{uuid5(NAMESPACE, _text(actor['openid'], 'actor.openid'))}"
    raise BrokenStatement("actor has no account, mbox, mbox_sha1sum or openid")


def _username(name: str) -> str:
    normalized = User.normalize_username(name)
    if not normalized:
        raise BrokenStatement("actor has an empty name")
    return normalized if len(normalized) <= MAX_USERNAME else f"xapi-{uuid5(NAMESPACE, normalized)}"


def _course(context: dict[str, Any]) -> tuple[str, str]:
    """Id and title of the course; the module of the videos without one, where none is named."""
    activities = _object(context.get("contextActivities", {}), "context.contextActivities")
    parents = activities.get("parent") or []
    if isinstance(parents, dict):  # As xAPI 0.95 has it, and 1.0 still takes.
        parents = [parents]
    if not isinstance(parents, list):
        raise BrokenStatement("context.contextActivities.parent is not a list")
    if not parents:
        return NO_COURSE, NO_COURSE_TITLE
    parent = _object(parents[0], "context.contextActivities.parent")
    course = _text(parent.get("id"), "context.contextActivities.parent.id")
    return course, _name(parent, course)


def _name(activity: dict[str, Any], otherwise: str) -> str:
    """The title of an activity: English if there is one, else the first language by its code."""
    definition = activity.get("definition")
    names = definition.get("name") if isinstance(definition, dict) else None
    usable = {
        language: name.strip()
        for language, name in (names.items() if isinstance(names, dict) else ())
        if isinstance(name, str) and name.strip() and _is_storable(name)
    }
    languages = sorted(usable, key=lambda code: (not code.lower().startswith("en"), code))
    return (usable[languages[0]] if languages else otherwise)[:MAX_TITLE]


def _length(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return 0
    return float(value) if 0 < value <= MAX_MEDIA_SECONDS else 0


def _played(value: Any) -> tuple[Decimal, tuple[tuple[int, int], ...]]:
    """Total seconds and millisecond intervals of the closed segments, `a[.]b[,]c[.]d`.

    The last one may be open (`a`): it counts nowhere. One that ends where it begins is a player's
    stutter and adds nothing.
    """
    if value is None or value == "":
        return Decimal(0), ()
    if not isinstance(value, str):
        raise BrokenStatement("played-segments is not a string")
    segments = value.split("[,]")
    if "[.]" not in segments[-1]:
        _seconds(segments.pop())
    total = Decimal(0)
    played: list[tuple[int, int]] = []
    for segment in segments:
        bounds = segment.split("[.]")
        if len(bounds) != 2:
            raise BrokenStatement(f"played-segments has no segment in {segment[:40]!r}")
        start, end = _seconds(bounds[0]), _seconds(bounds[1])
        if end < start:
            raise BrokenStatement(f"played-segments goes backwards in {segment[:40]!r}")
        total += end - start
        start_ms, end_ms = round_half_up(start * 1000), round_half_up(end * 1000)
        if start_ms < end_ms:
            played.append((start_ms, end_ms))
    if total > MAX_DELTA_SECONDS:
        raise BrokenStatement("played-segments is longer than a life")
    return total, tuple(played)


def _seconds(text: str) -> Decimal:
    try:
        # Python's numbers may also hold underscores and the digits of any script.
        seconds = Decimal(text.strip() if text.isascii() and "_" not in text else "")
    except InvalidOperation:
        raise BrokenStatement(f"played-segments has no number in {text[:40]!r}") from None
    if not seconds.is_finite() or not 0 <= seconds <= MAX_MEDIA_SECONDS:
        raise BrokenStatement(
            f"played-segments has {text[:40]!r}, which is not from 0 to {MAX_MEDIA_SECONDS}"
        )
    return seconds


def round_half_up(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_UP))


# --- All statements of a file ----------------------------------------------------------------


@dataclass
class ImportReport:
    """What was read, and what became of it; all but `watched_seconds` are counts."""

    statements: int = 0
    repeated: int = 0
    broken: int = 0
    unknown_verbs: Counter[str] = field(default_factory=Counter)
    recorded: int = 0
    known: int = 0
    rejected: int = 0
    learners: int = 0
    learners_created: int = 0
    modules: int = 0
    modules_created: int = 0
    videos: int = 0
    videos_created: int = 0
    watched_seconds: int = 0
    is_complete: bool = True


@dataclass
class Archive:
    """The usable statements of a file by id, each with its index, and the videos they are about."""

    viewings: dict[str, tuple[int, Viewing]] = field(default_factory=dict)
    videos: dict[VideoKey, VideoFacts] = field(default_factory=dict)

    @property
    def newest_at(self) -> dt.datetime:
        return max(viewing.occurred_at for _, viewing in self.viewings.values())

    def by_learner(self) -> dict[str, list[tuple[int, str, Viewing]]]:
        """Index, id and content of each learner's statements, in the order of their times."""
        found: dict[str, list[tuple[int, str, Viewing]]] = defaultdict(list)
        for identifier, (index, viewing) in self.viewings.items():
            found[viewing.learner].append((index, identifier, viewing))
        for statements in found.values():
            statements.sort(key=lambda statement: (statement[2].occurred_at, statement[1]))
        return dict(sorted(found.items()))


OnProblem = Callable[[int, str], None]
OnProgress = Callable[[int, int], None]


def read_archive(path: Path, report: ImportReport, on_problem: OnProblem) -> Archive:
    """Everything in the file that can be used; `on_problem` hears of the rest, by index.

    Raises `NotStatements`.
    """
    archive = Archive()
    # Most statements share their learner, video and session: each of those is kept once.
    shared: dict[Any, Any] = {}
    try:
        for index, item in read_items(path):
            report.statements += 1
            try:
                _add(archive, index, item, report, shared)
            except BrokenStatement as problem:
                report.broken += 1
                on_problem(index, str(problem))
    except BrokenFile as broken:
        report.is_complete = False
        on_problem(broken.index, broken.reason)
    return archive


def _add(
    archive: Archive, index: int, item: Any, report: ImportReport, shared: dict[Any, Any]
) -> None:
    if isinstance(item, UnreadableLine):
        raise BrokenStatement(item.reason)
    if not isinstance(item, dict):
        raise BrokenStatement("the statement is not an object")
    verb = verb_of(item)
    if verb not in KNOWN_VERBS:
        report.unknown_verbs[verb] += 1
        return
    viewing = read_viewing(item)
    viewing = viewing._replace(
        learner=shared.setdefault(viewing.learner, viewing.learner),
        video=shared.setdefault(viewing.video, viewing.video),
        session=shared.setdefault(viewing.session, viewing.session),
    )
    identifier = statement_id(item)
    _add_facts(archive, viewing.video, read_facts(item))

    earlier_index, earlier = archive.viewings.setdefault(identifier, (index, viewing))
    if earlier_index == index:
        return
    if earlier == viewing:
        report.repeated += 1
        return
    # The same one of the two stands whatever their order in the file.
    if viewing < earlier:
        archive.viewings[identifier] = (index, viewing)
    raise BrokenStatement(
        f"its id {identifier} is that of statement {earlier_index} with other content;"
        " the earlier one by time is taken"
    )


def _add_facts(archive: Archive, video: VideoKey, facts: VideoFacts) -> None:
    known = archive.videos.setdefault(video, facts)
    known.length = max(known.length, facts.length)
    known.title = min(known.title, facts.title)
    known.course_title = min(known.course_title, facts.course_title)


# --- Into the database -----------------------------------------------------------------------


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
        claims = _claims(learner_id, statements, places)
        for chunk in _chunks(zip(statements, claims, strict=True)):
            batch = record_pulses(
                learner_id=learner_id,
                claims=[claim for _, claim in chunk],
                received_at=received_at,
                clock_offset=clock_offset,
                max_age=None,
            )
            for ((index, _, _), claim), outcome in zip(chunk, batch.outcomes, strict=True):
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
