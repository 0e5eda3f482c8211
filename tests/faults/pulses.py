"""Pulses with ids of a chosen time."""

import datetime as dt
import secrets
from typing import Any
from uuid import UUID

from uuid6 import uuid7

from tests.faults.history import Place, SentPulse

UUID_VERSION_7 = 7 << 76
UUID_VARIANT = 2 << 62


def new_pulse(place: Place, **fields: Any) -> SentPulse:
    """A pulse whose id was made now."""
    return SentPulse(pulse_id=UUID(int=uuid7().int), place=place, **fields)


def pulse_at(place: Place, at: dt.datetime, **fields: Any) -> SentPulse:
    """A pulse that happened at that time and got its id then."""
    return SentPulse(pulse_id=id_of_time(at), place=place, occurred_at=at, **fields)


def id_of_time(at: dt.datetime) -> UUID:
    """A UUID of version 7 that says it was made at that time, to the millisecond."""
    milliseconds = (at - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(milliseconds=1)
    random = secrets.randbits(74)
    low, high = random & (2**62 - 1), random >> 62
    return UUID(int=milliseconds << 80 | UUID_VERSION_7 | high << 64 | UUID_VARIANT | low)
