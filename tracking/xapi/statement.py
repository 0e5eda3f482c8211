"""One statement: who watched what and how much of it, and what it tells about the video."""

import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

from tracking.models import User
from tracking.xapi.fields import (
    BrokenStatement,
    extensions_in,
    is_storable,
    object_in,
    text_in,
    time_in,
)
from tracking.xapi.segments import MAX_MEDIA_SECONDS, read_segments

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

MAX_USERNAME = 150
MAX_TITLE = 200


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
        except RecursionError:
            raise BrokenStatement("it has no id and cannot be given one") from None
        return str(uuid5(NAMESPACE, canonical))
    text = text_in(given, "id")
    try:
        return str(UUID(text))
    except ValueError:
        return text


def verb_of(statement: dict[str, Any]) -> str:
    return text_in(object_in(statement.get("verb"), "verb").get("id"), "verb.id")


def read_viewing(statement: dict[str, Any]) -> Viewing:
    """The statement as a `Viewing`. Raises `BrokenStatement`.

    A statement that names no viewing session belongs to one session a learner, video and UTC day.
    """
    occurred_at = time_in(statement.get("timestamp"))
    session = extensions_in(statement, "context").get(SESSION_ID)
    total, played_ms = read_segments(extensions_in(statement, "result").get(PLAYED_SEGMENTS))
    return Viewing(
        occurred_at=occurred_at,
        learner=_learner(object_in(statement.get("actor"), "actor")),
        video=VideoKey(
            _course(statement)[0],
            text_in(object_in(statement.get("object"), "object").get("id"), "object.id"),
        ),
        session=(
            f"day:{occurred_at.date()}"
            if session is None
            else f"session:{text_in(session, 'session-id')}"
        ),
        total=total,
        played_ms=played_ms,
        is_completed=verb_of(statement) == COMPLETED,
    )


def read_facts(statement: dict[str, Any]) -> VideoFacts:
    """What a statement that is not broken tells about its video.

    A length that is no positive number within a day is what players say that do not know it yet.
    """
    return VideoFacts(
        course_title=_course(statement)[1],
        title=_name(statement["object"], statement["object"]["id"]),
        length=max(
            _length(extensions_in(statement, part).get(LENGTH)) for part in ("context", "result")
        ),
    )


def _learner(actor: dict[str, Any]) -> str:
    """The user name under which the actor is known here."""
    if actor.get("objectType", "Agent") != "Agent":
        raise BrokenStatement("actor is not one person")
    if "account" in actor:
        return _username(
            text_in(object_in(actor["account"], "actor.account").get("name"), "actor.account.name")
        )
    if "mbox" in actor:
        return _username(text_in(actor["mbox"], "actor.mbox").removeprefix("mailto:"))
    if "mbox_sha1sum" in actor:
        return _username(f"mbox-{text_in(actor['mbox_sha1sum'], 'actor.mbox_sha1sum').lower()}")
    if "openid" in actor:
        return f"openid-{uuid5(NAMESPACE, text_in(actor['openid'], 'actor.openid'))}"
    raise BrokenStatement("actor has no account, mbox, mbox_sha1sum or openid")


def _username(name: str) -> str:
    normalized = User.normalize_username(name)
    if not normalized:
        raise BrokenStatement("actor has an empty name")
    return normalized if len(normalized) <= MAX_USERNAME else f"xapi-{uuid5(NAMESPACE, normalized)}"


def _course(statement: dict[str, Any]) -> tuple[str, str]:
    """Id and title of the course; the module of the videos without one, where none is named."""
    context = object_in(statement.get("context", {}), "context")
    activities = object_in(context.get("contextActivities", {}), "context.contextActivities")
    parents = activities.get("parent") or []
    if isinstance(parents, dict):  # As xAPI 0.95 has it, and 1.0 still takes.
        parents = [parents]
    if not isinstance(parents, list):
        raise BrokenStatement("context.contextActivities.parent is not a list")
    if not parents:
        return NO_COURSE, NO_COURSE_TITLE
    parent = object_in(parents[0], "context.contextActivities.parent")
    course = text_in(parent.get("id"), "context.contextActivities.parent.id")
    return course, _name(parent, course)


def _name(activity: dict[str, Any], otherwise: str) -> str:
    """The title of an activity: English if there is one, else the first language by its code."""
    definition = activity.get("definition")
    names = definition.get("name") if isinstance(definition, dict) else None
    usable = {
        language: name.strip()
        for language, name in (names.items() if isinstance(names, dict) else ())
        if isinstance(name, str) and name.strip() and is_storable(name)
    }
    languages = sorted(usable, key=lambda code: (not code.lower().startswith("en"), code))
    return (usable[languages[0]] if languages else otherwise)[:MAX_TITLE]


def _length(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return 0
    return float(value) if 0 < value <= MAX_MEDIA_SECONDS else 0
