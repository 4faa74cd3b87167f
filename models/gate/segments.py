"""Is it the right way up everywhere? Parts of the traffic that nobody declared as a slice.

A segment is every value of every category, and the quarters of every number, as they were served. In each, a
row's place among its request's candidates is held to the champion's place for it, and to its outcome's.
Places are needed because few candidates of a request may belong to a rare category: what is upside down about
those is where they stand among the others. A place compares with the champion's without the noise of
outcomes, so that some dozens of rows tell.

All segments of all windows are one set of tests with one chance of a false alarm. Rows of one request are one
observation: intervals are those of sums by request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.gate import stats
from models.gate.blocks import correlation, mean
from models.gate.compare import Comparison
from models.gate.lately import served_columns
from models.gate.scarcity import REQUESTS, too_few
from models.gate.sign import LIKE_HOLD
from models.gate.stats import Floats, Ints
from models.gate.subject import Subject
from models.gate.verdict import Check, Result
from models.gate.window import RequestWindow

# Below so many rows of so many requests a segment can't say anything: of twenty requests a perfect order is
# sure at the level that a set of hundreds of segments leaves to each, of ten it is not.
LEAST, LEAST_REQUESTS = 30, 20
MISCLASSED = 0.01  # chance that any segment of any window is found by chance, by Bonferroni; half for tenths
# Of a request's length, that the rows of a segment surely stand elsewhere than the champion has them: healthy
# retrains of four tables stay within 0.05, a model fitted on two swapped categories or another unit has 0.2.
MOVED = 0.125
# Of correlation with the champion's order, that a segment surely has less than other rows: healthy retrains
# of four tables are surely apart by 0.02 at most, labels turned round in a quarter of 50 queries by 0.36.
APART = 0.25
CHAMPION = "the champion's order"
SHOWN = 3  # segments that a sentence names
UNIT = "segments"

Mask = NDArray[np.bool_]
Wrong = tuple[Result, str]


@dataclass(frozen=True, eq=False)
class Places:
    """Where candidates stand on one window, by row, and the request of each; `found` are its segments."""

    comparison: Comparison
    found: Mapping[str, Mask]

    def judged(self) -> Iterator[tuple[str, Mask]]:
        """The segments that are large enough to say something."""
        known = np.isfinite(places_of(self.comparison.window, self.comparison.own))
        for where, rows in self.found.items():
            inside = rows & known
            if inside.sum() >= LEAST and len(np.unique(self.blocks[inside])) >= LEAST_REQUESTS:
                yield where, inside

    @property
    def blocks(self) -> Ints:
        """What is one observation, by row: the request; the row where requests have but one."""
        window = self.comparison.window
        return window.request_of_row if window.ordered else np.arange(len(window.labels), dtype=np.int64)


def segments(subject: Subject) -> Iterator[Check]:
    """No segment stands upside down, nor far away from where the champion has it."""
    windows = [_places(subject, comparison) for comparison in subject.comparisons]
    tests = sum(4 * len([*each.judged()]) for each in windows)
    for each in windows:
        window = each.comparison.window
        name, alpha = f"segments of {window.source}", MISCLASSED / 2
        if few := too_few(name, window, window.requests, REQUESTS):
            yield few
            continue
        bad = [*_wrong(each, alpha / max(1, tests)), *_tails(each, alpha / (2 * len(windows)))]
        yield _check(name, sorted(bad, key=lambda found: -found[0]), len([*each.judged()]))


def _check(name: str, bad: Sequence[Wrong], judged: int) -> Check:
    source = "places among the candidates"
    if not bad:
        sentence = f"{judged:,} segments stand the right way up"
        return Check(name, Result.PASS, sentence, 0, 0, source, UNIT)
    shown = "; ".join(why for _, why in bad[:SHOWN])
    verb = "segment does" if len(bad) == 1 else "segments do"
    others = f"; and {len(bad) - SHOWN} segments more" if len(bad) > SHOWN else ""
    return Check(name, bad[0][0], f"{len(bad):,} {verb} not pass: {shown}{others}", len(bad), 0, source, UNIT)


def _places(subject: Subject, comparison: Comparison) -> Places:
    columns = served_columns(comparison.window, subject.engine, subject.catalogue)
    return Places(comparison, dict(_segments({**comparison.window.slices, **columns})))


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


def _wrong(places: Places, alpha: float) -> Iterator[Wrong]:
    """What is wrong with the segments of a window, each of the tests at level `alpha`."""
    comparison, blocks = places.comparison, places.blocks
    own = places_of(comparison.window, comparison.own)
    outcomes = places_of(comparison.window, comparison.window.labels)
    champion = None if comparison.champion is None else places_of(comparison.window, comparison.champion)
    whole = np.nan if champion is None else _whole(own, champion)
    for where, inside in places.judged():
        block = blocks[inside]
        yield from _against(where, own[inside], outcomes[inside], block, alpha, "outcomes")
        if champion is not None:
            yield from _against(where, own[inside], champion[inside], block, alpha, CHAMPION)
            yield from _moved(where, own[inside] - champion[inside], block, alpha)
            if _whole(own[inside], champion[inside]) < whole / 2:  # only few are held to the other rows
                yield from _apart(where, inside, own, champion, places.blocks, alpha)


def _tails(places: Places, alpha: float) -> Iterator[Wrong]:
    """Who leads by the champion's scores (for a first version by its own) is not surely in the other half."""
    comparison = places.comparison
    window, first = comparison.window, comparison.champion is None
    leads = places_of(window, comparison.own if comparison.champion is None else comparison.champion)
    tested = places_of(window, window.labels if first else comparison.own)
    whose, what = ("its own", "outcomes are") if first else ("the champion's", "it stands")
    known = np.isfinite(leads) & np.isfinite(tested)
    if not known.any():
        return
    low_tenth, high_tenth = np.quantile(leads[known], [0.1, 0.9])
    for word, rows, way in (("best", leads >= high_tenth, -1), ("worst", leads <= low_tenth, 1)):
        inside = known & rows
        found = mean(way * tested[inside], places.blocks[inside], alpha)
        if found.n >= LEAST and found.value > found.half:
            share = f"by {found.value:.0%} of a request's length, n = {found.n:,}"
            yield Result.REJECT, f"upside down in {whose} {word} tenth: {what} in the other half ({share})"


