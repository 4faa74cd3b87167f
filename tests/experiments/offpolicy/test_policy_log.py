"""Columns that can't be a log are refused, with the column, the value and the rule."""

import numpy as np
import pytest

from experiments.offpolicy.policy_log import LogError, finite, log_of


def test_a_column_is_finite_and_as_long_as_the_others() -> None:
    assert finite("reward", [1, 2], 2).tolist() == [1.0, 2.0]
    with pytest.raises(LogError, match=r"reward: 1 entries for 2 rewards"):
        finite("reward", [1], 2)
    with pytest.raises(LogError, match=r"reward: 1 of 2 values are not finite"):
        finite("reward", [1, np.inf], 2)
    with pytest.raises(LogError, match=r"holds no rows"):
        finite("reward", [], 0)


def test_units_are_numbered_by_their_text_and_rows_weighted_by_position() -> None:
    log = log_of(
        [1, 0, 1], [0.5, 0.25, 1], [1, 1, 0], decision=[7, 7, 3], unit=["b", "b", "a"], position=[0, 1, 0],
        discount=[1.0, 0.5],
    )  # fmt: skip
    assert log.decision.tolist() == [1, 1, 0]
    assert log.cluster.tolist() == [1, 1, 0]
    assert log.weight.tolist() == [2.0, 4.0, 0.0]
    assert log.discount.tolist() == [1.0, 0.5, 1.0]


def test_a_propensity_is_a_probability() -> None:
    with pytest.raises(LogError, match=r"propensity: 0 in row 1 is no probability"):
        log_of([1, 1], [0.5, 0.0], [1, 1])
