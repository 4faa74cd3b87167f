"""The tables as text (Markdown, as docs/performance.md has them), and one document for the picture."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from tests.growth.core import Found

UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (0.0, "ns"))


def document(found: Iterable[Found]) -> list[dict[str, Any]]:
    """What was measured, as JSON has it."""
    return [
        {
            "name": each.curve.name,
            "size": each.curve.size,
            "unit": each.curve.unit,
            "points": [
                {"size": size, "cpu": cost.per_unit, "memory": cost.memory, **cost.also}
                for size, cost in sorted(each.costs.items())
            ],
            "exponent": None if math.isnan(each.exponent) else round(each.exponent, 3),
            "breaks": each.breaks,
        }
        for each in found
    ]


def summary(document: Iterable[dict[str, Any]]) -> Iterator[str]:
    """One row per curve: CPU per unit at its sizes, exponent, the step where it breaks."""
    yield "| What grows | CPU of | at sizes | exponent | breaks at |"
    yield "|---|---|---|---|---|"
    for each in document:
        points = ", ".join(f"{each_['size']:,}: {duration(each_['cpu'])}" for each_ in each["points"])
        power = "–" if each["exponent"] is None else f"{each['exponent']:.2f}"
        name = f"{each['name']}: {each['size']}"
        yield f"| {name} | {each['unit']} | {points} | {power} | {each['breaks'] or '–'} |"


def details(each: dict[str, Any]) -> Iterator[str]:
    """The table of one curve, with all its columns."""
    columns = list(dict.fromkeys(name for point in each["points"] for name in point))
    further = [name for name in columns if name not in {"size", "cpu", "memory"}]
    memory = ["memory"] if any(point["memory"] for point in each["points"]) else []
    yield f"{each['name']}: exponent {each['exponent']}, breaks at {each['breaks'] or '–'}"
    yield "| " + " | ".join([each["size"], f"CPU of {each['unit']}", *memory, *further]) + " |"
    yield "|---" * (2 + len(memory) + len(further)) + "|"
    for point in each["points"]:
        cells = [f"{point['size']:,}", duration(point["cpu"])]
        cells += [f"{point['memory'] / 1e6:,.0f} MB"] if memory else []
        cells += [f"{point[name]:,.4g}" if name in point else "–" for name in further]
        yield "| " + " | ".join(cells) + " |"


def duration(seconds: float) -> str:
    """Three digits and a unit.

    >>> duration(0.00123456), duration(12.3), duration(4.5e-8)
    ('1.23 ms', '12.3 s', '45 ns')
    """
    scale, unit = next(each for each in UNITS if seconds >= each[0])
    return f"{seconds / (scale or 1e-9):.3g} {unit}"
