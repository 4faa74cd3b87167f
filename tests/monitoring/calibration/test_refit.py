"""Corrections fitted on earlier outcomes and judged on later ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from monitoring.calibration.calibration import TooLittleData
from monitoring.calibration.correction import Correction
from monitoring.calibration.logistic import log_odds, probability
from monitoring.calibration.refit import Refitted, fit, refit
from monitoring.calibration.rows import Rows, parts
from tests.monitoring.calibration.worlds import shifted
from tests.proofs.flights_calibration import KINDS, Kind, Year, by_month, followed, year

CLOSE = 4.0  # standard errors


def refitted(
    rows: Rows, kind: Kind = "additive", now: Correction | None = None, most: float = 0.3
) -> Refitted:
    found = refit(rows, kind, now, 500, most)
    assert isinstance(found, Refitted), found
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_shifted_world_is_followed(kind: Kind) -> None:
    """Fitted on the earlier requests alone; later ones say that it is better."""
    rows = shifted(0)
    found = refitted(rows, kind)
    assert found.judged.passed, found.judged.reasons
    assert found.judged.loss.high < 0
    assert found.judged.excess.low <= 0 <= found.judged.excess.high
    assert found.judged.excess_now.high < 0
    assert found.requests + found.judged.requests == 400
    earlier, later = parts(rows)
    assert earlier.time.max() < later.time.min()
    assert found.correction == fit(earlier, kind)


def test_what_no_longer_holds_is_refused() -> None:
    """The world came back in the later part: what was learnt before is farther off than nothing."""
    judged = refitted(shifted(1, later=0.0)).judged
    assert "later outcomes fit it no better: log loss +0." in judged.reasons[0]
    assert judged.reasons[1].startswith("on the whole it is farther off than what serves: +0.")


def test_bounds_are_held() -> None:
    assert refitted(shifted(2, shift=2.0), most=0.05).judged.reasons[-1].startswith("it moves scores by 0.3")
    assert refitted(shifted(2, shift=2.0), most=0.5).judged.passed


def test_too_little_data_is_an_answer() -> None:
    rows = shifted(4, requests=40)
    assert refit(rows, "additive", None, 500, 0.2) == TooLittleData(
        "too little data to say: 400 matured outcomes, and at least 500 are needed"
    )
    never = rows._replace(outcome=np.zeros(len(rows.time)))
    assert "0 of 270 outcomes of the earlier part are 1" in str(refit(never, "additive", None, 100, 0.2))
    nothing = rows.only(np.zeros(len(rows.time), bool))
    assert "0 matured outcomes" in str(refit(nothing, "additive", None, 100, 0.2))


def test_a_healthy_model_is_seldom_moved_and_never_far() -> None:
    """60 worlds in which the model is right: what passes by luck is off by no more than its own noise."""
    moved = [
        found.judged.moved
        for seed in range(60)
        if (found := refitted(shifted(seed, shift=0.0))).judged.passed
    ]
    print(f"{len(moved)} of 60 passed, moving scores by {max(moved):.4f} at the most")
    # The shift's deviation is 1 / sqrt(2,670 rows x 0.17), and a score moves by 0.17 of it on average.
    assert max(moved) < CLOSE * 0.17 / np.sqrt(2670 * 0.17)
    assert len(moved) <= 30


def test_a_year_that_drifts_is_followed_from_one_percent() -> None:
    """Nine made-up months, each off by another amount: the largest of them is more than halved."""
    draw = np.random.default_rng(5)
    days, hours, items = 275, 60, 15
    request = np.repeat(np.arange(days * hours), items)
    time = (
        np.datetime64("2013-04-01", "s").astype(float) + request // hours * 86_400.0 + request % hours * 900
    )
    score = probability(draw.standard_normal(len(request)) - 1)
    made = Year(time, time + 3600, request, score, np.zeros(len(request)))
    off = np.array([0.9, 0.9, 0.6, 0.6, -0.6, -0.6, 0.0, 0.0, 0.9])[made.month - 4]
    outcome = (draw.random(len(request)) < probability(log_odds(score) + off)).astype(float)
    made = Year(time, time + 3600, request, score, outcome)
    for kind in KINDS:
        before = max(abs(month.excess) for month in by_month(made, made.score).values())
        after = max(abs(month.excess) for month in by_month(made, followed(made, kind).served).values())
        print(f"{kind}: largest excess {before:.3f}, followed {after:.3f}")
        assert after < before / 2


@pytest.mark.slow
def test_the_flights_are_followed(tmp_path: Path) -> None:
    """The mean monthly calibration error is lower, beyond what the draw of the slice makes of it."""
    found = year(tmp_path)
    none = float(np.mean([month.error for month in by_month(found, found.score).values()]))
    for kind in KINDS:
        served = [followed(found, kind, seed=seed).served for seed in range(24)]
        errors = [np.mean([month.error for month in by_month(found, each).values()]) for each in served]
        noise = float(np.std(errors, ddof=1) / np.sqrt(len(errors)))
        print(f"{kind}: {none:.4f} without, {np.mean(errors):.4f} ± {noise:.4f} with")
        assert np.mean(errors) < none - CLOSE * noise