def _against(  # noqa: PLR0913, PLR0917 - two columns of one segment, and what they are
    where: str, own: Floats, other: Floats, blocks: Ints, alpha: float, what: str
) -> Iterator[Wrong]:
    if not (_vary(own) and _vary(other)):
        return
    value, high = correlation(own, other, blocks, alpha)
    if high < 0:
        sentence = f"upside down where {where}: goes against {what}, correlation {value:.3f}"
        yield Result.REJECT, f"{sentence} (at most {high:.3f}, n = {len(own):,})"
    elif what == CHAMPION and high < LIKE_HOLD:
        sentence = f"where {where}, has next to nothing in common with {what}, correlation {value:.3f}"
        yield Result.HOLD, f"{sentence} (at most {high:.3f}, limit {LIKE_HOLD:.3f}, n = {len(own):,})"


def _apart(  # noqa: PLR0913, PLR0917 - two columns, a segment of theirs, and what it is held to
    where: str, inside: Mask, own: Floats, champion: Floats, blocks: Ints, alpha: float
) -> Iterator[Wrong]:
    """Whether a segment surely goes with the champion less than the other rows do.

    The bound of the difference of two correlations is Zou's (2007, Psychological Methods 12, 399-413).
    """
    outside = np.isfinite(own) & np.isfinite(champion) & ~inside
    if not all(_vary(each[rows]) for each in (own, champion) for rows in (inside, outside)):
        return
    value, high = correlation(own[inside], champion[inside], blocks[inside], alpha)
    other, _ = correlation(own[outside], champion[outside], blocks[outside], alpha)
    low = -correlation(-own[outside], champion[outside], blocks[outside], alpha)[1]
    surely = other - value - float(np.hypot(other - low, high - value))
    if value < other / 2 and surely > APART:
        sentence = f"where {where}, has less than half in common with {CHAMPION} of what it has elsewhere"
        surely_so = f"at least {surely:.3f} lower, limit {APART:.3f}, n = {inside.sum():,}"
        yield Result.HOLD, f"{sentence}: correlation {value:.3f}, elsewhere {other:.3f} ({surely_so})"


def _whole(own: Floats, champion: Floats) -> float:
    """The correlation of two columns where both are known; NaN where one of them doesn't vary."""
    known = np.isfinite(own) & np.isfinite(champion)
    if not (_vary(own[known]) and _vary(champion[known])):
        return float("nan")
    return float(np.corrcoef(own[known], champion[known])[0, 1])


def _vary(values: Floats) -> bool:
    return len(values) > 1 and float(values.std()) > 0


def _moved(where: str, gaps: Floats, blocks: Ints, alpha: float) -> Iterator[Wrong]:
    found = mean(gaps, blocks, alpha)
    surely = abs(found.value) - found.half
    if surely > MOVED:
        way = "higher" if found.value > 0 else "lower"
        sentence = (
            f"where {where}, it places candidates {way} than the champion does, by {abs(found.value):.1%}"
        )
        surely_so = f"at least {surely:.1%}, limit {MOVED:.1%}, n = {found.n:,}"
        yield Result.HOLD, f"{sentence} of a request's length ({surely_so})"
