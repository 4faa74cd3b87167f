"""A correction fitted on earlier outcomes and judged on later ones.

Pure: rows of the exploration slice come in, a correction and the judgement on it go out. The
correction that was judged is the one that serves: it is not fitted again on the rows that judged it.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from monitoring.calibration.calibration import LEAST_OUTCOMES, TooLittleData
from monitoring.calibration.correction import Correction, fit_additive, fit_isotonic
from monitoring.calibration.judgement import Judged, judge
from monitoring.calibration.rows import Rows, parts

STEPS = 20
"""At the most, of an isotonic correction before it is anchored: each holds a twentieth of the weight."""


class Refitted(NamedTuple):
    """A correction, fitted on `rows` rows of `requests` requests, and the judgement on it."""

    correction: Correction
    rows: int
    requests: int
    judged: Judged


def refit(
    rows: Rows, kind: Literal["additive", "isotonic"], now: Correction | None, least: int, most: float
) -> Refitted | TooLittleData:
    """Fit on the earlier requests and judge on the later ones against `now`, which serves (None: nothing).

    TooLittleData for fewer than `least` rows, or fewer than 20 outcomes of a kind in either part. `most` is
    by how much scores may move on average.
    """
    if len(rows.time) < least:
        return TooLittleData(
            f"too little data to say: {len(rows.time)} matured outcomes, and at least {least} are needed"
        )
    earlier, later = parts(rows)
    for name, part in (("earlier", earlier), ("later", later)):
        ones = int(part.outcome.sum())
        if min(ones, len(part.outcome) - ones) < LEAST_OUTCOMES:
            return TooLittleData(
                f"too little data to say: {ones} of {len(part.outcome)} outcomes of the {name} part are 1, "
                f"and at least {LEAST_OUTCOMES} of each kind are needed"
            )
    found = fit(earlier, kind)
    return Refitted(found, len(earlier.time), earlier.requests, judge(found, later, now, most))


def fit(rows: Rows, kind: Literal["additive", "isotonic"]) -> Correction:
    """Fit one kind. Raises CalibrationError without outcomes of both kinds."""
    if kind == "additive":
        return fit_additive(rows.score, rows.outcome, rows.weight)
    least = float(rows.weight.sum()) / STEPS
    return fit_isotonic(rows.score, rows.outcome, rows.weight, least).anchored(len(rows.score) / STEPS)
