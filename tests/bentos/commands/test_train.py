"""`ballast train`: its options, and what it prints. (Trained: tests of the training, and tests/serve.)"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bentos.commands import train
from bentos.environment import ROOT
from bentos.home.state import Home
from models.declaration.declaration import read
from tests.bentos.commands.running import mistake, run, told

FLIGHTS = ROOT / "models" / "ranker.toml"


def test_a_key_is_set_to_a_toml_value_or_to_text() -> None:
    found = train._overridden(read(FLIGHTS), ["ranker.depth=3", "ranker.objective=QueryRMSE"])
    assert (found.ranker.depth, found.ranker.objective) == (3, "QueryRMSE")
    assert read(FLIGHTS).ranker.depth != 3


@pytest.mark.parametrize("text", ["depth=3", "gate.x=1", "ranker.depth", "ranker.=3"])
def test_what_sets_nothing_is_refused(empty: Home, text: str) -> None:
    done = run("train", "--ranker", FLIGHTS, "--set", text)
    assert done.exit_code == 2
    assert f"--set {text!r}: must be ranker.KEY=VALUE or data.KEY=VALUE" in " ".join(
        told(done).replace("│", " ").split()
    )


def test_a_value_that_breaks_a_rule_is_one_sentence(empty: Home) -> None:
    assert "depth" in str(mistake("train", "--ranker", FLIGHTS, "--set", "ranker.depth=-1"))


@pytest.mark.parametrize("name", ["absent.toml", "."])
def test_a_declaration_that_cannot_be_read_is_one_sentence(empty: Home, tmp_path: Path, name: str) -> None:
    assert str((tmp_path / name).name) in str(mistake("train", "--ranker", tmp_path / name))


def test_the_evaluation_is_printed_with_intervals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Figures that were not made have no row."""
    figure: dict[str, Any] = {"value": 0.7, "low": 0.6, "high": 0.8}
    (tmp_path / "evaluation.json").write_text(
        json.dumps(
            {
                "window": {"requests": 1234, "from": "2013-09-01T00", "to": "2013-12-31T23"},
                "ndcg_10": figure,
                "random_ndcg_10": figure | {"value": 0.5},
                "by": {"month": {"9": {"ndcg_10": figure, "random_ndcg_10": figure}}},
            }
        )
    )
    train._print(tmp_path)
    shown = capsys.readouterr().out
    assert "on 1,234 requests after the training's, 2013-09-01 to 2013-12-31" in shown
    assert "0.700 (0.600 to 0.800)" in shown
    assert "0.500 (0.600 to 0.800)" in shown
    assert "NDCG@10, month 9" in shown
    assert "NDCG@1 " not in shown
    assert "AUC" not in shown


def test_what_is_no_better_than_chance_is_not_offered() -> None:
    """Ranking and two classes; what is better, or was not measured, is no matter."""
    ranks = {"ndcg_10": {"value": 0.31}, "random_ndcg_10": {"value": 0.37}}
    said = train.no_better_than_chance(ranks)
    assert said is not None
    assert said.startswith("its NDCG@10 is 0.310, random order has 0.370: it is no better")
    assert train.no_better_than_chance({"auc": {"value": 0.31}}) is not None
    unknown = train.no_better_than_chance(ranks | {"ndcg_10": {"value": float("nan")}})
    assert unknown is not None
    assert unknown.startswith("its NDCG@10 is not known")
    assert train.no_better_than_chance(ranks | {"ndcg_10": {"value": 0.52}}) is None
    assert train.no_better_than_chance({"auc": {"value": 0.7}}) is None
    assert train.no_better_than_chance({}) is None
