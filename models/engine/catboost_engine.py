"""CatBoost itself behind the engine's interface: for what the kernel does not cover, and as its judge."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np

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
    rows: Any
    if categorical:
        import catboost
        import pandas

        rows = catboost.Pool(pandas.DataFrame(dict(columns)), cat_features=list(categorical))
    else:
        rows = np.empty((count, len(columns)), np.float32, order="F")
        for place, column in enumerate(columns.values()):
            rows[:, place] = column
    kind = "Probability" if probability else "RawFormulaVal"
    scores = np.asarray(model.predict(rows, prediction_type=kind, thread_count=1), np.float64)
    return np.ascontiguousarray(scores[:, 1] if probability else scores)


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
