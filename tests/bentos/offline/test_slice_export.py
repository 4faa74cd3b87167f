"""The exported slice: features and figures are those on record, and a ranker can be trained from it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bentos.home.state import Home
from bentos.offline.slice_export import OWN, export
from experiments.config.problems import AnalysisError
from models.declaration.declaration import read
from models.declaration.refusal import DataError
from models.features import parse_context
from models.table import dataset
from models.training.fitting import fit
from tests.bentos.decisions.deciding import Desk
from tests.models.small import table

DECLARATION = """
[ranker]
name = "slice"
trees = 30

[data]
source = "slice.parquet"
item = "item"
group = "request_id"
unit = "unit"
time = "time"
label = "label"
weight = "weight"

[features]
numeric = ["price", "rating", "age", "hour"]
categorical = ["shop", "colour"]
context = ["hour"]
available_at = { "*" = "0h" }
"""


def test_every_row_is_what_the_record_says(made: tuple[Home, Desk], tmp_path: Path) -> None:
    """Features as the engine sees them, positions, scores, outcomes, propensities; all explored answers."""
    home, at = made
    found = export(home, tmp_path / "slice.parquet")
    rows = pd.read_parquet(tmp_path / "slice.parquet")
    explored = {each.request_id: each for each in at.records() if each.explored}
    assert found.decisions == rows.request_id.nunique()
    assert found.decisions + found.left_out["without outcomes"] == len(explored)
    assert found.rows == found.matured == len(rows) == 8 * found.decisions
    assert list(rows.columns) == [*OWN, *found.features]
    assert sum(found.versions.values()) == found.decisions
    labels = table().set_index("item")["label"]
    assert (rows.label.to_numpy() == labels[rows.item].to_numpy()).all()
    assert (rows.weight == 1).all()
    versions = {version.name: version for version in at.serving.versions.values()}
    for request, of in rows.groupby("request_id"):
        record = explored[str(request)]
        engine = versions[record.model].engine
        assert of.item.tolist() == [record.candidates[place] for place in record.slate]
        assert of.position.tolist() == list(range(8))
        assert of.score.tolist() == record.scores
        assert of.propensity.tolist() == record.propensities
        seen = engine.features(
            versions[record.model].catalogue.rows(of.item.tolist()),
            parse_context(engine.spec, {"hour": 20}),
        )
        for name, column in seen.items():
            assert np.array_equal(of[name].to_numpy(column.dtype), column, equal_nan=column.dtype.kind == "f")


def test_a_ranker_is_trained_from_the_file(made: tuple[Home, Desk], tmp_path: Path) -> None:
    """As declared, weights and all."""
    home, _ = made
    export(home, tmp_path / "slice.parquet")
    (tmp_path / "ranker.toml").write_text(DECLARATION)
    read_table = dataset.read(read(tmp_path / "ranker.toml"))
    assert read_table.weight is not None
    fitted = fit(read_table)
    rows = np.flatnonzero(read_table.test)
    scores = fitted.predict(read_table.features(rows))
    assert np.corrcoef(scores, read_table.label[rows])[0, 1] > 0.5


def test_weights_count_in_training(made: tuple[Home, Desk], tmp_path: Path) -> None:
    """A weight of 2 is a row seen twice as often: other weights, another model; a wrong one is refused."""
    home, _ = made
    file = tmp_path / "slice.parquet"
    export(home, file)
    (tmp_path / "ranker.toml").write_text(DECLARATION)
    rows = pd.read_parquet(file)
    plain = fit(dataset.read(read(tmp_path / "ranker.toml")))
    rows.assign(weight=np.where(rows.price > rows.price.median(), 20.0, 1.0)).to_parquet(file)
    weighted_table = dataset.read(read(tmp_path / "ranker.toml"))
    weighted = fit(weighted_table)
    test = weighted_table.features(np.flatnonzero(weighted_table.test))
    assert not np.array_equal(plain.predict(test), weighted.predict(test))
    rows.assign(weight=np.where(rows.index == 3, 0.0, 1.0)).to_parquet(file)
    with pytest.raises(DataError, match=r"weight.*is missing or not above 0"):
        dataset.read(read(tmp_path / "ranker.toml"))


def test_what_cannot_be_exported_is_counted(made: tuple[Home, Desk], tmp_path: Path) -> None:
    """A version that is gone, a young decision; and a log of which nothing is left."""
    home, _ = made
    whole = export(home, tmp_path / "slice.parquet")
    copied = Home(tmp_path / "small")
    shutil.copytree(home.folder, copied.folder)
    shutil.rmtree(copied.version("2"))
    part = export(copied, tmp_path / "part.parquet")
    assert part.left_out["whose version is not here"] == whole.versions["small/2"]
    assert set(part.versions) == {"small/1"}
    with pytest.raises(AnalysisError, match="log: none of 0 explored decisions can be exported"):
        export(home, tmp_path / "none.parquet", settle_hours=1)
    shutil.rmtree(copied.catalogue)
    with pytest.raises(AnalysisError, match="whose catalogue snapshot is gone"):
        export(copied, tmp_path / "none.parquet")
    assert not (tmp_path / "none.parquet").exists()
