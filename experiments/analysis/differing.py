"""Whether an effect differs between groups of units, and what each group's is likely to be.

Groups are the values of a slice, or the arms of another experiment that runs at the same time: then it is
an interaction. Cochran's Q (1954, "The Combination of Estimates from Different Experiments") tests that all
are the same; p is multiplied by the number of such tests (Bonferroni). Of four groups or more each one's
effect is drawn towards the common one, the further the less is known of it: parametric empirical Bayes
(Efron, Morris 1975, "Data Analysis Using Stein's Estimator and Its Generalizations"; intervals of Morris
1983, "Parametric Empirical Bayes Inference"), with the spread of the true effects as DerSimonian, Laird
1986 estimate it. The largest of many is mostly luck: the shrunk estimate says what to expect of it. It is
for one look, and its intervals hold on average over the groups.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np

GroupKind = Literal["slice", "experiment"]


@dataclass(frozen=True, slots=True)
class GroupEffect:
    """One group's effect with its standard error, and the same drawn towards the others'."""

    group: str
    effect: float
    deviation: float
    shrunk: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Differing:
    """An arm's effect on the primary metric over groups. `relative`: to each group's control, where that is
    clear of 0 in all of them. `p`: of all being the same, corrected for the `tests` of its kind. `common`:
    their mean, `spread`: the standard deviation of the true ones."""

    kind: GroupKind
    column: str
    arm: str
    relative: bool
    p: float
    tests: int
    common: float
    spread: float
    groups: tuple[GroupEffect, ...]

    def sentence(self) -> str:
        """Whether they differ, in words."""
        what = "between the arms of" if self.kind == "experiment" else "by"
        moves = "differs" if self.p < 0.001 else "may differ" if self.p < 0.01 else "is not seen to differ"
        common, spread = (f"{x:+.2%}" if self.relative else f"{x:+.4g}" for x in (self.common, self.spread))
        corrected = f" (corrected for {self.tests} tests)" if self.tests > 1 else ""
        apart = f"; it varies by {spread.lstrip('+')} around that" if self.spread > 0 else ""
        return (
            f"{self.arm}: its effect {moves} {what} {self.column}, p = {self.p:.2g}{corrected}; {common} in "
            f"common{apart}"
        )


@dataclass(frozen=True, slots=True)
class Grouping:
    """What is asked about groups: their kind and column, the arm, and how many such tests are made."""

    kind: GroupKind
    column: str
    arm: str
    tests: int = 1
    level: float = 0.95


def differing(
    asked: Grouping, groups: Mapping[str, tuple[float, float]], *, relative: bool
) -> Differing | None:
    """Compare effects (with their variances) over groups of different units; None with fewer than two.

    >>> asked, effects = Grouping("slice", "device", "new"), {"tv": (0.0, 1e-4), "pc": (0.1, 1e-4)}
    >>> found = differing(asked, effects, relative=True)
    >>> f"{found.p:.1e} {found.common:.3f}"
    '1.5e-12 0.050'
    """
    from scipy.special import chdtrc, ndtri

    known = {name: each for name, each in groups.items() if each[1] > 0}
    if len(known) < 2:
        return None
    effect, variance = (np.array(each) for each in zip(*known.values(), strict=True))
    fixed = 1 / variance
    q = float(fixed @ (effect - fixed @ effect / fixed.sum()) ** 2)
    room = fixed.sum() - (fixed**2).sum() / fixed.sum()
    spread = max(0.0, (q - (len(known) - 1)) / float(room))
    weights = 1 / (variance + spread)
    common = float(weights @ effect / weights.sum())
    normal = float(ndtri((1 + asked.level) / 2))
    found = tuple(
        _group(name, (float(e), float(v)), common, spread, len(known), normal)
        for name, e, v in zip(known, effect, variance, strict=True)
    )
    p = float(min(1.0, asked.tests * chdtrc(len(known) - 1, q)))
    return Differing(
        asked.kind, asked.column, asked.arm, relative, p, asked.tests, common, sqrt(spread), found
    )


def _group(  # noqa: PLR0913, PLR0917 - all that a group's estimate is made of
    name: str, known: tuple[float, float], common: float, spread: float, count: int, normal: float
) -> GroupEffect:
    effect, variance = known
    if count < 4:
        return GroupEffect(name, effect, sqrt(variance), None, None)
    drawn = (count - 3) / (count - 1) * variance / (variance + spread)
    away = effect - common
    left = variance * (1 - (count - 1) / count * drawn) + 2 / (count - 3) * drawn**2 * away**2
    shrunk, half = common + (1 - drawn) * away, normal * sqrt(left)
    return GroupEffect(name, effect, sqrt(variance), shrunk, (shrunk - half, shrunk + half))
