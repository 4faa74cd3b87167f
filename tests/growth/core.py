"""A curve: the same work at growing sizes, and how its cost per unit of work grows with them.

Cost is CPU, counted by the kernel: on a machine that others use too, time says little. With
`cpu per unit ∝ size ** exponent`, an exponent of 0 is flat, and one of 1 means that every unit of work pays
for all the others.
"""

from __future__ import annotations

import importlib
import itertools
import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests.growth import curves

MOST = 0.25  # exponent that a curve may have: over a tenfold size a factor of 1.8, twice the machine's noise
STEP = 0.5  # exponent of one step at which a curve breaks: as a square root, or worse
NOISE = 1.5  # a step breaks where it costs so many times as much, too


@dataclass(frozen=True)
class Cost:
    """What a size cost: `cpu` seconds for so many `units` of work."""

    units: float
    cpu: float
    memory: int = 0  # bytes at the peak; 0: not measured
    also: Mapping[str, float] = field(default_factory=dict)  # further columns by name, with their units

    @property
    def per_unit(self) -> float:
        """CPU seconds of one unit."""
        return self.cpu / self.units


Measure = Callable[[int], Cost]


@dataclass(frozen=True)
class Curve:
    """One kind of work. `measuring` is given a folder of its own, and holds what all sizes need."""

    name: str
    size: str  # what grows: "connections"
    unit: str  # what one unit of work is: "an answer"
    sizes: Sequence[int]  # 3 to 5, at most two minutes together
    small: Sequence[int]  # of the test: seconds together
    measuring: Callable[[Path], AbstractContextManager[Measure]]
    most: float = MOST  # the exponent that it may have


@dataclass
class Found:
    """A curve as it was measured; `failed` is why a size could not be."""

    curve: Curve
    costs: dict[int, Cost] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)

    @property
    def exponent(self) -> float:
        """Of the CPU per unit of work; NaN with fewer than two sizes."""
        return exponent({size: cost.per_unit for size, cost in self.costs.items()})

    @property
    def breaks(self) -> str | None:
        """The step where it breaks: "256 → 1,000", or the size that failed and why; None where it doesn't."""
        if self.failed:
            size, why = min(self.failed.items())
            return f"{size:,}: {why}"
        return breaking({size: cost.per_unit for size, cost in self.costs.items()})


def exponent(per_unit: Mapping[int, float]) -> float:
    """Slope of log cost over log size by least squares.

    >>> round(exponent({10: 1.0, 100: 10.0, 1000: 100.0}), 3)
    1.0
    """
    if len(per_unit) < 2:
        return float("nan")
    slope, _ = np.polyfit(np.log(list(per_unit)), np.log(list(per_unit.values())), 1)
    return float(slope)


def breaking(per_unit: Mapping[int, float]) -> str | None:
    """The first step to a larger size that costs `NOISE` times as much and has an exponent over `STEP`."""
    sizes = sorted(per_unit)
    for small, large in itertools.pairwise(sizes):
        times = per_unit[large] / per_unit[small]
        if times > NOISE and np.log(times) > STEP * np.log(large / small):
            return f"{small:,} → {large:,}"
    return None


def every_curve() -> list[Curve]:
    """Those of all modules in `curves/`, by module and their order in it."""
    names = sorted(each.name for each in pkgutil.iter_modules(curves.__path__))
    modules = [importlib.import_module(f"{curves.__name__}.{name}") for name in names]
    return [curve for module in modules for curve in module.CURVES]


def run(curve: Curve, sizes: Sequence[int], folder: Path) -> Iterator[Found]:
    """Measure size after size; yields what is known after each. A size that fails ends the curve."""
    found = Found(curve)
    folder.mkdir(parents=True, exist_ok=True)
    with curve.measuring(folder) as measure:
        for size in sizes:
            try:
                found.costs[size] = measure(size)
            except Exception as error:  # whatever it is, the curve breaks here, and the table says so
                found.failed[size] = f"{type(error).__name__}: {error}"[:200]
            yield found
            if found.failed:
                return
