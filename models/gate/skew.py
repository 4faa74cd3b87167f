"""Is the data that a version saw in training the data that it will see? Column by column.

The birth certificate covers the code: the same request gives the same features. This covers the data, with
limits wide enough for seasons: a healthy retrain four months later must pass, hours for minutes must not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.gate.scarcity import REQUESTS, too_few
from models.gate.stats import amounts
from models.gate.subject import Subject
from models.gate.verdict import Check, Result
from models.gate.window import RequestWindow

MISSING = 0.25  # change of the share of missing values
SCALE = 6.0  # times the spread or the middle, either way: minutes for hours is 60, cents for dollars 100
UNSEEN = 0.25  # share of rows with a category that the other side never has
LEAST = 50  # rows below which a column is not compared
HOURS = 24  # of recent decisions, below which what comes with the hour is not compared with a season's
RECENT = "recent decisions"
SOURCE = "seasons of the flights stay within half of it"


def columns(subject: Subject) -> Iterator[Check]:
    """The reference window's columns against the champion's, and against what recent requests were served."""
    for other, frame in subject.other_columns.items():
        name = f"features against {other}"
        recent = _known_lately(subject) if other == RECENT else None
        if recent and (few := too_few(name, recent, recent.requests, REQUESTS)):
            yield few
            continue
        shared = [
            each for each in subject.declared.feature_names if each in frame and each in subject.columns
        ]
        short = min((len(frame[each]) for each in shared), default=0)
        if recent and (few := too_few(name, recent, short, "rows of known items", LEAST)):
            yield few
            continue
        if short < LEAST:
            sentence = f"{short} rows of {other} are too few to compare columns with: {LEAST} are needed"
            yield Check(name, Result.HOLD, sentence, short, LEAST, "rule", "rows")
            continue
        brief = _of_the_hour(subject, recent)
        found: dict[str, list[str]] = {}
        for each in shared:
            special = subject.served.features.special_of(each)
            own, its = (amounts(side[each], special) for side in (subject.columns, frame))
            found[each] = [*_differences(own, its, each in brief)]
        yield _compared(name, {each: whys for each, whys in found.items() if whys}, len(shared))


def _known_lately(subject: Subject) -> RequestWindow | None:
    return None if subject.recent is None else subject.recent.only(subject.recent.known(subject.catalogue))


def _of_the_hour(subject: Subject, recent: RequestWindow | None) -> set[str]:
    """Features that come with the request, where all of a log's decisions are of a few hours."""
    few = recent is not None and recent.hours is not None and recent.hours < HOURS
    return {*subject.declared.context} if few else set()


def _differences(own: NDArray[Any], other: NDArray[Any], brief: bool) -> Iterator[str]:
    """`brief`: what was served is of a few hours, whose weather is not that of a season."""
    if not brief:
        yield from _unlike(own, other)
    elif object not in (own.dtype, other.dtype):
        yield from _beyond(own.astype(np.float64), other.astype(np.float64))


def _compared(name: str, found: Mapping[str, list[str]], count: int) -> Check:
    if not found:
        return Check(name, Result.PASS, f"{count} columns have the same make-up", 0, 0, SOURCE, "columns")
    whys = "; ".join(f"{each}: {why}" for each, those in found.items() for why in those)
    verb = "column differs" if len(found) == 1 else "columns differ"
    sentence = f"{len(found)} {verb} of {count}: {whys}"
    return Check(name, Result.HOLD, sentence, len(found), 0, SOURCE, "columns")


def differences(name: str, own: NDArray[Any], other: NDArray[Any]) -> Iterator[str]:
    """What is different about a column, as sentences: `own` of the version, `other` of what it is held to."""
    yield from (f"{name}: {why}" for why in _unlike(own, other))


def _unlike(own: NDArray[Any], other: NDArray[Any]) -> Iterator[str]:
    if object in (own.dtype, other.dtype):
        yield from _categories(own.astype(str), other.astype(str))
    else:
        yield from _numbers(own.astype(np.float64), other.astype(np.float64))


def _categories(own: NDArray[Any], other: NDArray[Any]) -> Iterator[str]:
    for rows, known, where in ((own, other, "elsewhere"), (other, own, "in training")):
        unseen = ~np.isin(rows, np.unique(known))
        if unseen.mean() > UNSEEN:
            example = rows[unseen][0]
            yield f"{unseen.mean():.0%} of the values, such as {example!r}, are not known {where}"


def _beyond(own: NDArray[np.float64], other: NDArray[np.float64]) -> Iterator[str]:
    """What no hour does: most values are missing, or far from all that training had."""
    yield from _missing(own, other)
    known, met = own[~np.isnan(own)], np.abs(other[~np.isnan(other)])
    if len(known) and len(met) and np.median(met) > SCALE * np.abs(known).max() > 0:
        size, most = float(np.median(met)), float(np.abs(known).max())
        yield f"its middle size is at most {most:g} in training, elsewhere {size:g}: another unit?"


def _missing(own: NDArray[np.float64], other: NDArray[np.float64]) -> Iterator[str]:
    gone, lacks = float(np.isnan(own).mean()), float(np.isnan(other).mean())
    if abs(gone - lacks) > MISSING:
        yield f"{gone:.0%} of the values are missing, elsewhere {lacks:.0%}"


def _numbers(own: NDArray[np.float64], other: NDArray[np.float64]) -> Iterator[str]:
    yield from _missing(own, other)
    own, other = own[~np.isnan(own)], other[~np.isnan(other)]
    if len(own) < LEAST or len(other) < LEAST:
        return
    mine, its = np.ptp(own), np.ptp(other)
    if (mine == 0) != (its == 0):
        frozen, value = ("in training", own[0]) if mine == 0 else ("elsewhere", other[0])
        yield f"is {value:g} in every row {frozen} and varies on the other side: frozen or filled"
        return
    yield from _sizes(*_apart_from_usual(own, other))


def _apart_from_usual(
    own: NDArray[np.float64], other: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both sides without a value that most rows of one have, as hours without rain.

    Otherwise the spread is 0 or not as 94% or 96% of the rows have it. A unit shows in the rest.
    """
    for side in (own, other):
        values, counts = np.unique(side, return_counts=True)
        if counts.max() > len(side) / 2:
            usual = values[np.argmax(counts)]
            return own[own != usual], other[other != usual]
    return own, other


def _sizes(own: NDArray[np.float64], other: NDArray[np.float64]) -> Iterator[str]:
    """A unit multiplies both the spread and the middle; drift rarely does the one and never both."""
    if min(len(own), len(other)) < LEAST:
        return
    for word, mine, its in (
        ("spread", _spread(own), _spread(other)),
        ("middle size", _middle(own), _middle(other)),
    ):
        if mine > 0 and its > 0 and max(mine / its, its / mine) > SCALE:
            times = f"{mine / its:.3g} times as much"
            yield f"its {word} is {mine:g}, elsewhere {its:g}, {times}: another unit?"
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
    sentence = f"{own.get('rows', 0):,} rows, made up as the champion's"
    if wrong:
        noun = "difference" if len(wrong) == 1 else "differences"
        sentence = f"{len(wrong)} {noun}: {'; '.join(wrong)}"
    name, unit = "training data against the champion's", "differences"
    yield Check(name, result, sentence, len(wrong), 0, "the champion's", unit)


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
