"""Is it the right way up everywhere? Parts of the traffic that nobody declared as a slice.

A segment is every value of every category, however rare, and the quarters of every number, as they were
served. In each, a row's place among its request's candidates is held to the champion's place for it, and to
its outcome's. Places are needed because few candidates of a request may belong to a rare category: what is
upside down about those is where they stand among the others. A place compares with the champion's without the
noise of outcomes, so that a dozen rows tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.gate import stats
from models.gate.compare import Comparison
from models.gate.lately import served_columns
from models.gate.sign import LIKE_HOLD
from models.gate.stats import Floats
from models.gate.subject import Subject
from models.gate.verdict import Check, Result
from models.gate.window import RequestWindow

LEAST = 10  # rows of a segment below which even a perfect correlation is no sure one
MISCLASSED = 0.01  # chance that any of a window's segments is found by chance, by Bonferroni
# Of a request's length, that the rows of a segment surely stand elsewhere than the champion has them: healthy
# retrains of four tables stay within 0.05, a model fitted on two swapped categories or another unit has 0.2.
MOVED = 0.125
Z = 2.576  # 99%: healthy segments are far above LIKE_HOLD, so that looking at many needs no more
CHAMPION = "the champion's order"
SHOWN = 3  # segments that a sentence names

Mask = NDArray[np.bool_]


def segments(subject: Subject) -> Iterator[Check]:
    """No segment stands upside down, nor far away from where the champion has it."""
    for comparison in subject.comparisons:
        window = comparison.window
        columns = served_columns(window, subject.engine, subject.catalogue)
        found = dict(_segments({**window.slices, **columns}))
        bad = sorted([*_wrong(comparison, found), *_tails(comparison)], key=lambda each: -each[0])
        name = f"segments of {window.source}"
        if not bad:
            sentence = f"{len(found):,} segments stand the right way up"
            yield Check(name, Result.PASS, sentence, 0, 0, "places among the candidates")
            continue
        sentence = "; ".join(why for _, why in bad[:SHOWN])
        others = f"; and {len(bad) - SHOWN} segments more" if len(bad) > SHOWN else ""
        yield Check(name, bad[0][0], sentence + others, len(bad), 0, "places among the candidates")


def _segments(columns: Mapping[str, NDArray[Any]]) -> Iterator[tuple[str, Mask]]:
    """Rows by what they have in common, named."""
    for name, column in columns.items():
        if column.dtype == object:
            values = column.astype(str)
            for value in np.unique(values).tolist():
                yield f"{name} = {value or '(missing)'}", values == value
        else:
            yield from _quarters(name, column.astype(np.float64))


def _quarters(name: str, column: Floats) -> Iterator[tuple[str, Mask]]:
    lacking = np.isnan(column)
    if lacking.any():
        yield f"{name} is missing", lacking
    if lacking.all():
        return
    edges = np.unique(np.quantile(column[~lacking], [0.25, 0.5, 0.75]))
    place = np.searchsorted(edges, column, side="left")  # NaN is placed last
    for number in range(len(edges) + 1):
        low = "" if number == 0 else f"{edges[number - 1]:.6g} < "
        high = "" if number == len(edges) else f" ≤ {edges[number]:.6g}"
        yield f"{low}{name}{high}", (place == number) & ~lacking


def places_of(window: RequestWindow, values: Floats) -> Floats:
    """Where each row stands in its request, −0.5 (lowest) to 0.5, ties by mid-rank; NaN where it is alone.

    Where requests have one row, they are one list.
    """
    starts = window.starts if window.ordered else np.array([0, len(values)], np.int64)
    sizes = np.repeat(np.diff(starts), np.diff(starts))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(stats.ranks_within(values, starts) / (sizes - 1.0) - 0.5)


def _wrong(comparison: Comparison, found: Mapping[str, Mask]) -> Iterator[tuple[Result, str]]:
    window = comparison.window
    own = places_of(window, comparison.own)
    outcomes = places_of(window, comparison.window.labels)
    champion = None if comparison.champion is None else places_of(window, comparison.champion)
    z = NormalDist().inv_cdf(1 - MISCLASSED / max(1, 3 * len(found)))
    for where, rows in found.items():
        inside = rows & np.isfinite(own)
        if inside.sum() >= LEAST:
            yield from _against(where, own[inside], outcomes[inside], z, "outcomes")
            if champion is not None:
                yield from _against(where, own[inside], champion[inside], z, CHAMPION)
                yield from _moved(where, own[inside], champion[inside], z)


def _tails(comparison: Comparison) -> Iterator[tuple[Result, str]]:
    """Who leads by the champion's scores (for a first version by its own) is not surely in the other half."""
    window, first = comparison.window, comparison.champion is None
    leads = places_of(window, comparison.own if comparison.champion is None else comparison.champion)
    tested = places_of(window, window.labels if first else comparison.own)
    whose, what = ("its own", "outcomes are") if first else ("the champion's", "it stands")
    z = NormalDist().inv_cdf(1 - MISCLASSED / 2)
    known = np.isfinite(leads) & np.isfinite(tested)
    if not known.any():
        return
    low_tenth, high_tenth = np.quantile(leads[known], [0.1, 0.9])
    for word, rows, way in (("best", leads >= high_tenth, -1), ("worst", leads <= low_tenth, 1)):
        found = way * tested[known & rows]
        low = float(found.mean()) - z * float(found.std()) / np.sqrt(len(found))
        if len(found) >= LEAST and low > 0:
            share = f"by {found.mean():.0%} of a request's length, n = {len(found):,}"
            sentence = f"upside down in {whose} {word} tenth: {what} in the other half ({share})"
            yield Result.REJECT, sentence


def _against(where: str, own: Floats, other: Floats, z: float, what: str) -> Iterator[tuple[Result, str]]:
    """Pearson's correlation of places, by Fisher's z."""
    if own.std() == 0 or other.std() == 0:
        return
    value = float(np.clip(np.corrcoef(own, other)[0, 1], -0.9999, 0.9999))
    high, surely = (float(np.tanh(np.arctanh(value) + each / np.sqrt(len(own) - 3))) for each in (z, Z))
    if high < 0:
        sentence = f"upside down where {where}: goes against {what}, correlation {value:.3f}"
        yield Result.REJECT, f"{sentence} (at most {high:.3f}, n = {len(own):,})"
    elif what == CHAMPION and surely < LIKE_HOLD:
        sentence = f"where {where}, has next to nothing in common with {what}, correlation {value:.3f}"
        yield Result.HOLD, f"{sentence} (at most {surely:.3f}, n = {len(own):,})"


def _moved(where: str, own: Floats, champion: Floats, z: float) -> Iterator[tuple[Result, str]]:
    gaps = own - champion
    value = float(gaps.mean())
    surely = abs(value) - z * float(gaps.std()) / np.sqrt(len(gaps))
    if surely > MOVED:
        way = "higher" if value > 0 else "lower"
        sentence = (
            f"where {where}, it places candidates {way} than the champion does, by {abs(value):.0%} of a"
        )
        yield Result.HOLD, f"{sentence} request's length (at least {surely:.0%}, n = {len(gaps):,})"
