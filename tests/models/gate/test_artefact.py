"""The files of a package: there, unchanged, this ranker's, and what they say they are."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import catboost
import pytest

from models import package
from models.gate import artefact
from models.gate.subject import Subject
from models.gate.verdict import Result
from tests.faults.shop import Recipe, Shop
from tests.models.gate.subjects import copied, subject, with_evidence


def overwritten(folder: Path, name: str, **fields: Any) -> None:
    """Change fields of one of the package's JSON documents."""
    document = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps(document | fields))


def emptied_manifest(folder: Path) -> None:
    document = json.loads((folder / package.MANIFEST).read_text())
    kept = {name: digest for name, digest in document["files"].items() if name != package.CERTIFICATE}
    overwritten(folder, package.MANIFEST, files=kept)
    (folder / ".logged_digest").write_text(package.sha256(folder / package.MANIFEST))


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda folder: (folder / "model.cb").unlink(), "model.cb is missing: train and register with"),
        (
            lambda folder: [(folder / name).unlink() for name in ("model.cb", "manifest.json")],
            "model.cb, manifest.json are missing: train",
        ),
        (lambda folder: (folder / "evaluation.json").write_text("{}"), "evaluation.json is not the one that"),
        (lambda folder: (folder / "training.parquet").unlink(), "training.parquet is missing"),
        (lambda folder: (folder / "manifest.json").write_text("{}"), "manifest.json names no files: 'files'"),
        (lambda folder: (folder / "manifest.json").write_text("["), "manifest.json names no files: manifest"),
        (emptied_manifest, "manifest.json has no digest of certificate.npz is"),
        (
            lambda folder: overwritten(folder, "manifest.json", version_of_code="another"),
            "manifest.json is not the one whose digest training logged with the version",
        ),
    ],
)
def test_files_that_are_not_trainings_reject(
    shop: Shop, version: Path, tmp_path: Path, damage: Callable[[Path], object], sentence: str
) -> None:
    """Missing, changed, or not in the manifest; a changed manifest is told by the digest in MLflow."""
    folder = copied(version, tmp_path)
    damage(folder)
    (found,) = artefact.files(subject(shop, version, package=folder))
    assert found.result is Result.REJECT
    assert found.sentence.startswith(sentence), found.sentence


def test_untouched_files_pass(shop: Shop, version: Path, tmp_path: Path) -> None:
    """Also where nobody logged the manifest's digest, or logged none."""
    folder = copied(version, tmp_path)
    for logged in (None, ""):
        (folder / ".logged_digest").unlink()
        if logged is not None:
            (folder / ".logged_digest").write_text(logged)
        (found,) = artefact.files(subject(shop, version, package=folder))
        assert found.result is Result.PASS, found
        (folder / ".logged_digest").touch()


def test_an_invalid_declaration_is_quoted(shop: Shop, version: Path, tmp_path: Path) -> None:
    """The declaration's own refusal is the sentence; who asks for its features has nothing to add."""
    folder = copied(version, tmp_path)
    overwritten(folder, "declaration.json", ranker={"name": "small", "objective": "Guess"})
    judged = subject(shop, version, package=folder)
    (found,) = artefact.declaration(judged)
    assert found.result is Result.REJECT
    assert "ranker.objective: 'Guess'" in found.sentence
    assert list(artefact.catalogue(judged)) == []
    (sound,) = artefact.declaration(subject(shop, version))
    assert sound.sentence == "6 features, all of them known at the decision"


def test_another_rankers_package_rejects(shop: Shop, version: Path) -> None:
    """Both documents are asked for whom they were made."""
    (found,) = artefact.ranker(subject(shop, version, ranker="large"))
    assert found.result is Result.REJECT
    assert found.sentence == "manifest.json is of 'small' and declaration.json is of 'small': this is 'large'"
    (own,) = artefact.ranker(subject(shop, version))
    assert (own.result, own.sentence) == (Result.PASS, "made for small")


def test_a_snapshot_that_is_gone_or_lacks_a_feature_rejects(
    shop: Shop, version: Path, tmp_path: Path
) -> None:
    """Every feature of items must be in it."""
    (gone,) = artefact.catalogue(subject(shop, version, catalogues=tmp_path))
    assert gone.result is Result.REJECT
    assert gone.sentence.startswith("the snapshot of training can't be opened: ")
    judged = subject(shop, version)
    numeric = ("price", "rating", "age", "hour", "weight")
    wanting = judged.declared.with_features(numeric=numeric, categorical=("shop", "size"))
    (found,) = artefact.catalogue(with_evidence(judged, declared=wanting))
    assert found.result is Result.REJECT
    assert found.sentence == f"snapshot {judged.catalogue.snapshot} lacks weight, size"
    (sound,) = artefact.catalogue(subject(shop, version))
    assert sound.sentence.endswith(" has 3,200 items")


