"""What a list of latencies comes to."""

import math
from collections.abc import Iterable

SHARES = {"p50": 0.50, "p90": 0.90, "p99": 0.99, "max": 1.0}


def percentiles(values: Iterable[float]) -> dict[str, float]:
    """Return percentiles by nearest rank, as measured values; of nothing, nothing."""
    ordered = sorted(values)
    if not ordered:
        return {}
    return {
        name: round(ordered[math.ceil(share * len(ordered)) - 1], 3)
        for name, share in SHARES.items()
    }
