"""Step 3 of the source design: the same requests as the product takes, with plain serializers.

What only the product makes use of, ids and played intervals, is read past.
"""

from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bench.baseline.progress import record_pulse
from tracking.models import Resource


class PulseSerializer(serializers.Serializer[Any]):
    duration_delta = serializers.IntegerField(min_value=0, max_value=300)
    watch_time = serializers.FloatField(required=False)
    completed = serializers.BooleanField(default=False)


class AddressedPulseSerializer(PulseSerializer):
    module = serializers.IntegerField()
    resource = serializers.IntegerField()


class BatchSerializer(serializers.Serializer[Any]):
    pulses = AddressedPulseSerializer(many=True)


class UpdateResourceProgressView(APIView):
    def post(self, request: Request, module: int, resource: int) -> Response:
        serializer = PulseSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(_record(request, module, resource, serializer.validated_data))


class BatchView(APIView):
    """The source design has no batches: a loop in one transaction is what one would write first."""

    def post(self, request: Request) -> Response:
        serializer = BatchSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            results = [
                _record(request, pulse["module"], pulse["resource"], pulse)
                for pulse in serializer.validated_data["pulses"]
            ]
        return Response({"results": results})


def _record(request: Request, module: int, resource: int, pulse: dict[str, Any]) -> dict[str, str]:
    found = get_object_or_404(
        Resource.objects.select_related("module"), pk=resource, module_id=module
    )
    record_pulse(
        request.user,  # type: ignore[arg-type]
        found,
        duration_delta=pulse["duration_delta"],
        completed=pulse["completed"],
    )
    return {"status": "recorded"}
