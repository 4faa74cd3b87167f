"""Figures of the time after the training."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from models import package
from models.table import dataset
from models.training import evaluation, ranking_metrics
from tests.models.tables import DECLARED, declared
from tests.models.tables import shop as table_of
from tests.models.training.trained import Trained


def test_evaluation_is_by_month_and_by_slice(shop: Trained) -> None:
    found = json.loads((shop.result.package / package.EVALUATION).read_text())
    assert list(found["by"]) == ["month", "country"]
    assert list(found["by"]["month"]) == ["2024-01"]
    assert found["window"]["from"] == "2024-01-03T00:00:00+00:00"
    assert found["best_feature"]["name"] == "−price"


def test_figures_are_those_of_the_test_part(tmp_path: Path) -> None:
    """NDCG at each depth beside chance and the best single feature, for the scores that are given."""
    table = dataset.read(declared(tmp_path))
    rows = np.flatnonzero(table.test)
    scores = table.label[rows]
    found = evaluation.document(table, scores)
    assert found["window"] == {
        "requests": 12,
        "rows": 72,
        "from": "2024-01-03T00:00:00+00:00",
        "to": "2024-01-03T11:00:00+00:00",
    }
    assert found["ndcg_10"] == {"value": 1.0, "low": 1.0, "high": 1.0, "n": found["ndcg_10"]["n"]}
    starts = np.arange(0, 73, 6)
    chance = ranking_metrics.bootstrap(ranking_metrics.ndcg(scores, np.zeros(72), starts, 3))
    assert found["random_ndcg_3"]["value"] == pytest.approx(chance.value)
    alone = ranking_metrics.ndcg(scores, -table.feature("price", rows).astype(float), starts, 10)
    assert found["best_feature"]["ndcg_10"]["value"] == pytest.approx(np.nanmean(alone))
    assert found["best_feature"]["gained"]["value"] == pytest.approx(1 - np.nanmean(alone))
    assert "auc" not in found
    json.dumps(found)


def test_two_classes_have_area_and_calibration(tmp_path: Path) -> None:
    """Without requests there is no order to judge; the flat figures are the first to look at."""
    frame = table_of()
    frame["stars"] = (frame["stars"] > 1).astype(int)
    text = DECLARED.replace("trees = 20", 'objective = "Logloss"\ntrees = 20').replace(
        'group = "query"\n', ""
    )
    table = dataset.read(declared(tmp_path, frame, text))
    rows = np.flatnonzero(table.test)
    scores = np.where(table.label[rows] > 0, 0.75, 0.25)
    found = evaluation.document(table, scores)
    assert "ndcg_10" not in found
    assert (found["auc"]["value"], found["ece"]) == (1.0, pytest.approx(0.25))
    assert set(found["by"]["country"]["at"]) == {"auc"}
    flat = evaluation.metrics(found)
    assert flat["auc"] == 1.0
    assert {"auc_low", "auc_high", "ece"} <= set(flat)
    assert not any(name.startswith("ndcg") for name in flat)


def test_flat_figures_have_their_intervals(shop: Trained) -> None:
    """What `ballast train` prints and MLflow compares."""
    found = json.loads((shop.result.package / package.EVALUATION).read_text())
    flat = evaluation.metrics(found)
    assert flat == shop.result.metrics
    assert (flat["ndcg_3"], flat["ndcg_3_low"]) == (found["ndcg_3"]["value"], found["ndcg_3"]["low"])
    assert flat["best_feature_ndcg_10"] == found["best_feature"]["ndcg_10"]["value"]


def test_the_time_until_outcomes_are_known_is_told(tmp_path: Path) -> None:
    """In seconds, for 99 of 100 rows of the training part."""
    frame = table_of()
    later = np.full(360, 7200)
    later[:3] = 90_000
    known = np.array(frame["at"], "datetime64[s]") + later
    text = DECLARED.replace('time = "at"', 'time = "at"\nlabel_time = "known"')
    table = dataset.read(declared(tmp_path, frame.assign(known=known.astype(str)), text))
    rows = np.flatnonzero(table.test)
    found = evaluation.document(table, np.zeros(len(rows)))
    assert 7200 <= found["matured_seconds"] < 90_000


def test_a_revenue_is_measured_with_the_linear_gain(tmp_path: Path) -> None:
    text = DECLARED.replace('label = "stars"', 'label = "stars"\ngain = "linear"')
    table = dataset.read(declared(tmp_path, table_of().assign(stars=lambda f: 1700 * f["stars"]), text))
    rows = np.flatnonzero(table.test)
    found = evaluation.document(table, table.label[rows])
    assert found["ndcg_10"]["value"] == 1.0
    label, starts = table.label[rows], np.arange(0, 73, 6)
    chance = ranking_metrics.ndcg(label, np.zeros(72), starts, 10, "linear")
    assert found["random_ndcg_10"]["value"] == pytest.approx(np.nanmean(chance))
    assert found["by"]["month"]["2024-01"]["ndcg_10"]["value"] == 1.0


def test_a_figure_that_is_not_known_is_not_among_the_metrics() -> None:
    unknown = {"value": float("nan"), "low": float("nan"), "high": float("nan"), "n": 0}
    found = {"ndcg_1": unknown, "auc": {"value": 0.7, "low": 0.6, "high": 0.8, "n": 9}, "ece": float("nan")}
    assert evaluation.metrics(found) == {"auc": 0.7, "auc_low": 0.6, "auc_high": 0.8}
