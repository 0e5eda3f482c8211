"""Sign in, refresh, sign out."""

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tracking import tokens
from tracking.models import User
from tracking.serializers import RefreshRequest, TokenRequest, TokenResponse
from tracking.views import refresh_cookie


def learner_of(request: Request) -> User:
    """Who is signed in, behind a permission that lets nobody else through."""
    return cast("User", request.user)


class PublicView(APIView):
    """For those who have no access token, or no valid one."""

    authentication_classes: list[type[BaseAuthentication]] = []
    permission_classes: list[type[BasePermission]] = [AllowAny]

    def get_authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def _pair(pair: tokens.TokenPair) -> Response:
    return _not_kept(Response({"access": pair.access, "refresh": pair.refresh}))


def _access(pair: tokens.TokenPair) -> Response:
    return refresh_cookie.give(_not_kept(Response({"access": pair.access})), pair.refresh)


def _not_kept(response: Response) -> Response:
    response["Cache-Control"] = "no-store"
    return response


class TokenView(PublicView):
    @extend_schema(request=TokenRequest, responses=TokenResponse, auth=[])
    def post(self, request: Request) -> Response:
        body = TokenRequest(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        pair = tokens.sign_in(request._request, wanted["username"], wanted["password"])
        return _access(pair) if wanted["cookie"] else _pair(pair)


class RefreshView(PublicView):
    @extend_schema(
        request=RefreshRequest, responses=TokenResponse, parameters=[refresh_cookie.COOKIE], auth=[]
    )
    def post(self, request: Request) -> Response:
        in_body = _refresh_in_body(request)
        if in_body is not None:
            return _pair(tokens.rotate(in_body))
        in_cookie = refresh_cookie.take(request)
        if in_cookie is None:
            raise AuthenticationFailed("There is no refresh token, in the body or in a cookie.")
        try:
            return _access(tokens.rotate(in_cookie))
        except tokens.Overtaken:
            # The winner's answer brings the browser the next cookie; this one must not take it.
            raise
        except AuthenticationFailed as error:
            return refresh_cookie.withdraw(self.handle_exception(error))


class LogoutView(PublicView):
    @extend_schema(
        request=RefreshRequest,
        responses={204: None},
        parameters=[refresh_cookie.COOKIE],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        in_body = _refresh_in_body(request)
        if in_body is not None:
            tokens.sign_out(in_body)
            return Response(status=204)
        in_cookie = refresh_cookie.take(request)
        if in_cookie is None:
            return Response(status=204)
        tokens.sign_out(in_cookie)
        return refresh_cookie.withdraw(Response(status=204))


def _refresh_in_body(request: Request) -> str | None:
    body = RefreshRequest(data=request.data)
    body.is_valid(raise_exception=True)
    return cast("str | None", body.validated_data.get("refresh"))
