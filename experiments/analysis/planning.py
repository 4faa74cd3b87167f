"""An experiment planned from the past: how long it takes, what it could see week by week, when it would stop.

Effects are relative to the metric's mean. An experiment that ends as planned has a share of its error on
looks and the rest on the test at its end (`spending`); one without an end is looked at at any time
(`sequential`). When one would stop is drawn: estimates at daily looks are a Gaussian walk in information, 1
/ variance (Scharfstein, Tsiatis, Robins 1997, "Semiparametric Efficiency and its Implication on the Design
and Analysis of Group-Sequential Studies"), which stops where the recommendation would: an effect is seen,
or one that matters is excluded.
"""

from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from experiments.analysis.sequential import factor
from experiments.analysis.spending import spent
from experiments.analysis.traffic import Traffic
from experiments.config.problems import AnalysisError

Floats = NDArray[np.float64]
LONGEST = 364
"""Days that are looked ahead."""
PATHS = 2_000
"""Experiments that are drawn for when they stop: their mean is known to a fiftieth of its spread."""
POWER = 0.8


@dataclass(frozen=True, slots=True)
class PlannedTest:
    """What is planned: the smallest relative `effect` that matters, the treated arm's `share` of the units,
    the `part` of all units that is in the experiment, the level, and the share of the error for looks."""

    effect: float = 0.05
    share: float = 0.5
    part: float = 1.0
    level: float = 0.95
    looks: float = 0.1

    def check(self) -> None:
        """AnalysisError for what can't be planned."""
        for name, value, fine, rule in (
            ("effect", self.effect, 0 < self.effect < 10, "must be a change above 0, such as 0.05"),
            ("share", self.share, 0 < self.share < 1, "must be between 0 and 1; both arms need units"),
            ("traffic", self.part, 0 < self.part <= 1, "must be a share above 0 and at most 1"),
            ("level", self.level, 0.5 < self.level < 1, "must be between 0.5 and 1, such as 0.95"),
            ("looks", self.looks, 0 <= self.looks < 1, "must be a share of the error, from 0 to below 1"),
        ):
            if not fine:
                raise AnalysisError(f"--{name} {value:g}: {rule}")


@dataclass(frozen=True, slots=True)
class Week:
    """After so many days: units in both arms, and the smallest relative effects that are seen four times
    out of five: by the test at a planned end then, the same with CUPED, and by a look at any time."""

    days: int
    units: int
    planned: float
    cuped: float | None
    anytime: float


@dataclass(frozen=True, slots=True)
class ExpectedStop:
    """When an experiment looked at daily stops if its true relative effect is this, by what it saw or at its
    planned end: mean and median days, and the share that stopped before the end."""

    effect: float
    mean: float
    median: float
    early: float


@dataclass(frozen=True, slots=True)
class Outline:
    """A plan. `days`: until the effect that matters is seen four times out of five, by the test at a
    planned end, the same with CUPED, and by looks at any time; None beyond LONGEST. `stops`: of the one
    with a planned end; `endless`: of one without, that is looked at for LONGEST."""

    metric: str
    mean: float
    deviation: float
    reduction: float | None
    past: float
    rows: float
    weeks: tuple[Week, ...]
    days: int | None
    days_cuped: int | None
    days_anytime: int | None
    stops: tuple[ExpectedStop, ...]
    endless: tuple[ExpectedStop, ...]


def outline(traffic: Traffic, design: PlannedTest, weeks: int = 8) -> Outline:
    """Plan an experiment on traffic like this."""
    design.check()
    grid = np.arange(1.0, LONGEST + 1)
    planned, anytime = seen_after(traffic, design, grid)
    left = None if traffic.reduction is None else sqrt(max(0.0, 1 - traffic.reduction))
    days = _first(planned, design.effect)
    return Outline(
        metric=traffic.metric,
        mean=traffic.mean,
        deviation=traffic.deviation,
        reduction=traffic.reduction,
        past=traffic.days[-1],
        rows=traffic.rows,
        weeks=tuple(_week(traffic, design, (planned, anytime), 7 * n, left) for n in range(1, weeks + 1)),
        days=days,
        days_cuped=None if left is None else _first(planned * left, design.effect),
        days_anytime=_first(anytime, design.effect),
        stops=() if days is None else stops(traffic, design, days),
        endless=() if days is None else stops(traffic, replace(design, looks=1.0), LONGEST),
    )


def seen_after(traffic: Traffic, design: PlannedTest, days: Floats) -> tuple[Floats, Floats]:
    """Smallest relative effects seen with POWER after so many days: at a planned end, and at any time."""
    error = traffic.error_after(days, design.share, design.part) / abs(traffic.mean)
    counts = traffic.units_after(days) * design.part
    once = ndtri((1 + spent(design.level, design.looks).end) / 2)
    wide = np.array([factor(float(round(count)), design.level) for count in counts])
    return error * (once + ndtri(POWER)), error * (wide + ndtri(POWER))


def stops(traffic: Traffic, design: PlannedTest, days: int) -> tuple[ExpectedStop, ...]:
    """When experiments of these `days` stop: without an effect, with the one that matters, with twice it."""
    grid = np.arange(1.0, days + 1)
    error = traffic.error_after(grid, design.share, design.part) / abs(traffic.mean)
    information = np.maximum.accumulate(1 / error**2)
    levels = spent(design.level, design.looks)
    counts = traffic.units_after(grid) * design.part
    half = np.array([factor(float(round(count)), levels.looks) for count in counts]) * error
    steps = np.sqrt(np.diff(information, prepend=0.0))
    walk = np.random.default_rng(20).normal(size=(PATHS, days)) * steps
    noise = walk.cumsum(axis=1) / information
    return tuple(
        _stop(each, noise + each, half, design, days) for each in (0.0, design.effect, 2 * design.effect)
    )


def _stop(effect: float, seen: Floats, half: Floats, design: PlannedTest, days: int) -> ExpectedStop:
    decided = (np.abs(seen) > half) | (seen + half < design.effect)
    decided[:, -1] = True
    ended = decided.argmax(axis=1) + 1
    return ExpectedStop(effect, float(ended.mean()), float(np.median(ended)), float((ended < days).mean()))


def _week(
    traffic: Traffic, design: PlannedTest, seen: tuple[Floats, Floats], days: int, left: float | None
) -> Week:
    units = float(traffic.units_after(np.array([float(days)]))[0]) * design.part
    planned, anytime = (float(each[days - 1]) for each in seen)
    return Week(days, round(units), planned, None if left is None else planned * left, anytime)


def _first(seen: Floats, effect: float) -> int | None:
    """The first day from which on the effect is seen."""
    found = np.flatnonzero(seen <= effect)
    return int(found[0]) + 1 if len(found) else None
