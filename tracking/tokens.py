"""Access and refresh tokens.

An access token lives for minutes and is checked against the user as they are now. A refresh token
is good for one use: each sign-in is a `TokenFamily` whose row knows the one token that is valid, so
concurrent refreshes have one winner and a token used again later revokes the whole family.
"""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth import authenticate
from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
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


@dataclass
class AccessGrant:
    """A well-signed access token, and what was last found of its user; kept for each token."""

    token: Token
    # The hash of the password for which it was issued, once the user was found to have it.
    password: str | None = None

    def user(self) -> User:
        """Who the token was issued to, as they are now. Raises `AuthenticationFailed`."""
        self.password = None
        try:
            user = _user_by_id(self.token.get(api_settings.USER_ID_CLAIM))
        except _NONSENSE_IN_CLAIMS as error:
            raise AuthenticationFailed("The access token names no user.") from error
        if user is None or not user.is_active:
            raise AuthenticationFailed("The user of the access token is gone, or not active.")
        if not _password_is_unchanged(user, self.token):
            raise AuthenticationFailed("The password was changed. Sign in again.")
        self.password = user.password
        return user


@dataclass
class Caller:
    """Who sends a request: a user of whom it may still have to be confirmed that nothing changed.

    A statement that does something for the caller confirms it by the way, when it asks for a user
    who is active and has this `password` (a hash). It says so by setting `is_confirmed`.
    """

    user_id: int
    password: str
    is_confirmed: bool
    grant: AccessGrant | None = None

    def confirm(self) -> None:
        """Look, unless it is certain. Raises `AuthenticationFailed`."""
        if not self.is_confirmed and self.grant:
            self.grant.user()
            self.is_confirmed = True


class TokenAuthentication(JWTAuthentication):
    """`Authorization: Bearer <access token>`."""

    def authenticate(self, request: Request) -> "tuple[AuthUser, Token] | None":
        grant = self._grant(request)
        return (grant.user(), grant.token) if grant else None  # type: ignore[return-value]

    def caller(self, request: HttpRequest) -> Caller:
        """Who sends the request, without a question to the database where one was asked before.

        Raises `NotAuthenticated`, `AuthenticationFailed`.
        """
        grant = self._grant(request)
        if grant is None:
            raise NotAuthenticated
        password = grant.password
        if password is None:
            return caller_as(grant.user())
        user_id = int(grant.token[api_settings.USER_ID_CLAIM])
        return Caller(user_id, password, is_confirmed=False, grant=grant)

    def _grant(self, request: HttpRequest) -> AccessGrant | None:
        header = self.get_header(request)  # type: ignore[arg-type]
        raw_token = None if header is None else self.get_raw_token(header)
        return None if raw_token is None else _valid_grant(raw_token)


def caller_as(user: User) -> Caller:
    """Somebody who was looked up in the course of the request."""
    return Caller(user.pk, user.password, is_confirmed=True)


def _valid_grant(raw_token: bytes) -> AccessGrant:
    """The token, if its signature is right and it has not expired. Raises `AuthenticationFailed`.

    A browser sends the same token for a quarter of an hour: its signature is checked once.
    """
    try:
        grant = _signed_grant(raw_token)
        grant.token.check_exp(current_time=timezone.now())
    except TokenError as error:
        raise AuthenticationFailed("The access token has expired.") from error
    except _NONSENSE_IN_CLAIMS as error:
        raise AuthenticationFailed("The access token names no user.") from error
    return grant


@lru_cache(maxsize=10_000)
def _signed_grant(raw_token: bytes) -> AccessGrant:
    """What raises is not kept: a token that is not valid is looked at each time."""
    return AccessGrant(JWTAuthentication().get_validated_token(raw_token))


_USER_FIELDS = [field.attname for field in User._meta.concrete_fields]
# By hand, as composing this query in the ORM took half of the time of a request.
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
