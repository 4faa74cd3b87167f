"""Does the table say the same at all times? Parts of the time that contradict the rest.

Each stretch of the time is held to the rest of the table: the rate of the outcome, the direction of every
column, whether what the rest teaches is right there, and whether the features say anything there at all.
Each question is one set of tests at level ALPHA, by Bonferroni.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from models.gate.fits import Design, agreement
from models.gate.labelled import ALPHA, TENTHS, LabelledRows
from models.gate.stats import Floats
from models.gate.stretches import STRETCHES, Mask, Side, bound, deviation, side, stretches
from models.gate.subject import Subject
from models.gate.verdict import Check, Result

RATE = 0.3  # of the outcome's standard deviation: from 30% to 44%
SURELY = 0.1  # and surely more than this
DIRECTION = 0.1  # correlation on either side that counts as a direction
SILENT = 0.4  # of the rest's correlation
SOURCE = "the rest of the time"
SHOWN = 3


def halves(subject: Subject) -> Iterator[Check]:
    """Every part of the time agrees with the rest of the table."""
    design = subject.rows
    if design is None:
        return
    for question, why in answers(design):
        result = Result.HOLD if why else Result.PASS
        sentence = why or "every part of the time agrees with the rest of the table"
        yield Check(f"halves in time: {question}", result, sentence, source=SOURCE)


@lru_cache(maxsize=2)
def answers(design: Design) -> tuple[tuple[str, str | None], ...]:
    """Each question with what contradicts, or None; kept for the next version of the same table."""
    return (
        ("rate of the outcome", _rate(design.rows)),
        ("direction of columns", _columns(design)),
        ("order", _order(design)),
        ("features", _silent(design)),
    )


def _rate(rows: LabelledRows) -> str | None:
    """The stretch in which the outcome is another, if it surely is; only where the order is that of time."""
    spread = float(rows.label.std())
    if not rows.timed or spread == 0:
        return None
    means = np.add.reduceat(rows.label, rows.starts[:-1]) / np.diff(rows.starts)
    if len(means) < 2 * TENTHS:
        return None
    # Neighbours resemble each other: what is independent are runs of them.
    runs = np.array([run.mean() for run in np.array_split(means / spread, 2 * TENTHS)])
    gaps = [_gap(runs, first, last) for first, last in STRETCHES]
    worst = max(range(len(gaps)), key=lambda place: gaps[place][1])
    gap, surely = gaps[worst]
    if surely < SURELY or gap < RATE:
        return None
    where, inside = [*stretches(rows)][worst]
    its, others = means[inside].mean(), means[~inside].mean()
    return (
        f"the mean outcome is {its:.3g} {where} and {others:.3g} in the rest: was it noted otherwise there?"
    )


def _gap(runs: Floats, first: int, last: int) -> tuple[float, float]:
    """How far a stretch's mean is from the rest's, and what it surely is, by Student's t of runs."""
    from scipy.special import stdtrit

    inside = np.zeros(len(runs), bool)
    inside[2 * first : 2 * last] = True
    parts = runs[inside], runs[~inside]
    freedom = len(runs) - 2
    pooled = sum(float(np.square(part - part.mean()).sum()) for part in parts) / freedom
    error = np.sqrt(pooled * (1 / len(parts[0]) + 1 / len(parts[1])))
    gap = abs(float(parts[0].mean() - parts[1].mean()))
    return gap, gap - float(stdtrit(freedom, 1 - ALPHA / (2 * len(STRETCHES)))) * float(error)


def _columns(design: Design) -> str | None:
    """The columns that surely have one direction in a stretch and the other in the rest.

    Both sides must be sure: under one direction everywhere the chance is at most that of one side squared,
    and thrice that where the sides differ in size.
    """
    tests = len(STRETCHES) * max(1, design.matrix.shape[1])
    least = bound(1, float(np.sqrt(ALPHA / (6 * tests))))
    parts = [*stretches(design.rows)]
    found = [_turned(design, name, parts) for name in design.columns]
    worst = sorted((each for each in found if each[0] > least), reverse=True)
    if not worst:
        return None
    named = "; ".join(why for _, why in worst[:SHOWN])
    return f"{len(worst)} of {len(found)} columns have the other direction there: {named}"


def _turned(design: Design, name: str, parts: list[tuple[str, Mask]]) -> tuple[float, str]:
    """How many standard errors a column is sure of both its directions, and where; 0 for one direction."""
    found = (0.0, "")
    for place in design.columns[name]:
        values = agreement(design.rows, design.matrix[:, place])
        spread = deviation(values)
        for where, inside in parts:
            own, others = side(values, inside, spread), side(values, ~inside, spread)
            large = min(abs(own.mean), abs(others.mean)) > DIRECTION
            sure = min(abs(own.mean) / own.error, abs(others.mean) / others.error) if large else 0.0
            if own.mean * others.mean < 0 and sure > found[0]:
                means = f"correlation {own.mean:+.2f} {where}, {others.mean:+.2f} in the rest"
                found = sure, f"{name} ({means})"
    return found


def _order(design: Design) -> str | None:
    """The stretch where what the rest teaches is upside down, or that teaches the rest so."""
    worst, said = bound(2 * len(STRETCHES)), None
    for (first, last), (where, inside) in zip(STRETCHES, stretches(design.rows), strict=True):
        there = [*range(first, last)]
        rest = [tenth for tenth in range(TENTHS) if tenth not in there]
        for own in (_taught(design, rest, inside), _taught(design, there, ~inside)):
            if -own.mean > max(worst * own.error, DIRECTION / 2):
                worst = -own.mean / own.error
                said = (
                    f"outcomes are upside down {where} against the rest: what one teaches has the "
                    f"correlation {own.mean:+.2f} with the other"
                )
    return said


def _taught(design: Design, tenths: list[int], where: Mask) -> Side:
    """How a fit on some tenths goes with outcomes elsewhere."""
    prediction = design.rows.centred(design.fitted_on(tenths))
    return side(agreement(design.rows, prediction), where)


def _silent(design: Design) -> str | None:
    """The stretch where the features surely say less than in the rest, and less than 40% of it."""
    rows, least = design.rows, bound(len(STRETCHES))
    values = agreement(rows, design.prediction)
    worst, said = least, None
    for where, inside in stretches(rows):
        own, others = side(values, inside), side(values, ~inside)
        error = float(np.hypot(own.error, others.error))
        sure = (others.mean - own.mean) / error if error > 0 else 0.0
        if sure > worst and others.mean > DIRECTION and own.mean < SILENT * others.mean:
            worst, said = (
                sure,
                (
                    f"the features say next to nothing {where} (correlation {own.mean:+.2f}, "
                    f"{others.mean:+.2f} in the rest): do they belong to other rows there?"
                ),
            )
    return said
