"""The stretches of a video that a statement says were played, `a[.]b[,]c[.]d` in seconds."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from tracking.xapi.fields import BrokenStatement

MAX_MEDIA_SECONDS = 86_400
MAX_TOTAL_SECONDS = 2**31 - 1


def read_segments(value: Any) -> tuple[Decimal, tuple[tuple[int, int], ...]]:
    """Total seconds and millisecond intervals of the closed segments, `a[.]b[,]c[.]d`.

    The last one may be open (`a`): it counts nowhere. One that ends where it begins is a player's
    stutter and adds nothing.
    """
    if value is None or value == "":
        return Decimal(0), ()
    if not isinstance(value, str):
        raise BrokenStatement("played-segments is not a string")
    segments = value.split("[,]")
    if "[.]" not in segments[-1]:
        _seconds(segments.pop())
    total = Decimal(0)
    played: list[tuple[int, int]] = []
    for segment in segments:
        bounds = segment.split("[.]")
        if len(bounds) != 2:
            raise BrokenStatement(f"played-segments has no segment in {segment[:40]!r}")
        start, end = _seconds(bounds[0]), _seconds(bounds[1])
        if end < start:
            raise BrokenStatement(f"played-segments goes backwards in {segment[:40]!r}")
        total += end - start
        start_ms, end_ms = round_half_up(start * 1000), round_half_up(end * 1000)
        if start_ms < end_ms:
            played.append((start_ms, end_ms))
    if total > MAX_TOTAL_SECONDS:
        raise BrokenStatement("played-segments is longer than a life")
    return total, tuple(played)


def _seconds(text: str) -> Decimal:
    try:
        # Python's numbers may also hold underscores and the digits of any script.
        seconds = Decimal(text.strip() if text.isascii() and "_" not in text else "")
    except InvalidOperation:
        raise BrokenStatement(f"played-segments has no number in {text[:40]!r}") from None
    if not seconds.is_finite() or not 0 <= seconds <= MAX_MEDIA_SECONDS:
        raise BrokenStatement(
            f"played-segments has {text[:40]!r}, which is not from 0 to {MAX_MEDIA_SECONDS}"
        )
    return seconds


def round_half_up(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_UP))
