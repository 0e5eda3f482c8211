"""Sign in, refresh, sign out."""

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tracking import tokens
from tracking.models import User
from tracking.serializers import RefreshRequest, TokenPairResponse, TokenRequest


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
    response = Response({"access": pair.access, "refresh": pair.refresh})
    response["Cache-Control"] = "no-store"
    return response


class TokenView(PublicView):
    @extend_schema(request=TokenRequest, responses=TokenPairResponse, auth=[])
    def post(self, request: Request) -> Response:
        body = TokenRequest(data=request.data)
        body.is_valid(raise_exception=True)
        return _pair(tokens.sign_in(request._request, **body.validated_data))


class RefreshView(PublicView):
    @extend_schema(request=RefreshRequest, responses=TokenPairResponse, auth=[])
    def post(self, request: Request) -> Response:
        body = RefreshRequest(data=request.data)
        body.is_valid(raise_exception=True)
        return _pair(tokens.rotate(body.validated_data["refresh"]))


class LogoutView(PublicView):
    @extend_schema(request=RefreshRequest, responses={204: None}, auth=[])
    def post(self, request: Request) -> Response:
        body = RefreshRequest(data=request.data)
        body.is_valid(raise_exception=True)
        tokens.sign_out(body.validated_data["refresh"])
        return Response(status=204)
