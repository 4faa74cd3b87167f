"""A version beside the champion, on one window: their scores, where both know the items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.gate import stats
from models.gate.stats import Floats, GateEstimate
from models.gate.window import RequestWindow

LEAST = 30  # requests or rows below which a slice is not judged: an interval from fewer says little
MOST_VALUES = 12  # values up to which a category is looked at as a slice


@dataclass(frozen=True, eq=False)
class Comparison:
    """Scores by row of `window`: the version's `own`, and the champion's where there is one.

    `trusted` tells a window whose outcomes were not noted by the version's own training.
    """

    window: RequestWindow
    own: Floats
    champion: Floats | None
    trusted: bool

    @cached_property
    def quality(self) -> GateEstimate:
        """The version's own quality."""
        return self.window.estimate(self.window.quality(self.own))

    @cached_property
    def advantage(self) -> GateEstimate:
        """What the version has over a random order."""
        return self.window.estimate(self.window.quality(self.own) - self.window.chance)

    @cached_property
    def agreement(self) -> GateEstimate:
        """How its scores go with the outcomes, −1 to 1."""
        return self.window.estimate(self.window.agreement(self.own))

    @cached_property
    def difference(self) -> GateEstimate:
        """Its quality less the champion's, paired."""
        if self.champion is None:
            return stats.NOTHING
        return self.window.estimate(self.window.quality(self.own) - self.window.quality(self.champion))

    @cached_property
    def kept(self) -> GateEstimate:
        """The share of the champion's advantage over chance that it has."""
        if self.champion is None:
            return stats.NOTHING
        if self.window.ordered:
            own, its = self.window.quality(self.own), self.window.quality(self.champion)
            return stats.kept(own, its, self.window.chance)
        return self._kept_area()

    def _kept_area(self) -> GateEstimate:
        """The same from two areas: the interval is that of the difference, over the champion's advantage."""
        assert self.champion is not None  # noqa: S101 - `kept` has asked
        its = self.window.estimate(self.window.quality(self.champion))
        gain = its.value - 0.5
        if not its.low > 0.5:
            return stats.NOTHING
        gaps = self.difference
        return GateEstimate(1 + gaps.value / gain, 1 + gaps.low / gain, 1 + gaps.high / gain, gaps.n)

    @cached_property
    def likeness(self) -> GateEstimate:
        """Spearman's correlation with the champion's scores, by request."""
        if self.champion is None:
            return stats.NOTHING
        return stats.mean(self.window.likeness(self.own, self.champion))

    def slices(self) -> Iterator[tuple[str, Comparison]]:
        """The comparison again for each value of each slice, by "name = value"."""
        for name, values in self.window.slices.items():
            found = [value for value in np.unique(values.astype(str)).tolist() if value]
            if len(found) > 1:
                for value in found:
                    yield f"{name} = {value}", self.only(values.astype(str) == value)

    def only(self, rows: NDArray[np.bool_]) -> Comparison:
        """The comparison on some rows."""
        champion = None if self.champion is None else self.champion[rows]
        return Comparison(self.window.only(rows), self.own[rows], champion, self.trusted)


def usable_slices(columns: dict[str, NDArray[Any]], declared: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    """The declared slices, and every other category of few values: a fault keeps to no declaration."""
    found = {name: columns[name] for name in declared if name in columns}
    for name, values in columns.items():
        if name not in found and len(np.unique(values.astype(str))) <= MOST_VALUES:
            found[name] = values
    return found
