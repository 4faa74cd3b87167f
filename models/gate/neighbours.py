"""Do features belong to their own row? Fits with the rows beside it, in the table's order.

Where features of neighbouring rows were swapped, a row's features tell something of its neighbour's outcome
that the neighbour's own features don't. Where they were shifted, they tell more of the neighbour's than of
their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from models.gate.fits import Design, agreement, by_request
from models.gate.labelled import LabelledRows
from models.gate.later import histories
from models.gate.stats import Floats, Ints
from models.gate.stretches import bound, side
from models.gate.subject import Subject
from models.gate.verdict import Check, Result

STEPS = (1, -1, 2, -2)  # rows
TELLS = 0.1  # correlation with another row's outcome, from which on features tell it
SHARE = 0.35  # of what features say of their own row, that they say beyond it of a neighbour's


def neighbours(subject: Subject) -> Iterator[Check]:
    """Features fit the outcome of their own row, and not a neighbour's."""
    if subject.rows is None:
        return
    why = another(subject.rows)
    sentence = why or "features tell nothing of neighbouring rows that those rows' own features don't"
    yield Check(
        "features of neighbours", Result.HOLD if why else Result.PASS, sentence, source="neighbouring rows"
    )


@lru_cache(maxsize=2)
def another(design: Design) -> str | None:
    """Whose features they seem to be, if not the row's own; kept for the next version of the same table."""
    return _shifted(design) or _swapped(design)


def partners(rows: LabelledRows) -> Iterator[tuple[str, Ints]]:
    """Ways to pair each row with another, named: rows on, in twos, the mirrored place of its request."""
    places = np.arange(len(rows.label))
    for step in STEPS:
        count, way = abs(step), "after" if step > 0 else "before"
        yield f"{count} row{'s' if count > 1 else ''} {way}", np.clip(places + step, 0, len(places) - 1)
    for first in (0, 1):
        yield "beside it, two by two", np.clip(((places + first) ^ 1) - first, 0, len(places) - 1)
    if rows.ordered:
        mirrored = (rows.starts[:-1] + rows.starts[1:] - 1)[rows.request] - places
        yield "at the mirrored place of the request", mirrored


def _swapped(design: Design) -> str | None:
    """The neighbour of whom features, other than histories, say something beyond what its own ones do."""
    rows = design.rows
    known = {place for name in histories(design) for place in design.columns[name]}
    own = design.out_of_fold([place for place in range(design.matrix.shape[1]) if place not in known])
    size = float(np.mean(own**2)) or 1.0
    usual = float(np.mean(own * rows.outcome)) / size
    left = rows.outcome - usual * own
    pairs = [*partners(rows)]
    worst, found = bound(2 * len(pairs)), _far(own, left)
    for where, partner in pairs:
        other = partner != np.arange(len(partner))
        told = side(by_request(rows, own * left[partner] * other), np.ones(len(rows.starts) - 1, bool))
        if told.mean > worst * told.error > 0:
            worst, found = told.mean / told.error, (where, told.mean)
    if found is None or usual <= 0 or found[1] / size <= SHARE * usual:
        return None
    return (
        f"the features of a row tell the outcome of the row {found[0]} too, "
        f"{found[1] / size / usual:.0%} as much as of their own row's, "
        "beyond what that row's own features tell: were features swapped between rows?"
    )


def _far(own: Floats, left: Floats) -> tuple[str, float] | None:
    """The distance, or the mirror, at which features tell most of other rows, if it surely stands out.

    All of them by Fourier's transform, the table as a ring; how far chance throws them, they tell themselves.
    Rows before are left out: what came of them may be known.
    """
    count = len(own)
    turned, others = np.fft.rfft(own), np.fft.rfft(left)
    distances = np.fft.irfft(np.conj(turned) * others, count)[1 : count // 2 + 1] / count
    mirrors = np.fft.irfft(turned * others, count) / count
    least = bound(4 * count)
    for name, found in (("{} rows after", distances), ("that mirrors it about row {}", mirrors)):
        spread = float(np.median(np.abs(found))) / 0.6745
        place = int(np.argmax(found))
        if spread > 0 and found[place] / spread > least:
            return name.format(place + 1 if found is distances else place // 2 + 1), float(found[place])
    return None


def _shifted(design: Design) -> str | None:
    """The neighbour whose outcome the features tell better than their own row's.

    What came before may be known: it counts only where nothing is told of the own row.
    """
    rows = design.rows
    own = agreement(rows, design.prediction)
    every = np.ones(len(own), bool)
    mine = side(own, every)
    worst, said = bound(len(STEPS)), None
    for where, partner in partners(rows):
        other = design.with_outcome(rows.outcome[partner])
        its = agreement(other.rows, other.prediction)
        gap, there = side(its - own, every), side(its, every)
        before = "before" in where and mine.mean > bound(1) * mine.error
        if before or not gap.error > 0 or there.mean < TELLS:
            continue
        if gap.mean / gap.error > worst:
            worst = gap.mean / gap.error
            said = (
                f"features tell the outcome of the row {where} (correlation {there.mean:.2f}) better than "
                f"their own row's ({mine.mean:.2f}): are they one off?"
            )
    return said
