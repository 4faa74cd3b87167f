"""CatBoost as an engine."""

import re
from pathlib import Path

import numpy as np
import pytest

from models.engine import load_engine
from models.engine.catboost_engine import open_model, predict
from models.features import Context
from tests.models.engine.engines import (
    assert_same_bits,
    open_catalogue,
    random_table,
    stock_scores,
    train,
    write_package,
)


@pytest.mark.parametrize("policy", ["Lossguide", "Depthwise"])
@pytest.mark.parametrize("loss", ["QueryRMSE", "Logloss", "CrossEntropy"])
def test_catboost_serves_what_the_kernel_does_not_cover(tmp_path: Path, policy: str, loss: str) -> None:
    """The reason names what it is, and scores are of the same kind as the kernel's."""
    table = random_table(8, 200, 3)
    model = train(table, iterations=5, grow_policy=policy, loss_function=loss)
    package = write_package(tmp_path / "package", model, table)
    engine = load_engine(package, open_catalogue(tmp_path, table))
    assert engine.kind == "catboost"
    assert engine.reason.startswith("the kernel does not cover this model: its trees are not symmetric; ")
    assert re.search(r"CatBoost itself takes \d+\.\d\d ms for 10 items", engine.reason)
    scores = engine.score(np.arange(200), Context(np.empty(0, np.float32), ()))
    assert_same_bits(scores, stock_scores(package, table.numeric, table, loss != "QueryRMSE"))


def test_predictions_are_catboosts_own(tmp_path: Path) -> None:
    """Of numbers alone, with words, as probabilities, and of no row at all."""
    plain, worded = random_table(74, 60, 3), random_table(75, 60, 1, 2)
    for table, loss in ((plain, "RMSE"), (worded, "RMSE"), (worded, "Logloss")):
        trained = train(table, iterations=5, depth=3, loss_function=loss)
        trained.save_model(str(tmp_path / "model.cb"))
        model = open_model(tmp_path / "model.cb")
        words = {name: np.array(each, object) for name, each in table.categorical.items()}
        columns = {**table.numeric, **words}
        kind = "Probability" if loss == "Logloss" else "RawFormulaVal"
        wanted = np.asarray(trained.predict(table.frame(), prediction_type=kind))
        wanted = wanted[:, 1] if wanted.ndim == 2 else wanted
        found = predict(model, columns, list(table.categorical), loss == "Logloss")
        np.testing.assert_array_equal(found, wanted)
        nothing = {name: column[:0] for name, column in columns.items()}
        assert predict(model, nothing, list(table.categorical), False).shape == (0,)
