"""Does a column know what came later? Its correlation with the outcomes of later rows and of earlier ones.

A column that was made of outcomes knows those that came later better than those that came before. One that
counts what was known at its time can only know earlier ones.

A column that was made of outcomes on both sides knows each of the next few beyond what the features of their
own rows tell, up to some row and not from there on. What changes slowly, such as a rate that no column has,
does so for all of them alike.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.gate.fits import Design, by_request, ranks
from models.gate.labelled import ALPHA, TENTHS, LabelledRows
from models.gate.stats import Floats
from models.gate.stretches import bound, side
from models.gate.subject import Subject
from models.gate.verdict import Check, Result

AHEAD = 5  # rows after and before, whose mean outcomes are compared
LATER = 0.1  # correlation with later outcomes, beyond that with earlier ones
EACH = 6  # rows after, whose outcomes are looked at one by one
RUNS = 20  # of rows, whose means are taken as independent
FEW = 1 / 3  # of the columns: more of them are no histories
SHOWN = 3


def later_outcomes(subject: Subject) -> Iterator[Check]:
    """No column knows the outcomes of later rows better than those of earlier ones."""
    if subject.rows is None:
        return
    bad, _ = lopsided(subject.rows)
    near = None if bad else knows_single_rows(subject.rows)
    sentence = "no column knows later outcomes better than earlier ones, or some of the next ones"
    if near:
        sentence = (
            f"{near}: tells the outcomes of some of the {EACH} rows after it beyond what "
            "their own features tell, and not of the others: made of outcomes that were not known yet?"
        )
    if bad:
        sentence = (
            f"{', '.join(bad[:SHOWN])}: goes with the outcomes of the {AHEAD} rows after it, "
            f"and not so with those of the {AHEAD} before: made of outcomes that were not known yet?"
        )
    count = len(bad) + bool(near)
    result = Result.HOLD if count else Result.PASS
    yield Check("later outcomes", result, sentence, count, 0, "earlier outcomes", "columns")


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


def knows_single_rows(design: Design) -> str | None:
    """The number that most surely tells some of the next outcomes and not others, beyond their features.

    The strongest one alone: what it takes from the outcomes, other columns seem to tell as well.
    """
    rows = design.rows
    numbers = {name: column for name, column in rows.features.items() if column.dtype != object}
    if _placed_by_outcome(rows) or len(rows.label) < AHEAD * RUNS:
        return None
    left = rows.outcome - rows.centred(design.fitted_on(range(TENTHS)))
    after = np.stack([np.roll(left, -step) for step in range(1, EACH + 1)])
    after -= after.mean(axis=0)
    every, found = np.ones(len(rows.starts) - 1, bool), {}
    for name, column in numbers.items():
        own = rows.centred(ranks(column))
        told = [side(by_request(rows, own * each), every) for each in after]
        found[name] = max((abs(each.mean) / each.error for each in told if each.error > 0), default=0.0)
    best = max(found, key=found.__getitem__, default="")
    return best if best and found[best] > bound(2 * EACH * len(found)) else None


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
