"""CatBoost itself behind the engine's interface: for what the kernel does not cover, and as its judge."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from models.catalogue.catalogue import Items
from models.engine.inputs import Inputs
from models.engine.protocol import Columns, Job, Rows, Scores
from models.features import Context, FeatureSpec


def open_model(path: Path) -> Any:
    """Load a CatBoost model file."""
    import catboost

    model = catboost.CatBoost()
    model.load_model(str(path))
    return model


def predict(model: Any, columns: Columns, categorical: Sequence[str], probability: bool) -> Scores:
    """CatBoost's own scores, float64 (n), of a model's columns in its order."""
    count = len(next(iter(columns.values()))) if columns else 0
    if not count:
        return np.empty(0)
    rows = _with_words(columns, categorical) if categorical else _numbers(columns, list(columns), "F")
    kind = "Probability" if probability else "RawFormulaVal"
    scores = np.asarray(model.predict(rows, prediction_type=kind, thread_count=1), np.float64)
    return np.ascontiguousarray(scores[:, 1] if probability else scores)


def _numbers(columns: Columns, names: Sequence[str], order: Literal["C", "F"]) -> NDArray[np.float32]:
    """Float32 (n, F)."""
    rows = np.empty((len(next(iter(columns.values()))), len(names)), np.float32, order=order)
    for place, name in enumerate(names):
        rows[:, place] = columns[name]
    return rows


def _with_words(columns: Columns, categorical: Sequence[str]) -> Any:
    """The rows in the form that CatBoost reads fastest (10 rows: 80 µs; a frame of pandas 1,100).

    That one has numbers first; where the model has not, cells are given one by one.
    """
    import catboost

    names = [name for name in columns if name not in categorical]
    words = [_encoded(columns[name].tolist()) for name in columns if name in categorical]
    if [*columns] == [*names, *categorical]:
        texts = np.empty((len(words[0]), len(words)), object)
        for place, column in enumerate(words):
            texts[:, place] = column
        return catboost.FeaturesData(_numbers(columns, names, "C") if names else None, texts)
    cells = np.empty((len(words[0]), len(columns)), object)
    for place, values in enumerate(columns.values()):
        cells[:, place] = values
    return catboost.Pool(
        cells, cat_features=[place for place, name in enumerate(columns) if name in categorical]
    )


def _encoded(words: list[str]) -> list[bytes]:
    """UTF-8, each different word once."""
    known = {word: word.encode("utf-8", "surrogatepass") for word in set(words)}
    return [known[word] for word in words]


@dataclass(frozen=True, eq=False)
class CatBoostEngine:
    """CatBoost's `predict`, one request at a time."""

    inputs: Inputs
    model: Any
    probability: bool
    digest: str
    reason: str
    kind: Literal["catboost"] = field(default="catboost", init=False)

    @property
    def spec(self) -> FeatureSpec:
        """The features, and where each comes from."""
        return self.inputs.spec

    def on(self, items: Items) -> Self:
        """The same model on items fetched for one request; their rows count from 0."""
        return replace(self, inputs=self.inputs.on(items))

    def features(self, rows: Rows, context: Context) -> Columns:
        """What the model sees."""
        return self.inputs.features(rows, context)

    def score(self, rows: Rows, context: Context) -> Scores:
        """float64 (n)."""
        columns = self.inputs.features(rows, context)
        return predict(self.model, columns, self.spec.categorical, self.probability)

    def score_many(self, jobs: Sequence[Job]) -> list[Scores | Exception]:
        """One job after the other."""
        return [self._attempt(job) for job in jobs]

    def _attempt(self, job: Job) -> Scores | Exception:
        try:
            return self.score(job.rows, job.context)
        except Exception as error:  # whatever a job fails with is its own
            return error
