"""`ballast train --model`: a model trained elsewhere becomes a version like any other, or is refused."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import catboost
import numpy as np
import pandas as pd
import pytest

from models.declaration.declaration import Declaration, DeclarationError, read
from models.gate.judge import judge
from models.gate.subject import Subject
from models.gate.verdict import Result
from models.package import read_certificate, read_declaration
from models.table.requests import real_requests
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


@pytest.mark.parametrize("loss", ["QueryRMSE", "Logloss"])
def test_a_sum_of_models_is_packaged_as_it_is(tmp_path: Path, loss: str) -> None:
    """It tells its loss and no other parameters; its scores are its own, also in the compiled engine."""
    declaration = declare(tmp_path, frame=table().assign(label=lambda f: (f["label"] > 1).astype(int)))
    given = {"loss_function": loss, "one_hot_max_size": 255}
    parts = [binary(random_seed=seed, **given) for seed in (1, 2)]
    found = adopted(declaration, tmp_path, catboost.sum_models(parts, weights=[0.25, 0.75]))
    own = read_declaration(found.package)
    assert (own.ranker.loss, own.ranker.trees) == (loss, 60)
    proof = read_certificate(found.package)
    frame = pd.DataFrame({name: proof.features[name] for name in COLUMNS})
    model = catboost.CatBoost().load_model(str(tmp_path / "theirs.cbm"))
    wanted = (
        model.predict(frame, prediction_type="Probability")[:, 1]
        if loss == "Logloss"
        else model.predict(frame)
    )
    np.testing.assert_array_equal(wanted, proof.scores)
    subject = Subject(
        ranker="small", version="1", package=found.package,
        catalogues=tmp_path / "home" / "small" / "catalogue", now=time.time(),
    )  # fmt: skip
    assert subject.engine.kind == "kernel", subject.engine.reason
    wrong = [check for check in judge(subject).checks if check.result is Result.REJECT]
    assert not wrong


def binary(**params: Any) -> catboost.CatBoost:
    """Of labels that are 0 or 1, which every loss takes."""
    data = table(seed=5)
    group = pd.factorize(data["request"])[0]
    pool = catboost.Pool(data[COLUMNS], data["label"] > 1, cat_features=WORDS, group_id=group)
    given = {"iterations": 30, "depth": 5, "verbose": 0, "allow_writing_files": False}
    return catboost.CatBoost({**given, **params}).fit(pool)


def test_exports_and_other_kinds_of_features_are_refused(declaration: Declaration, tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(b"")
    with pytest.raises(DeclarationError, match=r"m\.onnx: --model: .* is an export of a model \(onnx\)"):
        train(declaration, tmp_path / "home", model=tmp_path / "m.onnx")
    data = table(seed=5).assign(words=lambda f: f["shop"] + " " + f["colour"])
    pool = catboost.Pool(data[["price", "words"]], data["label"], text_features=["words"])
    model = catboost.CatBoost({"iterations": 3, "verbose": 0, "allow_writing_files": False}).fit(pool)
    with pytest.raises(DeclarationError, match=r"--model: 'words' is a feature of kind text in the model"):
        adopted(declaration, tmp_path, model)
    sums = catboost.sum_models([fitted(), fitted(loss_function="QueryRMSE")])
    with pytest.raises(DeclarationError, match="does not tell its loss function"):
        adopted(declaration, tmp_path, sums)


def test_a_two_class_model_needs_a_name_alone(tmp_path: Path) -> None:
    """Neither objective nor groups: both are the model's own. Training without a model still needs them."""
    data = table(seed=7).assign(label=lambda f: (f["label"] > 1).astype(int))
    data.to_csv(tmp_path / "t.csv", index=False)
    (tmp_path / "ranker.toml").write_text(
        '[ranker]\nname = "small"\n[data]\nsource = "t.csv"\nlabel = "label"\n'
        '[features]\nnumeric = ["price", "hour", "rating", "age"]\ncategorical = ["colour", "shop"]\n'
        'available_at = { "*" = "0h" }\n[expect]\ncalibration = { max_ece = 0.9 }\n'
    )
    declaration = read(tmp_path / "ranker.toml")
    with pytest.raises(DeclarationError, match=r"data\.group: is missing: QueryRMSE orders the rows"):
        train(declaration, tmp_path / "home")
    found = adopted(declaration, tmp_path, binary(loss_function="Logloss"))
    assert read_declaration(found.package).ranker.loss == "Logloss"
    assert found.metrics["auc"] > 0.5
    subject = Subject(
        ranker="small", version="1", package=found.package, declaration=declaration.origin,
        catalogues=tmp_path / "home" / "small" / "catalogue", now=time.time(),
    )  # fmt: skip
    assert subject.table is not None
    assert judge(subject).result is not Result.REJECT
    assert len(next(real_requests(declaration, None)).items) == 20
