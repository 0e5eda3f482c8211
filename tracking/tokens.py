"""Access and refresh tokens.

An access token lives for minutes and is checked against the user as they are now. A refresh token
is good for one use: each sign-in is a `TokenFamily` whose row knows the one token that is valid, so
concurrent refreshes have one winner and a token used again later revokes the whole family.
"""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, cast
from uuid import UUID

from django.contrib.auth import authenticate
from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token

from tracking.models import TokenFamily, User

if TYPE_CHECKING:
    from rest_framework_simplejwt.authentication import AuthUser

FAMILY_CLAIM = "family"
PASSWORD_CLAIM = "pwd"  # noqa: S105 - the name of a claim

# What a well-signed token raises whose claims are of no type or size that was ever issued.
_NONSENSE_IN_CLAIMS = (TypeError, ValueError, OverflowError, OSError)


@dataclass(frozen=True)
class TokenPair:
    access: str
    refresh: str


class Overtaken(AuthenticationFailed):
    """401: another request has used the token while this one was here. Its sign-in goes on."""

    default_detail = "This refresh token was used at the same moment. Take the one that followed."


def sign_in(request: HttpRequest, username: str, password: str) -> TokenPair:
    """A new token family. Raises `AuthenticationFailed` for wrong or inactive credentials.

    Raises `ProblemError` when too many tries have failed.
    """
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, User):
        raise AuthenticationFailed("No active account has this user name and password.")
    now = timezone.now()
    TokenFamily.objects.filter(user=user, expires_at__lt=now).delete()
    family = TokenFamily(user=user, rotated_at=now)
    token = _refresh_token(user, family)
    family.current_jti = token["jti"]
    family.expires_at = _expiry(token)
    family.save(force_insert=True)
    return TokenPair(access=str(token.access_token), refresh=str(token))


def access_token_for(user: User) -> str:
    """An access token without a sign-in: for code that acts for a user it already knows."""
    token = AccessToken.for_user(user)
    token[PASSWORD_CLAIM] = _password_fingerprint(user)
    return str(token)


def rotate(raw_refresh: str) -> TokenPair:
    """Trade a refresh token for the next pair; it cannot be used again.

    Raises `AuthenticationFailed` for a token that is malformed, expired, of another kind, revoked
    or already used, and for a user who is gone, inactive or has changed the password. A token used
    again is taken as stolen and revokes its family, save by a request that was already here when
    the token was first used: two tabs that refresh at the same moment. That gets `Overtaken`.
    """
    arrived_at = timezone.now()
    token = _decode_refresh(raw_refresh)
    with transaction.atomic():
        family = _locked_family(token)
        if family and _is_overtaken(token, family, arrived_at):
            raise Overtaken
        pair = _next_pair(token, family) if family else None
    if pair is None:
        raise AuthenticationFailed("This refresh token is no longer valid. Sign in again.")
    return pair


def sign_out(raw_refresh: str) -> None:
    """Revoke the token's family; nothing happens for a token that is not valid any more."""
    try:
        token = _decode_refresh(raw_refresh)
    except AuthenticationFailed:
        return
    _live_family(token).update(revoked_at=timezone.now())


