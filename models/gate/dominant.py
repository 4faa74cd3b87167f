"""Does one column know too much? It tells as much as all others, and shares only the outcome with them.

A column that was known before the outcome is a cause of it, or goes with causes: it shares more, or less,
with the other columns than the outcome explains. A copy of the outcome with noise shares with them exactly
what the outcome does: among rows of one outcome it goes with nothing (the outcome "screens it off", H.
Reichenbach, 1956). Only a column that alone tells more than all others together is asked for that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.gate.fits import FOLDS, Design, agreement, by_request, ranks
from models.gate.labelled import LabelledRows
from models.gate.stats import Floats
from models.gate.stretches import side
from models.gate.subject import Subject
from models.gate.verdict import SHARE, Check, Result

CLASSES = 12  # grades, or bins of a number, among which rows have one outcome
TOLD = 4.0  # standard errors of what a copy of the outcome would share with the others, and of what is shared
SCREENED = 0.35  # of what a column shares with the others: less is left among rows of one outcome
SURE = (
    2.576  # standard errors: 99 of 100 copies of the outcome share less than that among rows of one outcome
)
NAME = "one column"


@dataclass(frozen=True)
class Dominant:
    """A column's correlation with outcomes: `alone`, of all the others (`without`), and of `all`."""

    name: str
    alone: float
    without: float
    all: float
    screened: bool

    @property
    def share(self) -> float:
        """Of what all columns tell, how much it tells alone."""
        return self.alone / self.all if self.all > 0 else 0.0


def one_column(subject: Subject) -> Iterator[Check]:
    """No column that tells more than all others shares with them only what the outcome explains."""
    if subject.rows is None:
        return
    found = dominant(subject.rows)
    if found is None:
        yield Check(NAME, Result.PASS, "no column alone tells more than all others together")
        return
    sentence = (
        f"{found.name} alone has {found.share:.0%} of what all columns tell of outcomes (correlation "
        f"{found.alone:.2f}; "
        f"all others together {found.without:.2f}, by no kind of model more)"
    )
    if found.screened:
        why = "goes with the others only as far as the outcome does: is it made of the outcome?"
        sentence = f"{sentence}, and {why}"
    result = Result.HOLD if found.screened else Result.PASS
    yield Check(NAME, result, sentence, found.share, None, "the other columns", SHARE)


@lru_cache(maxsize=2)
def dominant(design: Design) -> Dominant | None:
    """The column that alone tells as much as all others together; None where there is none."""
    rows = design.rows
    told = {name: design.out_of_fold(places) for name, places in design.columns.items() if places}
    if len(told) < 2:
        return None
    agreements = {name: float(agreement(rows, prediction).mean()) for name, prediction in told.items()}
    best = max(agreements, key=agreements.__getitem__)
    linear = design.out_of_fold(design.without(best))
    if agreements[best] < float(agreement(rows, linear).mean()):
        return None
    rest = max((linear, by_trees(rows, best)), key=lambda each: float(agreement(rows, each).mean()))
    without = float(agreement(rows, rest).mean())
    if agreements[best] < without:
        return None
    whole = max(float(agreement(rows, design.prediction).mean()), agreements[best])
    return Dominant(best, agreements[best], without, whole, screened_off(rows, told[best], rest))


def by_trees(rows: LabelledRows, name: str) -> Floats:
    """Each row predicted by boosted trees without one column, fitted on the other folds; centred."""
    import catboost

    others = {other: column for other, column in rows.features.items() if other != name}
    words = [place for place, column in enumerate(others.values()) if column.dtype == object]
    table = [[*row] for row in zip(*(column.tolist() for column in others.values()), strict=True)]
    found = np.zeros(len(rows.label))
    for fold in range(FOLDS):
        inside = rows.tenth % FOLDS == fold
        pools = [
            catboost.Pool(
                [table[row] for row in np.flatnonzero(part)], label=rows.outcome[part], cat_features=words
            )
            for part in (~inside, inside)
        ]
        model = catboost.CatBoostRegressor(
            iterations=60,
            depth=4,
            learning_rate=0.1,
            one_hot_max_size=255,
            allow_writing_files=False,
            logging_level="Silent",
            random_seed=0,
        )
        found[inside] = model.fit(pools[0]).predict(pools[1])
    return rows.centred(found)


def screened_off(rows: LabelledRows, column: Floats, others: Floats) -> bool:
    """Whether a column goes with a prediction by the others only as far as both go with the outcome.

    Asked only where a copy of the outcome would surely share something with the others.
    """
    every = np.ones(len(rows.starts) - 1, bool)
    expected = float(agreement(rows, column).mean() * agreement(rows, others).mean())
    shared = side(_products(rows, column, others), every)
    classes = rows.centred(_classes(rows.label))
    among = side(_products(rows, *(_residual(each, classes) for each in (column, others))), every)
    told = min(expected, shared.mean) > TOLD * shared.error
    return told and abs(among.mean) < min(SURE * among.error, SCREENED * shared.mean)


def _products(rows: LabelledRows, one: Floats, other: Floats) -> Floats:
    """Each request's part in the correlation of two centred columns."""
    size = float(np.sqrt(np.mean(one**2) * np.mean(other**2))) or 1.0
    return by_request(rows, one * other / size)


def _classes(label: Floats) -> NDArray[np.float64]:
    """The rows of each grade, or of each bin of many values and the number itself."""
    values = np.unique(label)
    if len(values) <= CLASSES:
        return np.column_stack([label == value for value in values[1:]]).astype(np.float64)
    place = np.minimum(((ranks(label) + 0.5) * CLASSES).astype(int), CLASSES - 1)
    return np.column_stack([label, *(place == each for each in range(1, CLASSES))]).astype(np.float64)


def _residual(values: Floats, classes: Floats) -> Floats:
    weights = np.linalg.lstsq(classes, values, rcond=None)[0]
    return np.asarray(values - classes @ weights)
