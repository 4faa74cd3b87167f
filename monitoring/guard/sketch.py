"""Distributions of scores that add up: over workers, minutes and days, without keeping the scores.

A KLL sketch (Karnin, Lang & Liberty, FOCS 2016; Apache DataSketches) of some kilobytes, whatever it has seen.
Not for serving processes: whoever follows the log fills it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from monitoring.errors import UserError

if TYPE_CHECKING:
    from datasketches import kll_doubles_sketch

SIZE = 400
"""KLL's k: ranks are off by at most `ScoreSketch.rank_error`, 0.7%, with 99% confidence; about 10 kB."""

_HEADER = np.dtype([("form", "<u4"), ("not_finite", "<u8")])
_FORM = 1


class SketchError(UserError, ValueError):
    """Bytes that are no sketch, or a question that an empty one cannot answer."""


def _new() -> kll_doubles_sketch:
    from datasketches import kll_doubles_sketch

    return kll_doubles_sketch(SIZE)


@dataclass
class ScoreSketch:
    """Scores seen so far: finite ones as a distribution, the others as a number."""

    not_finite: int = 0
    _kll: kll_doubles_sketch = field(default_factory=_new, repr=False)

    def update(self, scores: ArrayLike) -> None:
        """Take scores of any shape; NaN and infinities are counted apart."""
        values = np.asarray(scores, dtype=np.float64).ravel()
        finite = values[np.isfinite(values)]
        self.not_finite += len(values) - len(finite)
        self._kll.update(finite)

    def merge(self, other: ScoreSketch) -> None:
        """Become the sketch of what both have seen; `other` stays as it is."""
        self.not_finite += other.not_finite
        self._kll.merge(other._kll)

    @property
    def count(self) -> int:
        """How many scores there were, finite or not."""
        return int(self._kll.n) + self.not_finite

    @property
    def finite(self) -> int:
        """How many of them were finite."""
        return int(self._kll.n)

    def counts_below(self, scores: Sequence[float], inclusive: bool = False) -> NDArray[np.float64]:
        """How many finite scores lie below each of `scores`, ascending and distinct, or also at it."""
        if self._kll.is_empty():
            return np.zeros(len(scores))
        shares = np.asarray(self._kll.get_cdf(list(scores), inclusive), dtype=np.float64)
        counts: NDArray[np.float64] = shares[:-1] * self.finite
        return counts

    @property
    def rank_error(self) -> float:
        """How far a rank may be off, as a share; 99% confidence."""
        return float(self._kll.normalized_rank_error(False))

    def quantiles(self, ranks: Sequence[float]) -> NDArray[np.float64]:
        """The scores at `ranks` (0 to 1) of the finite ones. Raises SketchError where there are none."""
        if self._kll.is_empty():
            raise SketchError("the sketch has seen no finite score, so it has no quantiles")
        return np.asarray(self._kll.get_quantiles(list(ranks)), dtype=np.float64)

    def shares_below(self, scores: Sequence[float]) -> NDArray[np.float64]:
        """The share of finite scores at or under each of `scores`, ascending and distinct."""
        if self._kll.is_empty():
            raise SketchError("the sketch has seen no finite score, so no share of them lies anywhere")
        shares = np.asarray(self._kll.get_cdf(list(scores)), dtype=np.float64)
        return shares[:-1]

    def farthest(self, other: ScoreSketch, points: int = 200) -> tuple[float, float]:
        """(largest difference of the two distribution functions, the score where it is).

        Kolmogorov's distance at `points` quantiles of each; what is under the sum of both `rank_error` is
        the sketches' own. Raises SketchError where one is empty.
        """
        ranks = np.linspace(0, 1, points).tolist()
        grid = np.unique(np.concatenate([self.quantiles(ranks), other.quantiles(ranks)]))
        gap = np.abs(self.shares_below(grid.tolist()) - other.shares_below(grid.tolist()))
        where = int(np.argmax(gap))
        return float(gap[where]), float(grid[where])

    def to_bytes(self) -> bytes:
        """A form that any machine reads; `from_bytes` takes it back."""
        header = np.array([(_FORM, self.not_finite)], dtype=_HEADER)
        return header.tobytes() + bytes(self._kll.serialize())

    @classmethod
    def from_bytes(cls, saved: bytes) -> ScoreSketch:
        """The sketch that `to_bytes` saved. Raises SketchError."""
        from datasketches import kll_doubles_sketch

        if len(saved) <= _HEADER.itemsize:
            raise SketchError(f"{len(saved)} bytes are too few for a sketch")
        header = np.frombuffer(saved, _HEADER, count=1)[0]
        if header["form"] != _FORM:
            raise SketchError(f"a sketch of form {header['form']}; this Ballast reads form {_FORM}")
        try:
            kll = kll_doubles_sketch.deserialize(saved[_HEADER.itemsize :])
        except (RuntimeError, ValueError, IndexError) as error:
            raise SketchError(f"not a sketch: {error}") from error
        return cls(int(header["not_finite"]), kll)
