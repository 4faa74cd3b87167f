"""Does a column know what came later? Its correlation with the outcomes of later rows and of earlier ones.

A column that was made of outcomes knows those that came later better than those that came before. One that
counts what was known at its time can only know earlier ones.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.gate.fits import Design, by_request, ranks
from models.gate.labelled import ALPHA, LabelledRows
from models.gate.stats import Floats
from models.gate.stretches import side
from models.gate.subject import Subject
from models.gate.verdict import Check, Result

AHEAD = 5  # rows after and before, whose mean outcomes are compared
LATER = 0.1  # correlation with later outcomes, beyond that with earlier ones
RUNS = 20  # of rows, whose means are taken as independent
FEW = 1 / 3  # of the columns: more of them are no histories
SHOWN = 3


def later_outcomes(subject: Subject) -> Iterator[Check]:
    """No column knows the outcomes of later rows better than those of earlier ones."""
    if subject.rows is None:
        return
    bad, _ = lopsided(subject.rows)
    sentence = "no column knows later outcomes better than earlier ones"
    if bad:
        sentence = (
            f"{', '.join(bad[:SHOWN])}: goes with the outcomes of the {AHEAD} rows after it, "
            f"and not so with those of the {AHEAD} before: made of outcomes that were not known yet?"
        )
    result = Result.HOLD if bad else Result.PASS
    yield Check("later outcomes", result, sentence, len(bad), 0, "earlier outcomes", "columns")


def lopsided(design: Design) -> tuple[list[str], list[str]]:
    """Numbers that surely know later outcomes better than earlier ones, and those that know earlier ones."""
    from scipy.special import stdtrit

    rows = design.rows
    numbers = {name: column for name, column in rows.features.items() if column.dtype != object}
    if _placed_by_outcome(rows) or len(rows.label) < AHEAD * RUNS:
        return [], []
    least = float(stdtrit(RUNS - 1, 1 - ALPHA / (2 * max(1, len(numbers)))))
    after, before = _means(rows.outcome, 1), _means(rows.outcome, -1)
    later: list[str] = []
    earlier: list[str] = []
    for name, column in numbers.items():
        own = rows.centred(ranks(column))
        own /= float(own.std()) or 1.0
        runs = np.array([run.mean() for run in np.array_split(own * (after - before), RUNS)])
        gap = side(runs, np.ones(RUNS, bool))
        if abs(gap.mean) > max(least * gap.error, LATER / np.sqrt(AHEAD)):
            knows_later = abs(float(np.mean(own * after))) > abs(float(np.mean(own * before)))
            (later if knows_later else earlier).append(name)
    return later, earlier


def histories(design: Design) -> list[str]:
    """Columns that count earlier outcomes, as a history may; none where most seem to: those are shifted."""
    _, earlier = lopsided(design)
    return earlier if len(earlier) <= len(design.columns) * FEW else []


def _means(outcome: Floats, way: int) -> Floats:
    """The mean outcome of the next rows, or of those before."""
    shifted = [np.roll(outcome, -way * step) for step in range(1, AHEAD + 1)]
    return np.asarray(np.mean(shifted, axis=0))


def _placed_by_outcome(rows: LabelledRows) -> bool:
    """Whether a row's place in its request goes with its outcome: then its neighbours' outcomes do too."""
    if not rows.ordered:
        return False
    place = np.arange(len(rows.label)) - rows.starts[:-1][rows.request]
    values = by_request(rows, rows.centred(place.astype(np.float64)) * rows.outcome)
    found = side(values, np.ones(len(values), bool))
    return abs(found.mean) > 3 * found.error
