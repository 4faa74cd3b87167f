"""`ballast train --model`: a model trained elsewhere becomes a version like any other, or is refused."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import catboost
import numpy as np
import pandas as pd
import pytest

from models.declaration.declaration import Declaration, DeclarationError
from models.gate.judge import judge
from models.gate.subject import Subject
from models.gate.verdict import Result
from models.package import read_certificate, read_declaration
from models.training.train import TrainResult, train
from tests.models.small import declare, table

COLUMNS = ["colour", "price", "hour", "shop", "rating", "age"]  # not the declaration's order
WORDS = ["colour", "shop"]


def fitted(columns: list[str] = COLUMNS, words: list[str] = WORDS, **params: Any) -> catboost.CatBoost:
    """Trained on a table of their own."""
    data = table(seed=5)
    group = pd.factorize(data["request"])[0]
    pool = catboost.Pool(data[columns], data["label"], cat_features=words, group_id=group)
    given = {"loss_function": "YetiRank", "iterations": 30, "depth": 5, "learning_rate": 0.15, "verbose": 0}
    return catboost.CatBoost({**given, "allow_writing_files": False, **params}).fit(pool)


@pytest.fixture
def declaration(tmp_path: Path) -> Declaration:
    """Says QueryRMSE, 40 trees of depth 4, and another order."""
    return declare(tmp_path)


def adopted(declaration: Declaration, folder: Path, model: catboost.CatBoost) -> TrainResult:
    model.save_model(str(folder / "theirs.cbm"))
    return train(declaration, folder / "home", model=folder / "theirs.cbm")


def test_it_is_packaged_as_it_is(declaration: Declaration, tmp_path: Path) -> None:
    """Its own objective, trees and order are declared; it scores as theirs does; the gate lets it pass."""
    model = fitted(one_hot_max_size=255)
    found = adopted(declaration, tmp_path, model)
    own = read_declaration(found.package)
    assert own.spec.names == tuple(COLUMNS)
    assert (own.ranker.loss, own.ranker.trees, own.ranker.depth) == ("YetiRank", 30, 5)
    proof = read_certificate(found.package)
    frame = pd.DataFrame({name: proof.features[name] for name in COLUMNS})
    np.testing.assert_array_equal(model.predict(frame), proof.scores)
    subject = Subject(
        ranker="small",
        version="1",
        package=found.package,
        catalogues=tmp_path / "home" / "small" / "catalogue",
        declaration=declaration.origin,
        now=time.time(),
    )
    verdict = judge(subject)
    assert verdict.result is Result.PASS, verdict.reasons


def test_one_that_stopped_early_passes_too(declaration: Declaration, tmp_path: Path) -> None:
    """It has fewer trees than it was told to grow, which the gate would otherwise call a damaged model."""
    model = fitted(one_hot_max_size=255)
    model.shrink(20)
    found = adopted(declaration, tmp_path, model)
    assert found.params["trees"] == 30
    assert found.params["params"] == {"use_best_model": True}


def test_an_unnamed_matrix_takes_the_declared_names(tmp_path: Path) -> None:
    """By place: what a model trained on numpy arrays knows of its features."""
    data = table(seed=6)
    names = ["price", "rating", "age", "hour"]
    declared = declare(tmp_path, frame=data).with_features(categorical=()).with_data(slices=())
    group = pd.factorize(data["request"])[0]
    pool = catboost.Pool(data[names].to_numpy(np.float32), data["label"], group_id=group)
    given = {"loss_function": "QueryRMSE", "iterations": 10, "verbose": 0, "allow_writing_files": False}
    found = adopted(declared, tmp_path, catboost.CatBoost(given).fit(pool))
    assert read_declaration(found.package).spec.names == tuple(names)


def wrong(columns: list[str], words: list[str], **params: Any) -> Any:
    return lambda: fitted(columns, words, **params)


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (
            wrong(COLUMNS[:-1], WORDS),
            "theirs.cbm: --model: 'age' is declared in ranker.toml but is no feature of the model; it has",
        ),
        (
            wrong([*COLUMNS, "label"], WORDS),
            "theirs.cbm: --model: 'label' is a feature of the model that ranker.toml does not declare",
        ),
        (
            wrong(COLUMNS, [*WORDS, "hour"]),
            "theirs.cbm: --model: 'hour' is categorical in the model and numeric in ranker.toml",
        ),
        (
            wrong(COLUMNS, WORDS, loss_function="MAE"),
            "ranker.toml: ranker.objective: 'MAE' is not a ranking or two-class loss of CatBoost",
        ),
    ],
)
def test_what_does_not_fit_is_refused(
    declaration: Declaration, tmp_path: Path, model: Any, sentence: str
) -> None:
    with pytest.raises(DeclarationError) as refused:
        adopted(declaration, tmp_path, model())
    assert str(refused.value).startswith(sentence), refused.value


def test_a_file_that_is_no_model(declaration: Declaration, tmp_path: Path) -> None:
    (tmp_path / "theirs.cbm").write_text("not a model")
    with pytest.raises(DeclarationError, match=r"theirs\.cbm: --model: .* is no model that CatBoost loads"):
        train(declaration, tmp_path / "home", model=tmp_path / "theirs.cbm")


def test_an_order_names_every_feature_once(declaration: Declaration) -> None:
    with pytest.raises(DeclarationError, match=r"features\.order: 'age' is missing: the order names every"):
        declaration.with_features(order=("price", "rating", "hour", "shop", "colour"))
