"""The entity tags of answers, by which a dashboard learns that nothing has changed."""

import hashlib

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
        freshness.computed_at.isoformat(),
        freshness.data_status,
    )
    key = hashlib.sha256(settings.SECRET_KEY.encode()).digest()
    return f'"{hashlib.blake2b(repr(shown).encode(), key=key, digest_size=16).hexdigest()}"'


def is_known(request: Request, tag: str) -> bool:
    """Whether `If-None-Match` lists the tag; a proxy that compresses may have made it weak."""
    return tag in {known.removeprefix("W/") for known in _known(request)}


def asks_for_any(request: Request) -> bool:
    """Whether the caller has some answer or other, and wants none if there is one."""
    return _known(request) == [ANY]


def _known(request: Request) -> list[str]:
    return parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
