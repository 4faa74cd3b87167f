"""Whether probabilities mean what they say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.gate import calibration, stats
from models.gate.verdict import Result
from tests.faults.shop import Recipe, Shop


@pytest.mark.parametrize(
    ("scale", "bias", "check"),
    [
        (3.0, 0.0, "calibration on"),
        (0.3, 0.0, "confidence"),
        (1.0, 1.5, "calibration on"),
        (-1.0, 0.0, "sign on"),
    ],
)
def test_wrong_probabilities_are_stopped(lending: Shop, scale: float, bias: float, check: str) -> None:
    """Overconfident, underconfident, shifted, and upside down: each by the check that names it."""

    def changed(_: Shop, model: Any) -> Any:
        model.set_scale_and_bias(scale, bias)
        return model

    verdict = lending.judge(lending.version(Recipe(model=changed)))
    stopping = [each.name for each in verdict.checks if each.result is not Result.PASS]
    assert any(name.startswith(check) for name in stopping), verdict.reasons


def test_calibration_figures_are_the_known_ones() -> None:
    """The slope of right probabilities is 1, of ones with doubled log-odds a half."""
    draw = np.random.default_rng(2)
    logits = draw.normal(size=20_000)
    truth = draw.random(20_000) < 1 / (1 + np.exp(-logits))
    right = calibration.slope(1 / (1 + np.exp(-logits)), truth)
    assert right.low < 1 < right.high
    double = calibration.slope(1 / (1 + np.exp(-2 * logits)), truth)
    assert double.low < 0.5 < double.high
    assert isinstance(right, stats.GateEstimate)
