"""Intervals, courses with bands, and distributions as SVG, 360 units wide for telephones."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from math import isfinite

from monitoring.pages.ticks import Written, percent, plain, ticks

WIDE = 360
LEFT, RIGHT = 52, 10
"""Room for the numbers of an axis, and beside the last point."""
HIGH = 190
STROKES = ("stroke", "stroke s1", "stroke s2")


def intervals(named: Iterable[tuple[str, float, float, float]], written: Written = percent) -> str:
    """Named intervals (low, estimate, high) around 0, one above the other."""
    shown = [each for each in named if all(isfinite(value) for value in each[1:])]
    if not shown:
        return ""
    reach = max(max(abs(low), abs(high)) for _, low, _, high in shown) * 1.05 or 1.0
    middle, half, bottom = WIDE / 2, WIDE / 2 - 16, 38 * len(shown) + 6
    parts = [f'<line x1="{middle}" x2="{middle}" y1="4" y2="{bottom}" class="zero"/>']
    for index, (name, low, estimate, high) in enumerate(shown):
        left, at, right = (f"{middle + half * value / reach:.1f}" for value in (low, estimate, high))
        y = 38 * index + 30
        parts.append(
            f'<text x="4" y="{y - 14}">{escape(_cut(name, 34))}</text>'
            f'<text x="{WIDE - 4}" y="{y - 14}" text-anchor="end">{written(estimate)}</text>'
            f'<line x1="{left}" x2="{right}" y1="{y}" y2="{y}" class="stroke"/>'
            f'<circle cx="{at}" cy="{y}" r="4" class="dot"/>'
        )
    for value in ticks(-reach, reach):
        x = middle + half * value / reach
        parts.append(
            f'<text x="{x:.1f}" y="{bottom + 14}" class="soft" text-anchor="middle">{written(value)}</text>'
        )
    return _svg(bottom + 20, parts)


def course(
    labels: Sequence[str],
    lows: Sequence[float],
    estimates: Sequence[float],
    highs: Sequence[float],
    written: Written = percent,
) -> str:
    """Estimates in order, with a band from `lows` to `highs`, and 0."""
    known = [value for value in (*lows, *estimates, *highs) if isfinite(value)]
    if len(estimates) < 2 or len(known) < 3 * len(estimates):
        return ""
    scale = _Scale(min(*known, 0.0), max(*known, 0.0), len(labels))
    upper = " ".join(scale.point(n, value) for n, value in enumerate(highs))
    lower = " ".join(scale.point(n, lows[n]) for n in reversed(range(len(lows))))
    line = " ".join(scale.point(n, value) for n, value in enumerate(estimates))
    dots = "".join(
        f'<circle cx="{scale.x(n):.1f}" cy="{scale.y(value):.1f}" r="3" class="dot"/>'
        for n, value in enumerate(estimates)
    )
    zero = f'<line x1="{LEFT}" x2="{WIDE - RIGHT}" y1="{scale.y(0):.1f}" y2="{scale.y(0):.1f}" class="zero"/>'
    band = f'<polygon points="{upper} {lower}" class="band"/>'
    drawn = f'{band}{zero}<polyline points="{line}" class="stroke"/>{dots}'
    return _svg(HIGH + 22, [*scale.axis(written), drawn, *_places(scale, labels)])


def curves(
    labels: Sequence[str], lines: Mapping[str, Sequence[float]], wanted: float, written: Written = percent
) -> str:
    """Named lines over the same places from 0 up, at most three, and a dashed one at what is wanted."""
    most = max((value for each in lines.values() for value in each if isfinite(value)), default=0.0)
    if not most or len(labels) < 2:
        return ""
    scale = _Scale(0.0, max(most, wanted), len(labels))
    y = scale.y(wanted)
    parts = [
        *scale.axis(written),
        f'<line x1="{LEFT}" x2="{WIDE - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" class="zero"/>',
    ]
    for number, (name, each) in enumerate(list(lines.items())[: len(STROKES)]):
        points = " ".join(scale.point(n, value) for n, value in enumerate(each))
        parts += [f'<polyline points="{points}" class="{STROKES[number]}"/>', _key(number, name)]
    return _svg(HIGH + 22, [*parts, *_places(scale, labels)])


def _key(number: int, name: str) -> str:
    """What a line is called, in the upper right."""
    y = 14 + 15 * number
    return (
        f'<line x1="{WIDE - 120}" x2="{WIDE - 98}" y1="{y}" y2="{y}" class="{STROKES[number]}"/>'
        f'<text x="{WIDE - 93}" y="{y + 4}">{escape(_cut(name, 14))}</text>'
    )


def spread(edges: Sequence[float], shares: Mapping[str, Sequence[float]], written: Written = plain) -> str:
    """Distributions over the same bins, one line each; at most three of them are told apart."""
    most = max((max(each) for each in shares.values()), default=0.0)
    if not most:
        return ""
    scale = _Scale(0.0, most, len(edges))
    parts = scale.axis(lambda value: f"{value:.3g}")
    for number, (name, each) in enumerate(list(shares.items())[: len(STROKES)]):
        steps = " ".join(
            f"{scale.point(n, value)} {scale.point(n + 1, value)}" for n, value in enumerate(each)
        )
        parts += [f'<polyline points="{steps}" class="{STROKES[number]}"/>', _key(number, name)]
    names = [written(edge) for edge in edges]
    return _svg(HIGH + 22, [*parts, *_places(scale, names)])


class _Scale:
    """Where a value and a place are drawn."""

    def __init__(self, low: float, high: float, places: int) -> None:
        room = (high - low) * 0.05 or 1.0
        self.low, self.high, self.places = low - room * (low < 0), high + room, places

    def x(self, place: float) -> float:
        return LEFT + (WIDE - LEFT - RIGHT) * place / max(self.places - 1, 1)

    def y(self, value: float) -> float:
        return 6 + (HIGH - 6) * (self.high - value) / (self.high - self.low)

    def point(self, place: float, value: float) -> str:
        return f"{self.x(place):.1f},{self.y(value):.1f}"

    def axis(self, written: Written) -> list[str]:
        """Its numbers, with a rule each."""
        return [
            f'<line x1="{LEFT}" x2="{WIDE - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" class="rule"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" class="soft" text-anchor="end">{written(value)}</text>'
            for value, y in ((value, self.y(value)) for value in ticks(self.low, self.high))
        ]


def _places(scale: _Scale, names: Sequence[str]) -> list[str]:
    """The names of the first, the middle and the last place."""
    last = len(names) - 1
    shown = (
        [(0, "start"), (last // 2, "middle"), (last, "end")] if last > 1 else [(0, "start"), (last, "end")]
    )
    return [
        f'<text x="{scale.x(place):.1f}" y="{HIGH + 16}" class="soft" text-anchor="{anchor}">'
        f"{escape(_cut(names[place], 16))}</text>"
        for place, anchor in shown
    ]


def _cut(name: str, most: int) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _svg(height: float, parts: Iterable[str]) -> str:
    return f'<svg viewBox="0 0 {WIDE} {height:.0f}" role="img">{"".join(parts)}</svg>'