def other_model(shop: Shop, model: Any) -> Any:
    """One of other features, another loss and fewer trees."""
    pool = catboost.Pool(shop.table.frame[["rating", "price"]].astype(float), shop.table.label)
    return catboost.CatBoost(
        {"iterations": 5, "loss_function": "RMSE", "verbose": 0, "allow_writing_files": False}
    ).fit(pool)


def test_a_model_of_another_declaration_rejects(shop: Shop) -> None:
    """Features in their order, categories, loss and trees: each that differs is named."""
    (found,) = artefact.model(subject(shop, shop.champion, package=broken(shop)))
    assert found.result is Result.REJECT
    for part in (
        "feature 0 of the model is 'rating', of the declaration 'price'",
        "the model's categorical features are []: the declaration's are others",
        "the model was trained with RMSE: the declaration says QueryRMSE",
        "the model was trained for 5 trees: the declaration says 40",
        "the model has 5 trees: the declaration says 40",
    ):
        assert part in found.sentence, found.sentence


def broken(shop: Shop) -> Path:
    folder = shop.version(Recipe())
    other_model(shop, None).save_model(str(folder / "model.cb"))
    return folder


def test_fewer_trees_than_declared_are_allowed_to_who_stops_early(shop: Shop, version: Path) -> None:
    """`use_best_model` and its kin cut trees off; otherwise they are lost."""
    judged = subject(shop, version)
    judged.model.shrink(30)
    (found,) = artefact.model(judged)
    assert found.sentence == "the model has 30 trees: the declaration says 40"
    stopping = judged.declared.with_ranker(params={"use_best_model": True})
    (allowed,) = artefact.model(with_evidence(judged, declared=stopping))
    assert allowed.result is Result.PASS
    assert allowed.sentence == "30 trees of the declared features in their order"


def test_a_model_that_does_not_load_rejects(shop: Shop, version: Path, tmp_path: Path) -> None:
    """By CatBoost itself, and as it would serve: the first line of the reason is the sentence."""
    folder = copied(version, tmp_path)
    (folder / "model.cb").write_bytes(b"nonsense")
    judged: Subject = subject(shop, version, package=folder)
    (read,) = artefact.model(judged)
    (served,) = artefact.engine(judged)
    assert read.sentence.startswith("model.cb does not load: ")
    assert served.sentence.startswith("does not load for serving: ")
    assert (read.result, served.result) == (Result.REJECT, Result.REJECT)
    (sound,) = artefact.engine(subject(shop, version))
    assert sound.sentence == "serves by kernel: bit-identical to CatBoost on every proof row"


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda folder: (folder / "evil.py").touch(), "evil.py is no file of a package"),
        (lambda folder: (folder / "model.pkl").write_bytes(b"\x80\x04"), "model.pkl is no file of a package"),
        (lambda folder: (folder / "x").symlink_to("/etc"), "x is no regular file"),
        (
            lambda folder: overwritten(folder, "manifest.json", snapshot="../versions/3"),
            "manifest.json: is no manifest of a package: snapshot: '../versions/3' is no digest",
        ),
    ],
)
def test_files_that_are_no_package_s_reject(
    shop: Shop, version: Path, tmp_path: Path, damage: Callable[[Path], object], sentence: str
) -> None:
    """The closed list holds on disk too, and a manifest can't lead to another folder."""
    folder = copied(version, tmp_path)
    damage(folder)
    (folder / ".logged_digest").write_text(package.sha256(folder / package.MANIFEST))
    (found,) = artefact.files(subject(shop, version, package=folder))
    assert found.result is Result.REJECT
    assert found.sentence.startswith(sentence), found.sentence


def test_many_odd_files_are_counted(shop: Shop, version: Path, tmp_path: Path) -> None:
    folder = copied(version, tmp_path)
    for place in range(8):
        (folder / f"{place}.py").touch()
    (found,) = artefact.files(subject(shop, version, package=folder))
    assert found.sentence.endswith("4.py is no file of a package; 3 more of the kind")


@pytest.mark.parametrize(
    ("own", "known", "held"), [("a:f", "a:f", 0), ("a:f", "b:g", 1), ("a:f", "", 1), (None, "", 0)]
)
def test_a_function_is_held_that_people_do_not_name(
    shop: Shop, version: Path, tmp_path: Path, own: str | None, known: str, held: int
) -> None:
    """Also where there is no file of people's at all."""
    folder = copied(version, tmp_path)
    features = json.loads((folder / "declaration.json").read_text())["features"]
    overwritten(
        folder, "declaration.json", features=features | {"cross": own, "cross_names": ["x"] if own else []}
    )
    (tmp_path / "ranker.toml").write_text(f'[features]\ncross = "{known}"\n' if known else "")
    for declaration in [tmp_path / "ranker.toml", *([None] if held else [])]:
        found = [*artefact.functions(subject(shop, version, package=folder, declaration=declaration))]
        assert [check.result for check in found] == [Result.HOLD] * held
