"""What a version would have earned on logged decisions, before anybody is exposed to it.

Decisions are read, scored and kept in batches (`DecisionBatches`, `SlateFile`): memory has one batch, and
some numbers of each decision and unit. The reward model is fitted on a sample of about `FITTED` rows at most.
DR is right with any model; one of two numbers, the scores it is given here, has learnt by then what it can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from bentos.home.state import Home
from bentos.offline.batch_scores import Scorer, scorer
from bentos.offline.slate_batch import WITHOUT_PROPENSITIES, SlateBatch, usable
from bentos.offline.slate_scores import ScoredSlates, slate_scores
from experiments.offpolicy.crossfit import CrossFit
from experiments.offpolicy.estimators import Evaluation, evaluate
from experiments.offpolicy.intervals import PolicyEstimate
from experiments.offpolicy.labels import Labels
from experiments.offpolicy.policy_log import LogError
from experiments.offpolicy.slate_file import SlateFile, SlateRows
from experiments.offpolicy.weight_tests import LogParts
from monitoring.log.decision_batches import MEMORY, DecisionBatch, DecisionBatches
from monitoring.log.known_outcomes import REASONS
from monitoring.log.spill import spill
from monitoring.log.version_name import VersionName
from monitoring.log.window import window

TOP = 10
DISCOUNT = 1 / np.log2(np.arange(TOP) + 2)  # of DCG (Järvelin, Kekäläinen 2002)
FITTED = 100_000
"""Rows that the reward model is fitted on at most, about: decisions are drawn by their ids."""
UNUSABLE = (*REASONS, WITHOUT_PROPENSITIES)


@dataclass(frozen=True)
class Valued:
    """Diagnostics and the version's value per decision; `gain` is its value minus that of what served.

    `fitted`: how many of the `rows` (items at positions) the reward model was fitted on; 0 without one.
    """

    evaluation: Evaluation
    gain: PolicyEstimate | None
    decisions: int
    skipped: Mapping[str, int]
    rows: int
    fitted: int


def value(home: Home, package: Path, since: float | None = None, until: float | None = None) -> Valued:
    """Value a package on the log's decisions with outcomes, DCG of outcomes over ten positions.

    Left out, and counted: answers without outcomes, under a fallback, or with propensities that nobody knows.
    Raises LogError where nothing is left.
    """
    with _room(home.log) as folder, window(home.log, since, until, memory=MEMORY) as log:
        batches = DecisionBatches(log, folder)
        served_by = cache(partial(_of_model, home))
        return value_of(batches, batches.count, scorer(home, package), served_by, folder)


def value_of(
    batches: Iterable[DecisionBatch],
    count: int,
    score: Scorer,
    served_by: Callable[[str], Scorer],
    folder: Path,
) -> Valued:
    """The same of `count` decisions with their outcomes, and any scorer.

    `served_by` gives the scorer of a model that served, for answers that `top_k` cut. `folder` gets the rows.
    """
    taken = _Taken(SlateFile(folder, DISCOUNT), min(1.0, FITTED / TOP / max(count, 1)))
    skipped = dict.fromkeys(UNUSABLE, 0)
    for batch in batches:
        slates, left_out = usable(batch, TOP)
        for reason, number in left_out.items():
            skipped[reason] += number
        if slates is not None:
            taken.add(slates, slate_scores(slates, TOP, score, served_by))
    if not taken.rows.decisions:
        raise LogError(f"log: none of {count} decisions can be used: {skipped}")
    fitted = taken.fit()
    found = evaluate(taken.rows, parts=LogParts({"version": taken.models}))
    return Valued(
        replace(found, gain=None), found.gain, taken.rows.decisions, skipped, taken.rows.rows, fitted
    )


class _Taken:
    """What was scored: all of it in a file, and a sample to fit the reward model on."""

    def __init__(self, rows: SlateFile, share: float) -> None:
        self.rows, self._share = rows, share
        self._sample: list[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]] = []
        self._numbers: dict[str, int] = {}
        self._models: list[NDArray[np.int64]] = []

    def add(self, slates: SlateBatch, scored: ScoredSlates) -> None:
        """Keep a batch."""
        rows = SlateRows(
            scored.sizes,
            slates.unit,
            scored.reward,
            scored.propensity,
            scored.same,
            scored.greedy,
            scored.wanted,
        )
        self.rows.append(rows)
        numbers = [self._numbers.setdefault(model, len(self._numbers)) for model in slates.models]
        self._models.append(np.array(numbers, np.int64))
        chosen = np.repeat(slates.sampled < self._share, scored.sizes)
        unit = np.repeat(slates.unit, scored.sizes)
        self._sample.append((scored.logged[chosen], scored.reward[chosen], unit[chosen]))

    def fit(self) -> int:
        """Give the rows a reward model that is cross-fitted by unit, where the units suffice; its rows."""
        features, reward, unit = (np.concatenate([part[k] for part in self._sample]) for k in range(3))
        cluster = self.rows.cluster_of(unit)
        if self.rows.clusters < 10 or len(np.unique(cluster % 5)) < 5:
            return 0
        self.rows.model = CrossFit(features, reward, cluster)
        return len(reward)

    @property
    def models(self) -> Labels:
        """The version that served, by decision."""
        names = sorted(self._numbers)
        places = np.array([names.index(model) for model in self._numbers], np.int64)
        return Labels(names, places[np.concatenate(self._models)])


@contextmanager
def _room(log: Path) -> Iterator[Path]:
    """A folder for what doesn't fit into memory, beside the log where there is one."""
    if log.is_dir():
        with spill(log / "tmp") as folder:
            yield folder
    else:
        with TemporaryDirectory() as name:
            yield Path(name)


def _of_model(home: Home, model: str) -> Scorer:
    package = home.version(VersionName.parse(model).number)
    if not package.is_dir():
        raise LogError(
            f"log: answers of {model} were cut by top_k, and {package}, to score them again, is gone"
        )
    return scorer(home, package)
