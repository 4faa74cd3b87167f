"""How far an order is from another's and from outcomes, against the definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import rankdata, spearmanr

from monitoring.guard.ordering import disagreement, discordance, outside, ranks

floats = arrays(
    np.float64, st.shared(st.integers(2, 30), key="n"), elements=st.sampled_from([0.0, 1, 2, 3, 4])
)


@given(scores=floats, outcomes=floats)
def test_discordance_is_what_its_definition_says(scores: np.ndarray, outcomes: np.ndarray) -> None:
    """Against every pair, one by one; and turning the scores round turns it round."""
    wrong = pairs = 0.0
    for i in range(len(scores)):
        for j in range(len(scores)):
            if outcomes[i] > outcomes[j]:
                pairs += 1
                wrong += 1.0 if scores[i] < scores[j] else 0.5 if scores[i] == scores[j] else 0.0
    found = discordance(scores, outcomes)
    assert found == (pytest.approx(wrong / pairs) if pairs else None)
    if found is not None:
        assert discordance(-scores, outcomes) == pytest.approx(1 - found)


@given(scores=floats, others=floats)
def test_disagreement_is_spearmans(scores: np.ndarray, others: np.ndarray) -> None:
    assert ranks(scores).tolist() == (rankdata(scores) - 1).tolist()
    found = disagreement(scores, others)
    if len(set(scores)) == 1 or len(set(others)) == 1:
        assert found is None
    else:
        assert found == pytest.approx((1 - spearmanr(scores, others).statistic) / 2)


def test_what_tells_nothing_is_none() -> None:
    one, none = np.ones(1), np.empty(0)
    assert disagreement(one, one) is None
    assert discordance(one, one) is None
    assert discordance(none, none) is None
    assert outside(none, 0, 1) is None
    assert outside(np.array([-1.0, 0.0, 1.0, 2.0]), 0, 1) == 0.5


@pytest.mark.parametrize("of", [disagreement, discordance])
def test_vectors_of_different_lengths_are_refused(of: object) -> None:
    with pytest.raises(ValueError, match=r"3 scores and 2 (others|outcomes)"):
        of(np.ones(3), np.ones(2))  # type: ignore[operator]
