"""A reward model that never predicts a row it was fitted on.

A model that has learnt the rewards by heart predicts them too well on its own rows. The residuals of the
doubly robust estimator are then too small, and so is its interval (Chernozhukov et al. 2018, "Double/Debiased
Machine Learning").
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

Floats = NDArray[np.float64]


FEW_ROWS = 1_000_000
"""Below, one thread fits: several wait for each other longer than they work, most of all on a busy host."""


class Learner(Protocol):
    """What scikit-learn and CatBoost regressors have in common."""

    def fit(self, features: Floats, reward: Floats) -> object:
        """Fit to float64[m, d] and float64[m]."""
        ...

    def predict(self, features: Floats) -> Floats:
        """Predicted rewards, float64[m]."""
        ...


def boosted_trees() -> Learner:
    """A small histogram gradient boosting model: a reward model only needs to be roughly right."""
    learner: Learner = HistGradientBoostingRegressor(max_iter=60, max_depth=4, random_state=0)
    return learner


def cross_fit(  # noqa: PLR0913 - the last three have their defaults
    features: Floats,
    reward: Floats,
    cluster: NDArray[np.int64],
    *,
    at: Sequence[tuple[Floats, NDArray[np.int64]]] = (),
    folds: int = 5,
    learner: "type[Learner] | None" = None,
) -> tuple[Floats, list[Floats]]:
    """Predictions for the logged rows and for other rows, each by models that saw nothing of its cluster.

    `features` float64[m, d], `reward` float64[m], `cluster` int64[m]; `at`: pairs of features and
    clusters, such as the target's items at the logged positions. ValueError where there are fewer clusters
    than folds.
    """
    models = CrossFit(features, reward, cluster, folds=folds, learner=learner)
    return models.predict(features, cluster), [models.predict(rows, clusters) for rows, clusters in at]


class CrossFit:
    """Models by fold, each fitted on the clusters of the others. Arguments as in `cross_fit`."""

    def __init__(
        self,
        features: Floats,
        reward: Floats,
        cluster: NDArray[np.int64],
        *,
        folds: int = 5,
        learner: "type[Learner] | None" = None,
    ) -> None:
        fold = cluster % folds
        if len(np.unique(fold)) < folds:
            raise ValueError(
                f"cluster: {len(np.unique(cluster))} clusters don't fill {folds} folds; use fewer folds"
            )
        self._models = [boosted_trees() if learner is None else learner() for _ in range(folds)]
        with threadpool_limits(1 if len(reward) < FEW_ROWS else None):
            for index, model in enumerate(self._models):
                model.fit(features[fold != index], reward[fold != index])

    def predict(self, features: Floats, cluster: NDArray[np.int64]) -> Floats:
        """Predicted rewards float64[m] of any rows, each by the model that saw nothing of its cluster."""
        fold, found = cluster % len(self._models), np.empty(len(cluster))
        with threadpool_limits(1):
            for index, model in enumerate(self._models):
                here = fold == index
                if here.any():
                    found[here] = model.predict(features[here])
        return found
