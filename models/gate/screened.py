"""Is a column made of the outcome? Then it goes with the others only as far as the outcome does.

A column that was known before the outcome is a cause of it, or goes with causes: it shares more, or less,
with the other columns than the outcome explains. A copy of the outcome with noise shares with them exactly
what the outcome does, and among rows of one outcome nothing: the outcome "screens it off" (H. Reichenbach,
1956). That is asked of every column that tells something, of its sum with what the others tell and of each
of the others; and only where a copy would surely share something with them.

Tables exist in which most columns are so without any fault, as where two groups were measured that differ in
each. There it says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.gate.boosted import told_by_trees
from models.gate.fits import Design, agreement, by_request, ranks
from models.gate.labelled import LabelledRows
from models.gate.stats import Floats
from models.gate.stretches import Side, side

CLASSES = 12  # grades, or bins of a number, among which rows have one outcome
TELLS = 0.2  # correlation with outcomes of a column that is asked
ASKED = 10  # columns, those that tell most
TOLD = 3.5  # standard errors of what a copy of the outcome would share with the others, and of what is shared
NINE_OF_TEN = 1.282  # standard errors
SURE = 2.576  # standard errors: 99 of 100 copies share less than that among rows of one outcome
SCREENED = 0.5  # of what a column shares with the others: less is left among rows of one outcome
OFTEN = 3  # rows of an item that recurs
CHANGES = 0.25  # of a column's variance: one that changes less on the rows of an item is no row's outcome
ALONE = 0.01  # of the copies go with the others, one by one, by chance as much as is taken for more than that
GROUPS = 3  # columns: so many, and more than half of those that tell something, are the table's structure


@dataclass(frozen=True, eq=False)
class _Told:
    """What every column tells of the outcome, out of fold; `left` of it is what rows of one outcome have."""

    design: Design
    own: dict[str, Floats]
    left: dict[str, Floats]
    classes: Floats


def least_told(design: Design) -> float:
    """The correlation with which nine of ten copies of the outcome would be seen; beyond 1 where none."""
    rows = design.rows
    others = float(agreement(rows, design.prediction).mean())
    chance = np.random.default_rng(0).permutation(design.prediction)
    error = _correlation(rows, design.prediction, chance).error
    return max(TELLS, (TOLD + NINE_OF_TEN) * error / others) if others > 0 else np.inf


@lru_cache(maxsize=2)
def made_of_outcome(design: Design) -> tuple[str, ...]:
    """The columns that only the outcome connects with the others, the strongest first."""
    rows = design.rows
    own = {name: design.out_of_fold(places) for name, places in design.columns.items() if places}
    classes = rows.centred(_classes(rows.label))
    told = _Told(design, own, {name: _residual(column, classes) for name, column in own.items()}, classes)
    strength = {name: float(agreement(rows, column).mean()) for name, column in own.items()}
    strong = (name for name in own if strength[name] > TELLS and not _lasts(rows, own[name]))
    asked = sorted(strong, key=lambda name: -strength[name])[:ASKED]
    kept, found = [*own], []
    # One copy makes others look like copies, as what they share is the copy: the strongest goes first.
    while name := next((name for name in asked if name in kept and _is_copy(told, name, kept)), None):
        found.append(name)
        kept.remove(name)
    structure = len(found) >= GROUPS and 2 * len(found) > len(asked)
    return () if structure else tuple(found)


def _is_copy(told: _Told, name: str, kept: list[str]) -> bool:
    """Whether a column goes with the others of `kept` only as far as the outcome does."""
    others = [other for other in kept if other != name]
    if not others:
        return False
    rows, column = told.design.rows, told.own[name]
    linear = told.design.out_of_fold([place for other in others for place in told.design.columns[other]])
    if _screened(told, name, linear):
        return _goes_with_none(told, name, others)
    strong = float(agreement(rows, column).mean()) > float(agreement(rows, linear).mean())
    if not strong:
        return False
    return _screened(told, name, told_by_trees(rows, tuple(others))) and _goes_with_none(told, name, others)


def _screened(told: _Told, name: str, others: Floats) -> bool:
    """Whether a column shares with a prediction by the others only what both share with the outcome."""
    rows, column = told.design.rows, told.own[name]
    expected = float(agreement(rows, column).mean() * agreement(rows, others).mean())
    shared = _correlation(rows, column, others)
    among = _correlation(rows, told.left[name], _residual(others, told.classes))
    sure = min(expected, shared.mean) > TOLD * shared.error
    return sure and abs(among.mean) < min(SURE * among.error, SCREENED * shared.mean)


def _goes_with_none(told: _Told, name: str, others: list[str]) -> bool:
    """Whether a column goes with each other as chance has it among rows of one outcome, by chi-squared."""
    from scipy.special import chdtrc

    rows = told.design.rows
    found = [_correlation(rows, told.left[name], told.left[other]) for other in others]
    squares = [(each.mean / each.error) ** 2 for each in found if each.error > 0]
    return bool(squares) and float(chdtrc(len(squares), sum(squares))) > ALONE


def _correlation(rows: LabelledRows, one: Floats, other: Floats) -> Side:
    """The correlation of two centred columns, with its standard error."""
    products = one * other / (float(np.sqrt(np.mean(one**2) * np.mean(other**2))) or 1.0)
    found = side(by_request(rows, products), np.ones(len(rows.starts) - 1, bool))
    if rows.items is None:
        return found
    return Side(found.mean, max(found.error, _by_items(rows.items, one, other)), found.n)


def _lasts(rows: LabelledRows, column: Floats) -> bool:
    """Whether a column stays as it is on the rows of an item, where most items recur: outcomes don't."""
    if rows.items is None:
        return False
    item, counts = np.unique(rows.items.astype(str), return_inverse=True, return_counts=True)[1:]
    often = counts[item] >= OFTEN
    means = np.bincount(item, column)[item] / counts[item]
    changed = float(np.mean((column - means)[often] ** 2)) if often.any() else np.inf
    return float(often.mean()) > 0.5 and changed < CHANGES * float(np.mean(column[often] ** 2))


def _by_items(items: NDArray[np.generic], one: Floats, other: Floats) -> float:
    """How far chance throws the correlation of two columns of which a part goes with the item.

    What 300 items have in common by chance, 3,000 rows of them have too.
    """
    _, item, counts = np.unique(items.astype(str), return_inverse=True, return_counts=True)
    parts = [np.bincount(item, each)[item] / counts[item] for each in (one, other)]
    shares = [
        float(np.mean(part**2)) / (float(np.mean(each**2)) or 1.0)
        for part, each in zip(parts, (one, other), strict=True)
    ]
    lasting = shares[0] * shares[1]
    count = len(items)
    return float(np.sqrt(lasting * float(np.sum((counts / count) ** 2)) + (1 - lasting) / count))


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
