"""Outcomes over time from rows: means, calibration, AUC and NDCG as they are worked out elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import ndcg_score, roc_auc_score

from bentos.offline.outcome_series import RUN, outcome_series
from models.declaration.declaration import Declaration, read
from monitoring.drift.compare import Columns, compare
from monitoring.drift.series import Series

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def loans() -> Declaration:
    """Single rows with two classes."""
    return read(ROOT / "tests" / "rankers" / "german.toml")


@pytest.fixture(scope="module")
def searches() -> Declaration:
    return read(ROOT / "docs" / "tutorial" / "searches.toml")


def rows(seed: int, count: int, size: int, lift: float = 0.0, start: float = 0.0) -> pd.DataFrame:
    """Honest probabilities as scores; outcomes are more frequent than they say by `lift` on the log-odds."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(count)
    honest = 1 / (1 + np.exp(1.5 - x))
    chance = 1 / (1 + np.exp(1.5 - x - lift))
    return pd.DataFrame(
        {
            "x": x,
            "label": (rng.random(count) < chance) * 1.0,
            "score": honest,
            "time": start + np.sort(rng.uniform(0, 3 * 86400, count)),
            "request_id": np.arange(count) // size,
        }
    )


def value(series: Series, current: bool) -> float:
    part = series.current == current
    return float(series.sums[part].sum() / series.weights[part].sum())


def test_rates_calibration_and_auc_of_single_rows(loans: Declaration) -> None:
    """Rows without an outcome, or without a score, say nothing of what they lack."""
    frames = rows(0, 3000, 1), rows(1, 2000, 20, 0.5)
    frames[1].loc[:99, "label"] = np.nan
    frames[0].loc[:499, "score"] = np.nan
    mean, calibration, auc = outcome_series(*frames, loans)
    assert [each.name for each in (mean, calibration, auc)] == ["outcomes", "outcomes less scores", "AUC"]
    assert value(mean, False) == pytest.approx(frames[0].label.mean())
    assert value(mean, True) == pytest.approx(frames[1].label[100:].mean())
    assert value(calibration, False) == pytest.approx((frames[0].label - frames[0].score)[500:].mean())
    known = frames[1][100:].reset_index(drop=True)
    own = [
        (roc_auc_score(run.label, run.score), run.label.sum() * (len(run) - run.label.sum()))
        for _, run in known.groupby(known.index // RUN)
    ]
    areas, pairs = np.array(own).T
    assert value(auc, True) == pytest.approx(np.average(areas, weights=pairs))


def test_ndcg_by_request(searches: Declaration) -> None:
    """As scikit-learn has it, without requests that have no outcome above 0."""
    frames = rows(0, 800, 8), rows(1, 800, 8)
    *_, quality = outcome_series(*frames, searches)
    assert quality.name == "NDCG@10"
    kept = [part for _, part in frames[1].groupby("request_id") if part.label.sum() > 0]
    own = np.mean([ndcg_score([part.label], [part.score], k=10) for part in kept])
    assert value(quality, True) == pytest.approx(own)


def test_outcomes_that_left_their_features_are_named_with_the_date(loans: Declaration) -> None:
    """Features and scores are as they were, and outcomes are half again as frequent from some day on."""
    before, day = rows(1, 1200, 20, start=3 * 86400), 6 * 86400.0
    after = rows(2, 1200, 20, 1.0, start=day)
    after["request_id"] += 60
    current = pd.concat([before, after], ignore_index=True)
    reference = rows(0, 3000, 1)
    series = outcome_series(reference, current, loans)
    found = compare(reference, current, Columns(["x"], (), "score", "label", grouped=False), series=series)
    assert {each.column for each in found.drifted} == {"label"}
    assert {each.name for each in found.moved} == {"outcomes", "outcomes less scores"}
    for each in found.moved:
        assert each.change is not None
        assert each.change.low <= day <= each.change.high + 3600
        assert each.change.high - each.change.low < 86400


def test_days_are_blocks_where_there_are_enough(loans: Declaration) -> None:
    """As for features: a day's requests share its weather."""
    frames = [rows(seed, 3000, 10).assign(time=lambda frame: frame.time * 5) for seed in (0, 1)]
    for each in outcome_series(frames[0], frames[1], loans):
        assert len(each.time) == 30
        assert (each.time % 86400 == 0).all()


def test_without_outcomes_there_is_nothing(loans: Declaration) -> None:
    nothing = rows(0, 100, 1).assign(label=np.nan)
    assert outcome_series(nothing, nothing, loans) == []
