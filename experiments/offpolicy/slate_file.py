"""Rows of slates on disk, written and read in batches: a log larger than memory is valued as any other."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.offpolicy.crossfit import CrossFit
from experiments.offpolicy.policy_log import Floats, Log, log_of


class SlateRows(NamedTuple):
    """Rows of n decisions, the rows of a decision one after the other from position 0 on.

    `sizes` int64[n] rows of each, `unit` int64[n] any numbers; float64[m] are `reward`, `propensity`, and
    whether the target and the baseline have this item there; `features` float64[m, d] of the target's item.
    """

    sizes: NDArray[np.int64]
    unit: NDArray[np.int64]
    reward: Floats
    propensity: Floats
    target: NDArray[np.bool_]
    baseline: NDArray[np.bool_]
    features: Floats


class SlateFile:
    """A file in `folder` that batches are appended to, and that is then read as `LogRows`.

    `discount` by position. With `model` set, rows have its values: `expected` of the target's item at the
    position, which is `predicted` as well where the row's item is that one. Elsewhere the row has no weight.
    """

    def __init__(self, folder: Path, discount: Floats) -> None:
        self._path = folder / "slates"
        self._file: IO[bytes] = self._path.open("wb")
        self._discount = discount
        self._units = np.empty(0, np.int64)
        self.decisions = self.rows = 0
        self.model: CrossFit | None = None

    def append(self, batch: SlateRows) -> None:
        """Write some decisions, at least one."""
        for column in batch:
            np.save(self._file, column, allow_pickle=False)
        self._units = np.union1d(self._units, batch.unit)
        self.decisions, self.rows = self.decisions + len(batch.sizes), self.rows + len(batch.reward)

    def cluster_of(self, units: NDArray[np.int64]) -> NDArray[np.int64]:
        """Units numbered from 0 without gaps, in their order."""
        return np.asarray(np.searchsorted(self._units, units), np.int64)

    @property
    def clusters(self) -> int:
        """How many units there are."""
        return len(self._units)

    @property
    def positions(self) -> int:
        """How many positions there can be."""
        return len(self._discount)

    @property
    def modelled(self) -> bool:
        """Whether there is a reward model."""
        return self.model is not None

    @property
    def compared(self) -> bool:
        """Each row has a baseline."""
        return True

    def batches(self, modelled: bool = False) -> Iterator[Log]:
        """What was appended, batch by batch."""
        self._file.flush()
        with self._path.open("rb") as file:
            read = 0
            while read < self.decisions:
                batch = SlateRows(*(np.load(file, allow_pickle=False) for _ in SlateRows._fields))
                read += len(batch.sizes)
                yield self._log(batch, self.model if modelled else None)

    def _log(self, batch: SlateRows, model: CrossFit | None) -> Log:
        cluster = np.repeat(self.cluster_of(batch.unit), batch.sizes)
        expected = None if model is None else model.predict(batch.features, cluster)
        starts = np.repeat(np.cumsum(batch.sizes) - batch.sizes, batch.sizes)
        log = log_of(
            batch.reward,
            batch.propensity,
            batch.target.astype(float),
            decision=np.repeat(np.arange(len(batch.sizes)), batch.sizes),
            position=np.arange(len(starts)) - starts,
            discount=self._discount,
            predicted=expected,
            expected=expected,
        )
        return replace(log, cluster=cluster, baseline=batch.baseline.astype(float))