class TokenAuthentication(JWTAuthentication):
    """`Authorization: Bearer <access token>`."""

    def authenticate(self, request: Request) -> "tuple[AuthUser, Token] | None":
        try:
            authenticated = super().authenticate(request)
        except _NONSENSE_IN_CLAIMS as error:
            raise AuthenticationFailed("The access token names no user.") from error
        if authenticated is None:
            return None
        user, token = cast("tuple[User, Token]", authenticated)
        if not _password_is_unchanged(user, token):
            raise AuthenticationFailed("The password was changed. Sign in again.")
        return authenticated  # type: ignore[return-value]

    def get_validated_token(self, raw_token: bytes) -> Token:
        """The token, if its signature is right and it has not expired; raises as the library does.

        A browser sends the same token for a quarter of an hour: its signature is checked once.
        """
        token = _signed_token(raw_token)
        try:
            token.check_exp(current_time=timezone.now())
        except TokenError as error:
            raise AuthenticationFailed("The access token has expired.") from error
        return token

    def get_user(self, validated_token: Token) -> "AuthUser":  # type: ignore[type-var]
        """Who the token was issued to, as they are now; raises as the library does.

        By hand, as composing this query in the ORM took half of the time of a pulse in web.
        """
        user = _user_by_id(validated_token.get(api_settings.USER_ID_CLAIM))
        if user is None or not user.is_active:
            raise AuthenticationFailed("The user of the access token is gone, or not active.")
        return user  # type: ignore[return-value]


@lru_cache(maxsize=10_000)
def _signed_token(raw_token: bytes) -> Token:
    """What raises is not kept: a token that is not valid is looked at each time."""
    return JWTAuthentication().get_validated_token(raw_token)


_USER_FIELDS = [field.attname for field in User._meta.concrete_fields]
_USER_BY_ID = f"select {', '.join(_USER_FIELDS)} from tracking_user where id = %s"  # noqa: S608


def _user_by_id(user_id: object) -> User | None:
    with connection.cursor() as cursor:
        cursor.execute(_USER_BY_ID, [int(str(user_id))])
        row = cursor.fetchone()
    return User.from_db(connection.alias, _USER_FIELDS, row) if row else None


class TokenAuthenticationScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "tracking.tokens.TokenAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def _password_fingerprint(user: User) -> str:
    return salted_hmac("pulseboard.token", user.password).hexdigest()[:16]


def _password_is_unchanged(user: User, token: Token) -> bool:
    return constant_time_compare(str(token.get(PASSWORD_CLAIM, "")), _password_fingerprint(user))


def _refresh_token(user: User, family: TokenFamily) -> RefreshToken:
    token = RefreshToken.for_user(user)
    token[FAMILY_CLAIM] = str(family.pk)
    token[PASSWORD_CLAIM] = _password_fingerprint(user)
    return token


def _expiry(token: Token) -> dt.datetime:
    return dt.datetime.fromtimestamp(token["exp"], dt.UTC)


def _decode_refresh(raw_refresh: str) -> RefreshToken:
    try:
        return RefreshToken(raw_refresh)  # type: ignore[arg-type]
    except (TokenError, *_NONSENSE_IN_CLAIMS) as error:
        raise AuthenticationFailed("This refresh token is not valid. Sign in again.") from error


def _live_family(token: Token) -> QuerySet[TokenFamily]:
    """The family that the token belongs to, unless it is revoked or was never one."""
    try:
        family_id = UUID(str(token.get(FAMILY_CLAIM)))
    except ValueError:
        return TokenFamily.objects.none()
    return TokenFamily.objects.filter(id=family_id, revoked_at=None)


def _locked_family(token: Token) -> TokenFamily | None:
    return _live_family(token).select_related("user").select_for_update(of=("self",)).first()


def _is_overtaken(token: Token, family: TokenFamily, arrived_at: dt.datetime) -> bool:
    return token["jti"] == family.previous_jti and arrived_at <= family.rotated_at


def _next_pair(token: Token, family: TokenFamily) -> TokenPair | None:
    """None when the token may not be used; that revokes the family."""
    now = timezone.now()
    user = family.user
    is_current = token["jti"] == family.current_jti
    if not is_current or not user.is_active or not _password_is_unchanged(user, token):
        family.revoked_at = now
        family.save(update_fields=["revoked_at"])
        return None
    following = _refresh_token(user, family)
    family.previous_jti = family.current_jti
    family.current_jti = following["jti"]
    family.rotated_at = now
    family.expires_at = _expiry(following)
    family.save()
    return TokenPair(access=str(following.access_token), refresh=str(following))
