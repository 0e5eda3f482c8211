"""The entity tags of answers, by which a dashboard learns that nothing has changed."""

import hashlib
from functools import cache

from django.conf import settings
from django.utils.http import parse_etags
from rest_framework.request import Request

from analytics.queries.standing import Freshness, Scope

ANY = "*"


def entity_tag(request: Request, scope: Scope, freshness: Freshness) -> str:
    """A strong tag over the address, whose figures are shown, their refresh and its data status.

    Keyed, so that nobody can make up the tag of an answer they were never given.
    """
    teams = None if scope.team_ids is None else sorted(scope.team_ids)
    shown = (
        request.path,
        request.META.get("QUERY_STRING", ""),
        teams,
        freshness.refresh_id,
        freshness.computed_at.timestamp(),
        freshness.data_status,
    )
    digest = hashlib.blake2b(
        repr(shown).encode(), key=_key_from(settings.SECRET_KEY), digest_size=16
    )
    return f'"{digest.hexdigest()}"'


@cache
def _key_from(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def is_known(request: Request, tag: str) -> bool:
    """Whether `If-None-Match` lists the tag; a proxy that compresses may have made it weak."""
    return tag in {known.removeprefix("W/") for known in _known(request)}


def asks_for_any(request: Request) -> bool:
    """Whether the caller has some answer or other, and wants none if there is one."""
    return _known(request) == [ANY]


def _known(request: Request) -> list[str]:
    header = request.META.get("HTTP_IF_NONE_MATCH")
    return parse_etags(header) if header else []
