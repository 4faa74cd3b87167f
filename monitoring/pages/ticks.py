"""Round numbers for an axis."""

from collections.abc import Callable
from math import ceil, floor, log10


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """At most `most` round numbers between two, in steps of 1, 2 or 5.

    >>> ticks(-0.031, 0.012)
    [-0.03, -0.02, -0.01, 0.0, 0.01]
    """
    span = high - low
    if not span > 0:
        return [low]
    scale = 10 ** floor(log10(span / most))
    step = next(scale * by for by in (1, 2, 5, 10, 20) if span / (scale * by) < most)
    digits = max(0, 1 - floor(log10(step)))
    return [round(step * n, digits) + 0.0 for n in range(ceil(low / step), floor(high / step) + 1)]


def percent(value: float) -> str:
    """A share with its sign, without digits that say nothing."""
    return "0" if value == 0 else f"{100 * value:+.3g}%"


def plain(value: float) -> str:
    """A number in four digits at the most."""
    return f"{value:.4g}"


Written = Callable[[float], str]
