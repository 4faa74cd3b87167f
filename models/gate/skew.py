"""Is the data that a version saw in training the data that it will see? Column by column.

The birth certificate covers the code: the same request gives the same features. This covers the data, with
limits wide enough for seasons: a healthy retrain four months later must pass, hours for minutes must not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.gate.subject import Subject
from models.gate.verdict import Check, Result

MISSING = 0.25  # change of the share of missing values
SCALE = 6.0  # times the spread or the middle, either way: minutes for hours is 60, cents for dollars 100
UNSEEN = 0.25  # share of rows with a category that the other side never has
LEAST = 50  # rows below which a column is not compared
SOURCE = "seasons of the flights stay within half of it"


def columns(subject: Subject) -> Iterator[Check]:
    """The reference window's columns against the champion's, and against what recent requests were served."""
    for other, frame in subject.other_columns.items():
        name = f"features against {other}"
        shared = [
            each for each in subject.declared.feature_names if each in frame and each in subject.columns
        ]
        short = min((len(frame[each]) for each in shared), default=0)
        if short < LEAST:
            sentence = f"{short} rows of {other} are too few to compare columns with: {LEAST} are needed"
            yield Check(name, Result.HOLD, sentence, short, LEAST, "rule")
            continue
        found = [why for each in shared for why in differences(each, subject.columns[each], frame[each])]
        result = Result.HOLD if found else Result.PASS
        sentence = "; ".join(found) or f"{len(shared)} columns have the same make-up"
        yield Check(name, result, sentence, len(found), 0, SOURCE)


def differences(name: str, own: NDArray[Any], other: NDArray[Any]) -> Iterator[str]:
    """What is different about a column, as sentences: `own` of the version, `other` of what it is held to."""
    if object in (own.dtype, other.dtype):
        yield from _categories(name, own.astype(str), other.astype(str))
    else:
        yield from _numbers(name, own.astype(np.float64), other.astype(np.float64))


def _categories(name: str, own: NDArray[Any], other: NDArray[Any]) -> Iterator[str]:
    for rows, known, where in ((own, other, "elsewhere"), (other, own, "in training")):
        unseen = ~np.isin(rows, np.unique(known))
        if unseen.mean() > UNSEEN:
            example = rows[unseen][0]
            yield f"{name}: {unseen.mean():.0%} of the values, such as {example!r}, are not known {where}"


def _numbers(name: str, own: NDArray[np.float64], other: NDArray[np.float64]) -> Iterator[str]:
    gone, lacks = float(np.isnan(own).mean()), float(np.isnan(other).mean())
    if abs(gone - lacks) > MISSING:
        yield f"{name}: {gone:.0%} of the values are missing, elsewhere {lacks:.0%}"
    own, other = own[~np.isnan(own)], other[~np.isnan(other)]
    if len(own) < LEAST or len(other) < LEAST:
        return
    mine, its = np.ptp(own), np.ptp(other)
    if (mine == 0) != (its == 0):
        frozen, value = ("in training", own[0]) if mine == 0 else ("elsewhere", other[0])
        yield f"{name}: is {value:g} in every row {frozen} and varies on the other side: frozen or filled"
        return
    yield from _sizes(name, own, other)


def _sizes(name: str, own: NDArray[np.float64], other: NDArray[np.float64]) -> Iterator[str]:
    """A unit multiplies both the spread and the middle; drift rarely does the one and never both."""
    for word, mine, its in (
        ("spread", _spread(own), _spread(other)),
        ("middle size", _middle(own), _middle(other)),
    ):
        if mine > 0 and its > 0 and max(mine / its, its / mine) > SCALE:
            times = f"{mine / its:.3g} times as much"
            yield f"{name}: its {word} is {mine:g}, elsewhere {its:g}, {times}: another unit?"
            return


def _spread(values: NDArray[np.float64]) -> float:
    low, high = np.quantile(values, [0.05, 0.95])
    return float(high - low)


def _middle(values: NDArray[np.float64]) -> float:
    return float(np.median(np.abs(values)))


def make_up(subject: Subject) -> Iterator[Check]:
    """Rows, and share and label rate of each slice, of the training data against the champion's."""
    own, before = subject.training, None if subject.before is None else subject.before.training
    if own is None or before is None:
        return
    wrong = [*_rows(own, before), *_shares(own.get("slices", {}), before.get("slices", {}))]
    result = Result.HOLD if wrong else Result.PASS
    sentence = "; ".join(wrong) or f"{own.get('rows', 0):,} rows, made up as the champion's"
    yield Check("training data against the champion's", result, sentence, len(wrong), 0, "the champion's")


def _rows(own: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[str]:
    rows, its = float(own.get("rows", 0)), float(before.get("rows", 0))
    if its and rows < its / 4:
        yield f"trained on {rows:,.0f} rows, the champion on {its:,.0f}"
    mean, former = own.get("label_mean"), before.get("label_mean")
    if mean is not None and former and not 1 / 3 < mean / former < 3:
        yield f"the mean label is {mean:.3g}, the champion's {former:.3g}"


def _shares(own: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[str]:
    """Slices that are gone, a tenth of what they were, or of another label rate."""
    for name in own.keys() & before.keys():
        for value, its in before[name].items():
            mine = own[name].get(value, {"share": 0.0, "label_mean": None})
            if its["share"] >= 0.05 and mine["share"] < its["share"] / 4:
                yield (
                    f"{name} = {value} makes up {mine['share']:.1%} of the training rows, "
                    f"of the champion's {its['share']:.1%}"
                )
