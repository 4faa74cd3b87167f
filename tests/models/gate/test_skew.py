"""Columns of training against those of the champion and of what is served."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.gate import skew
from models.gate.verdict import Result
from tests.faults.shop import Shop
from tests.models.gate.subjects import logged, named, subject


def test_requests_of_another_unit_are_noticed(shop: Shop, version: Path, tmp_path: Path) -> None:
    """Clients that send the hour in minutes: the column is named, with what it was and what it is."""
    log = logged(tmp_path / "log", shop, version, noise=5000.0)
    checks = list(skew.columns(subject(shop, version, log=log)))
    found = named(checks, "features against recent decisions")
    assert found.result is Result.HOLD
    assert "hour: its middle size is" in found.sentence


def test_columns_differ_by_what_a_season_does_not_do() -> None:
    """Drift of a spread passes; a unit, a frozen column, lost values and unknown categories do not."""
    draw = np.random.default_rng(1)
    summer, winter = draw.normal(20, 5, 500), draw.normal(3, 6, 500)
    assert list(skew.differences("temp", summer, winter)) == []
    for own, words in (
        (winter * 60, "60"),
        (np.full(500, 4.0), "frozen or filled"),
        (np.where(draw.random(500) < 0.5, np.nan, winter), "missing"),
    ):
        assert any(words in each for each in skew.differences("temp", own, winter)), words
    shops = draw.choice(["a", "b"], 500).astype(object)
    assert list(skew.differences("shop", shops, shops[::-1])) == []
    assert "not known" in next(
        skew.differences("shop", np.char.upper(shops.astype(str)).astype(object), shops)
    )


def test_rain_in_a_few_hours_more_or_less_is_no_unit() -> None:
    """Most rows have no rain: the spread of all is 0 or not as some have. In inches it still shows."""
    draw = np.random.default_rng(2)
    rain = draw.exponential(0.05, 2000).round(2) + 0.01
    dry, wet = (np.where(draw.random(2000) < share, rain, 0.0) for share in (0.04, 0.08))
    assert np.quantile(wet, 0.95) > 6 * np.quantile(dry, 0.95)
    assert list(skew.differences("rain", dry, wet)) == []
    assert list(skew.differences("rain", wet, dry)) == []
    (why,) = skew.differences("rain", dry, wet * 25.4)
    assert "another unit?" in why
