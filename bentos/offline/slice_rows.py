"""Explored decisions as rows of a training set: features as served, outcome, propensity, weight."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pandas as pd
from numpy.typing import NDArray

from bentos.offline.referenced import Referenced
from bentos.offline.rescoring import candidates_of
from experiments.config.live import Exploration
from experiments.slates.policy import chances_as_drawn
from models.catalogue.catalogue import Catalogue
from models.serving.served_features import ServedDecision, served_frame
from monitoring.log.known_outcomes import numbers, told_of

Floats = NDArray[np.float64]


def frame_of(source: Referenced, batch: list[Any]) -> pd.DataFrame:
    """A row per known item shown, of decisions of one version and snapshot."""
    declaration, catalogue, _ = source.of(batch[0])
    shown = [_shown(row, source.of(row)[2], catalogue) for row in batch]
    columns = {name: np.concatenate([each[name] for each in shown]) for name in shown[0]}
    served = served_frame(
        declaration,
        catalogue,
        [
            ServedDecision(
                row.request_id,
                row.time,
                items["item"].tolist(),
                items["score"].tolist(),
                orjson.loads(row.context),
            )
            for row, items in zip(batch, shown, strict=True)
        ],
        source.functions,
    )
    features = served.drop(columns=["request_id", "time", "item", "score"])
    own = pd.DataFrame(columns)
    own["time"] = pd.to_datetime(own["time"], unit="s", utc=True)
    own["outcome_time"] = pd.to_datetime(own["outcome_time"], unit="s", utc=True)
    return pd.concat([own, features], axis=1)


def _shown(row: Any, exploration: Exploration, catalogue: Catalogue) -> dict[str, NDArray[Any]]:
    """The columns beside the features: a row per known item of the slate."""
    candidates = candidates_of(row)
    scores = numbers(row.scores)
    slate, listed = np.asarray(row.slate), catalogue.rows(candidates) >= 0
    known = np.flatnonzero(~np.isnan(scores) & listed[slate])  # positions; unknown candidates are at the end
    places, total = slate[known], int(listed.sum())
    drawn = chances_as_drawn(exploration, total, scores[known])
    if isinstance(row.correction, str) and exploration.policy == "plackett-luce":
        drawn = np.full(len(known), np.nan)  # drawn by the model's own scores, which the record hasn't got
    told = told_of(row)
    outcomes = np.array([told.get(row.candidates[place], (np.nan, np.nan)) for place in places], float)
    alike = {"request_id": row.request_id, "unit": row.unit, "version": row.model, "snapshot": row.snapshot}
    return {
        **{name: np.full(len(known), value, dtype=object) for name, value in alike.items()},
        "time": np.full(len(known), row.time),
        "item": np.array([candidates[place] for place in places], dtype=object),
        "position": known,
        "score": scores[known],
        "label": np.nan_to_num(outcomes[:, 0]),
        "outcome": outcomes[:, 0],
        "outcome_time": outcomes[:, 1],
        "propensity": numbers(row.propensities)[known],
        "weight": 1 / (total * drawn),
    }
