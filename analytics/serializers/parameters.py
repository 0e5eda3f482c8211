"""The query parameters of each address."""

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from django.http import QueryDict
from rest_framework import serializers

from analytics.models import AuditEntry
from analytics.queries.anomalies import CODES
from analytics.queries.learners import ORDERINGS
from config.problems import FieldError, InvalidInput

RISK_LEVELS = ["Low", "Medium", "High"]
ACTIVITY_STATUSES = ["active", "idle", "inactive", "not_started"]
MAX_ID = 2**63 - 1

Parameters = serializers.Serializer[Any]


class NoParameters(Parameters):
    pass


class TeamParameters(Parameters):
    team = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_ID, help_text="Only this team."
    )


class PageParameters(Parameters):
    page = serializers.IntegerField(required=False, min_value=1, max_value=1_000_000)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=500)


class LearnerFilterParameters(TeamParameters):
    search = serializers.CharField(
        required=False,
        max_length=100,
        help_text="Part of the user name or the full name, in any case and taken as it stands.",
    )
    ordering = serializers.ChoiceField(
        required=False,
        choices=[sign + name for name in ORDERINGS for sign in ("", "-")],
        help_text="A field of the rows; with a minus, the largest first.",
    )
    risk_level = serializers.ChoiceField(required=False, choices=RISK_LEVELS)
    status = serializers.ChoiceField(required=False, choices=ACTIVITY_STATUSES)


class LearnerListParameters(LearnerFilterParameters, PageParameters):
    pass


class TrendsParameters(TeamParameters):
    days = serializers.IntegerField(
        required=False, min_value=1, max_value=90, help_text="How many days, today included."
    )


class AnomalyListParameters(TeamParameters, PageParameters):
    code = serializers.ChoiceField(required=False, choices=CODES)
    learner = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_ID, help_text="Only this learner's."
    )


class MomentField(serializers.DateTimeField):
    """A time that names its zone, in UTC."""

    default_error_messages = {
        "zone": "must name its time zone, such as Z or %2B02:00",
        "calendar": "is outside the calendar",
    }

    def enforce_timezone(self, value: dt.datetime) -> dt.datetime:
        if value.tzinfo is None:
            self.fail("zone")
        try:
            return value.astimezone(dt.UTC)
        except OverflowError:
            self.fail("calendar")


class AuditParameters(PageParameters):
    actor = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_ID, help_text="Id of the one who acted."
    )
    action = serializers.ChoiceField(required=False, choices=AuditEntry.Action.values)
    learner = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_ID, help_text="Id of the one it was about."
    )
    since = MomentField(required=False, help_text="From this time on.")
    until = MomentField(required=False, help_text="Before this time.")


@lru_cache(maxsize=1_000)
def read_parameters(kind: type[Parameters], query_string: str) -> Mapping[str, Any]:
    """The parameters of a query string, checked; a dashboard asks with the same ones each minute.

    Raises `InvalidInput` that names every parameter which is wrong, not known, or given twice.
    """
    given = QueryDict(query_string)
    # A misspelt filter that is ignored would show other learners than were asked for.
    _refuse(set(given) - set(kind().fields), "is not a parameter of this address")
    _refuse({name for name in given if len(given.getlist(name)) > 1}, "is given more than once")
    parameters = kind(data=given)
    parameters.is_valid(raise_exception=True)
    return MappingProxyType(parameters.validated_data)


def _refuse(names: set[str], reason: str) -> None:
    if names:
        raise InvalidInput(FieldError(name, reason) for name in sorted(names))
