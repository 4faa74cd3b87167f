"""Propensities that are wrong in ways that a mean over all decisions doesn't show."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.offpolicy.estimators import evaluate
from experiments.offpolicy.policy_log import log_of
from experiments.offpolicy.weight_tests import LogParts, in_parts, of_actions

Floats = NDArray[np.float64]
DECISIONS, ITEMS = 20_000, 8


def drawn(seed: int) -> tuple[NDArray[np.int64], Floats, Floats, NDArray[np.object_]]:
    """Actions of a softmax policy over eight items in four contexts: propensities, rewards, contexts."""
    draw = np.random.default_rng(seed)
    scores = draw.normal(0, 0.8, (4, ITEMS))
    policy = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    context = draw.integers(0, 4, DECISIONS)
    action = (draw.random(DECISIONS)[:, None] > policy[context].cumsum(1)).sum(1)
    reward = (draw.random(DECISIONS) < 0.2 + 0.05 * action).astype(float)
    return action, policy[context, action], reward, np.array([f"c{each}" for each in context], object)


def refused(propensity: Floats, seed: int = 1) -> tuple[str, ...]:
    """Why the uniform policy isn't valued with these propensities."""
    action, _, reward, context = drawn(seed)
    log = log_of(reward, propensity, np.full(DECISIONS, 1 / ITEMS))
    parts = LogParts({"context": context}, action.astype(object), always=True)
    return evaluate(log, parts=parts).refused


@pytest.mark.parametrize("seed", range(20))
def test_true_propensities_are_believed(seed: int) -> None:
    """Twenty sound logs."""
    assert refused(drawn(seed)[1], seed) == ()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda p: np.minimum(p * 1.3, 1.0),
        lambda p: p * 0.8,
        lambda p: np.maximum(np.round(p, 1), 0.05),
        lambda p: np.maximum(p, 0.15),
        lambda p: np.minimum(p, 0.15),
        lambda p: np.full(len(p), 1 / ITEMS),
        lambda p: np.random.default_rng(3).permutation(p),
    ],
    ids=["rescaled up", "rescaled down", "rounded", "clipped below", "clipped above", "constant", "permuted"],
)
def test_wrong_propensities_are_refused(wrong: Callable[[Floats], Floats]) -> None:
    """Each with the number, what it must be, and how far it may be from it."""
    found = refused(wrong(drawn(1)[1]))
    assert found
    assert all("must be" in sentence and "within" in sentence for sentence in found)


def test_parts_that_make_up_for_each_other() -> None:
    """Half of the decisions weigh .6, half 1.4."""
    weight = np.where(np.arange(4_000) % 2 == 0, 0.6, 1.4)
    labels = np.where(np.arange(4_000) % 2 == 0, "even", "odd").astype(object)
    even, odd = in_parts(weight, labels, "day")
    assert even.startswith(
        "day even: the mean weight of its 2,000 decisions is 0.60 ± 0.01 where it must be 1"
    )
    assert even.endswith("there the target does what the log never does, or propensities are too large")
    assert odd.endswith("there propensities are too small")


def test_a_slice_that_the_log_never_serves_so() -> None:
    """One arm is deterministic and agrees on four fifths; the other is drawn, and is right."""
    draw = np.random.default_rng(1)
    agrees = (draw.random(5_000) < 0.8).astype(float)
    coin = draw.random(20_000) < 0.5
    weight = np.concatenate([agrees, np.where(coin, 1.4, 0.6)])
    arms = np.repeat(np.array(["fixed", "drawn"], object), [5_000, 20_000])
    (found,) = in_parts(weight, arms, "arm")
    assert found.startswith("arm fixed: the mean weight of its 5,000 decisions is 0.80")


def test_few_decisions_say_nothing() -> None:
    """Fewer than a hundred of a part."""
    assert in_parts(np.zeros(99), np.full(99, "a", object), "arm") == []
    assert of_actions(np.full(99, 0.01), np.full(99, "a", object), always=True) == []


def test_actions_that_are_not_always_there() -> None:
    """May be taken less often than their propensities say, and not more often."""
    rare, often = np.full(1_000, 0.5), np.full(1_000, 0.2)
    labels = np.repeat(np.array(["a", "b"], object), 500)
    assert of_actions(np.where(labels == "a", rare, 0.9), labels, always=False) == []
    (found,) = of_actions(np.where(labels == "a", often, 0.9), labels, always=False)
    assert found.startswith("action a: 1 / propensity over the 500 decisions that took it is 2.50")
    assert "must be at most 1" in found
