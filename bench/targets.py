"""What was to be reached, and whether it is."""

from typing import Any


def at_least(name: str, measured: float, target: float) -> dict[str, Any]:
    """Return a target that is reached by its value or more."""
    return _target(name, measured, f"≥ {target:g}", is_reached=measured >= target)


def at_most(name: str, measured: float, target: float) -> dict[str, Any]:
    """Return a target that is reached by its value or less."""
    return _target(name, measured, f"≤ {target:g}", is_reached=measured <= target)


def below(name: str, measured: float, target: float) -> dict[str, Any]:
    """Return a target that is reached by less than its value."""
    return _target(name, measured, f"< {target:g}", is_reached=measured < target)


def _target(name: str, measured: float, target: str, *, is_reached: bool) -> dict[str, Any]:
    return {"name": name, "target": target, "measured": measured, "is_reached": is_reached}
