"""A reward model never predicts what it has seen, and narrows what it is used for."""

import numpy as np
import pytest

from experiments.offpolicy.crossfit import cross_fit
from experiments.offpolicy.estimators import evaluate
from experiments.offpolicy.policy_log import log_of


def test_cross_fitting_never_predicts_what_it_has_seen() -> None:
    """On pure noise a model that learns rows by heart still predicts nothing, out of fold."""
    from sklearn.neighbors import KNeighborsRegressor

    class Nearest(KNeighborsRegressor):
        def __init__(self) -> None:
            super().__init__(n_neighbors=1)

    draw = np.random.default_rng(5)
    features, noise = draw.normal(size=(500, 2)), draw.normal(size=500)
    cluster = np.arange(500) // 2
    predicted, (again,) = cross_fit(features, noise, cluster, at=[(features, cluster)], learner=Nearest)
    assert abs(np.corrcoef(predicted, noise)[0, 1]) < 4 / np.sqrt(500)
    np.testing.assert_array_equal(predicted, again)
    with pytest.raises(ValueError, match="cluster: 3 clusters don't fill 5 folds"):
        cross_fit(features[:6], noise[:6], np.repeat(np.arange(3), 2))


def test_doubly_robust_with_a_learnt_model_is_tighter() -> None:
    """A cross-fitted model of the rewards narrows the interval and keeps the value."""
    draw = np.random.default_rng(6)
    features = draw.normal(size=(3_000, 2))
    action, target = draw.integers(0, 4, 3_000), np.full(3_000, 0.0)
    target[action == 0] = 1.0
    reward = 3 * features[:, 0] + action + draw.normal(size=3_000)
    logged = np.column_stack([features, action])
    wanted = np.column_stack([features, np.zeros(3_000)])
    cluster = np.arange(3_000)
    predicted, (expected,) = cross_fit(logged, reward, cluster, at=[(wanted, cluster)])
    log = log_of(reward, np.full(3_000, 0.25), target, predicted=predicted, expected=expected)
    ips, _, dr = evaluate(log).estimates
    assert dr.deviation < 0.7 * ips.deviation
    assert abs(dr.value) < 4 * dr.deviation


def test_the_model_that_is_used_learns_what_there_is_to_learn() -> None:
    """Out of fold, a step in one feature explains most of the reward's variance."""
    draw = np.random.default_rng(7)
    features = draw.uniform(-1, 1, (1_000, 2))
    reward = 2.0 * (features[:, 0] > 0) + draw.normal(0, 0.3, 1_000)
    predicted, others = cross_fit(features, reward, np.arange(1_000))
    assert others == []
    assert np.corrcoef(predicted, reward)[0, 1] ** 2 > 0.8
