"""A small package for the registry."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import catboost
import numpy as np
import pandas as pd

from models.declaration.declaration import Declaration

ROWS = 600


def write_package(folder: Path, ranker: str) -> Path:
    """A small package: all the files that registration needs, of a model trained here."""
    (folder / "plots").mkdir(parents=True)
    draw = np.random.default_rng(0)
    columns = {
        "a": draw.normal(size=ROWS),
        "b": draw.normal(size=ROWS),
        "c": draw.choice(["x", "y", ""], ROWS),
    }
    frame = pd.DataFrame(columns).astype({"a": "float32", "b": "float32"})
    settings = {"iterations": 20, "depth": 3, "loss_function": "QueryRMSE", "verbose": 0}
    model = catboost.CatBoost(settings | {"allow_writing_files": False})
    label = frame["a"] + (frame["c"] == "x")
    model.fit(catboost.Pool(frame, label, cat_features=["c"], group_id=np.arange(ROWS) // 10))
    model.save_model(str(folder / "model.cb"))
    features = {"numeric": ["a", "b"], "categorical": ["c"], "available_at": {"*": "0h"}}
    data = {"source": "table.csv", "group": "g", "label": "y", "time": "t"}
    declared = Declaration.model_validate({"ranker": {"name": ranker}, "data": data, "features": features})
    (folder / "declaration.json").write_text(declared.to_json())
    frame.assign(score=model.predict(frame)).to_parquet(folder / "reference.parquet")
    (folder / "evaluation.json").write_text(json.dumps({"ndcg@10": {"value": 0.5, "low": 0.4}}))
    (folder / "plots" / "importance.png").write_bytes(b"not looked at by MLflow")
    write_manifest(folder, ranker)
    return folder


def write_manifest(folder: Path, ranker: str) -> None:
    files = {str(file.relative_to(folder)): sha256(file) for file in folder.rglob("*") if file.is_file()}
    manifest = {"ranker": ranker, "version_of_code": "0.1.0", "data_digest": "ab" * 32, "snapshot": "5" * 16}
    (folder / "manifest.json").write_text(json.dumps(manifest | {"created": 1.0, "files": files}))


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
