"""A log that can't bear an estimate is refused, and the sentence says what is missing."""

import numpy as np
import pytest

from experiments.offpolicy.estimators import evaluate
from experiments.offpolicy.policy_log import LogError, log_of
from experiments.offpolicy.support import diagnose
from tests.experiments.offpolicy.bandit import campaign, needs_bandit


@needs_bandit
@pytest.mark.parametrize(("name", "effective"), [("men", 656), ("all", 340)])
def test_diagnostics_of_the_bandit_log(name: str, effective: int) -> None:
    """Kish's effective sample of the shipped logs."""
    data, items = campaign(f"bts_{name}"), {"men": 34, "all": 80}[name]
    log = log_of(data["click"], data["propensity_score"], np.full(10_000, 1 / items))
    found = evaluate(log).diagnostics
    assert found.effective == pytest.approx(effective, abs=1)
    assert abs(found.mean_weight - 1) < 4 * found.mean_deviation


def test_a_log_of_two_effective_rows_is_refused() -> None:
    """As on the women's campaign of the same data: mean weight about 3, and two rows carry all of it."""
    draw = np.random.default_rng(1)
    propensity = draw.uniform(0.3, 1.0, 10_000)
    propensity[[10, 500]] = 1.4e-6
    found = evaluate(log_of(draw.random(10_000) < 0.005, propensity, np.full(10_000, 1 / 46)))
    assert found.estimates == ()
    assert found.diagnostics.effective < 3
    assert found.refused[0].startswith("10,000 decisions count as only 2.")
    assert "are needed: about" in found.refused[0]
    assert any("the five heaviest decisions carry" in sentence for sentence in found.refused)
    assert any("the mean weight is 3." in sentence for sentence in found.refused)


@pytest.mark.parametrize(
    ("propensity", "target", "reward", "sentence"),
    [
        (0.5, 0.0, 1.0, "no logged decision has any probability under the target policy"),
        (0.5, 0.5, 0.0, "all weighted outcomes are zero"),
        (
            0.5,
            0.25,
            1.0,
            "the mean weight is 0.50 ± 0.00 where it must be 1 (within 0.03, or 4 standard errors)",
        ),
        (0.25, 0.5, 1.0, "is given too much weight, or the logged propensities are wrong"),
    ],
)
def test_refusals_say_what_is_wrong(propensity: float, target: float, reward: float, sentence: str) -> None:
    """No number is shown beside them."""
    found = evaluate(log_of(np.full(900, reward), np.full(900, propensity), np.full(900, target)))
    assert found.estimates == ()
    assert any(sentence in each for each in found.refused), found.refused


def test_equal_weights_count_in_full() -> None:
    """Kish's number is the number of decisions; of twelve hundred the heaviest 1% are twelve."""
    ones, single = np.ones(1_200), np.arange(1_200)
    found = diagnose(ones, ones, ones, single)
    assert (found.decisions, found.effective, found.effective_rewards) == (1_200, 1_200, 1_200)
    assert (found.mean_weight, found.mean_deviation, found.largest_weight, found.matched) == (1, 0, 1, 1)
    assert found.top_share == pytest.approx(0.01)
    assert found.five_share == pytest.approx(5 / 1_200)
    assert found.refusals() == []


def test_a_decision_weighs_the_discounted_mean_of_its_rows() -> None:
    """Two rows with discounts 1 and a half, weights 3 and 0: two thirds of 3."""
    weight, discount = np.array([3.0, 0.0, 1.0, 1.0]), np.array([1.0, 0.5, 1.0, 0.5])
    found = diagnose(weight, np.ones(4), discount, np.array([0, 0, 1, 1]))
    assert found.largest_weight == pytest.approx(2.0)
    assert found.mean_weight == pytest.approx(1.5)
    assert found.effective == pytest.approx(9 / 5)


@pytest.mark.parametrize("factor", [1.3, 0.8, 1.05])
def test_rescaled_propensities_are_refused(factor: float) -> None:
    """40,000 coin decisions whose logged propensities are off by a twentieth: the mean weight shows it."""
    draw = np.random.default_rng(1)
    first = draw.random(40_000) < 0.4
    chance = np.where(first, 0.4, 0.6)
    reward, target = (draw.random(40_000) < 0.5).astype(float), np.where(first, 0.7, 0.3)
    assert evaluate(log_of(reward, chance, target)).refused == ()
    (found,) = evaluate(log_of(reward, np.minimum(chance * factor, 1.0), target)).refused
    assert "where it must be 1 (within 0.03, or 4 standard errors)" in found


def test_a_log_that_never_does_a_fifth_of_the_target_is_refused() -> None:
    """A deterministic policy that agrees on 80% of the decisions."""
    draw = np.random.default_rng(2)
    agrees = (draw.random(10_000) < 0.8).astype(float)
    (found,) = evaluate(log_of(draw.random(10_000), np.ones(10_000), agrees)).refused
    assert found.startswith("the mean weight is 0.79 ± 0.00 where it must be 1")


def test_a_propensity_next_to_nothing_is_a_mistake() -> None:
    """Its weight would be all there is."""
    with pytest.raises(
        LogError, match=r"propensity: 9\.99989e-321 in row 0 is no probability; it must be at least"
    ):
        log_of([1.0, 1.0], [1e-320, 0.5], [0.5, 0.5])
