"""Off-policy values equal obp's, cover the truth, and are refused when the log can't bear them."""

import numpy as np
import pytest

from experiments.offpolicy.estimators import contributions, difference, estimate, evaluate
from experiments.offpolicy.intervals import Intervals
from experiments.offpolicy.policy_log import LogError, log_of
from tests.experiments.offpolicy.bandit import campaign, needs_bandit


@needs_bandit
@pytest.mark.parametrize(
    ("name", "items", "ips", "snips", "dr"),
    [  # what obp 0.4.1 answers, with q(item) = .001·(1 + item mod 7) as the reward model
        ("men", 34, 0.0030086263272564836, 0.0031894231622773923, 0.003179991377104883),
        ("all", 80, 0.0023596395168460067, 0.002333713893161734, 0.0022988011454416137),
    ],
)
def test_values_equal_obp(name: str, items: int, ips: float, snips: float, dr: float) -> None:
    """The uniform policy's value from the Thompson-sampling log, to 1e-12; intervals hold the truth."""
    data, truth = campaign(f"bts_{name}"), campaign(f"random_{name}")["click"]
    model = 0.001 * (1 + np.arange(items) % 7)
    log = log_of(
        data["click"],
        data["propensity_score"],
        np.full(len(data), 1 / items),
        predicted=model[data["item_id"]],
        expected=np.full(len(data), model.mean()),
    )
    found = evaluate(log)
    assert found.refused == ()
    assert [each.method for each in found.estimates] == ["ips", "snips", "dr"]
    assert [each.value for each in found.estimates] == pytest.approx([ips, snips, dr], abs=1e-12)
    for each in found.estimates:  # the truth is itself a mean of 10,000: both errors count
        both = np.hypot(each.deviation, truth.std() / 100)
        assert abs(each.value - truth.mean()) < 1.96 * both
        assert each.normal[0] < each.value < each.normal[1]
        assert each.bootstrap[0] < each.value < each.bootstrap[1]


@needs_bandit
def test_position_based_slate_value_equals_obp() -> None:
    """SlateIndependentIPS of obp 0.4.1 on the first 9,999 rows in threes."""
    data = campaign("bts_men").iloc[:9_999]
    log = log_of(
        data["click"],
        data["propensity_score"],
        np.full(9_999, 1 / 34),
        decision=np.repeat(np.arange(3_333), 3),
        position=np.tile([0, 1, 2], 3_333),
        discount=[1, 1, 1],
    )
    assert estimate(log, "ips").value == pytest.approx(0.009026781659935444, abs=1e-12)


@pytest.mark.parametrize(
    ("reward", "propensity", "target", "sentence"),
    [
        ([], [], [], r"reward: shape \(0,\) holds no rows"),
        ([1.0, np.nan], [0.5, 0.5], [1, 1], "reward: 1 of 2 values are not finite numbers"),
        ([1.0, 1.0], [0.5, 0.0], [1, 1], "propensity: 0 in row 1 is no probability; it must be above 0"),
        ([1.0, 1.0], [0.5, 1.5], [1, 1], "propensity: 1.5 in row 1 is no probability"),
        ([1.0, 1.0], [0.5, 0.5], [1, -0.1], "target: -0.1 in row 1 is no probability"),
        ([1.0, 1.0], [0.5], [1, 1], "propensity: 1 entries for 2 rewards"),
    ],
)
def test_columns_that_are_no_log(
    reward: list[float], propensity: list[float], target: list[float], sentence: str
) -> None:
    """Each names the column, the value and the rule."""
    with pytest.raises(LogError, match=sentence):
        log_of(reward, propensity, target)


ITEMS, TOP = 8, 4


def world(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A known truth: items' values float64[requests, items], and a noisy ranker's scores of them."""
    draw = np.random.default_rng(seed)
    values = draw.gamma(1.0, 1.0, (4_000, ITEMS))
    return values, values + draw.normal(0, 2, values.shape)


DISCOUNT = 1 / np.log2(np.arange(TOP) + 2)


def simulated(seed: int, share: float) -> tuple[dict[str, np.ndarray], np.ndarray, float]:
    """A log with an exploration slice, a better ranker's targets, and that ranker's true value."""
    values, scores = world(0)
    draw = np.random.default_rng(seed)
    count = len(values)
    ours = np.argsort(-scores, axis=1)
    theirs = np.argsort(-(scores + 2 * values), axis=1)
    drawn = np.argsort(draw.random((count, ITEMS)), axis=1)
    slate = np.where(draw.random((count, 1)) < share, drawn, ours)[:, :TOP]
    propensity = (1 - share) * (slate == ours[:, :TOP]) + share / ITEMS
    reward = draw.poisson(np.take_along_axis(values, slate, 1)).astype(float)
    truth = float((np.take_along_axis(values, theirs[:, :TOP], 1) * DISCOUNT).sum(1).mean())
    columns = {
        "reward": reward.ravel(),
        "propensity": propensity.ravel(),
        "decision": np.repeat(np.arange(count), TOP),
        "position": np.tile(np.arange(TOP), count),
    }
    return columns, (slate == theirs[:, :TOP]).astype(float).ravel(), truth


@pytest.mark.parametrize("method", ["ips", "snips", "dr"])
def test_intervals_cover_the_truth(method: str) -> None:
    """200 logs, 20% explored, a crude reward model: 95% ± 4·√(.0475/200) of the normal intervals."""
    covered = 0
    for seed in range(200):
        columns, target, truth = simulated(seed, 0.2)
        model = np.full(len(target), 1.0)
        log = log_of(
            columns["reward"], columns["propensity"], target, decision=columns["decision"],
            position=columns["position"], discount=DISCOUNT, predicted=model, expected=model,
        )  # fmt: skip
        found = estimate(log, method, Intervals(resamples=2))  # type: ignore[arg-type]
        covered += found.normal[0] <= truth <= found.normal[1]
    assert abs(covered / 200 - 0.95) <= 4 * np.sqrt(0.95 * 0.05 / 200), covered


def test_bootstrap_agrees_with_the_normal_interval() -> None:
    """Both widths within a fifth on a log with support."""
    columns, target, _ = simulated(1, 0.5)
    rest = {key: columns[key] for key in ("decision", "position")}
    log = log_of(columns["reward"], columns["propensity"], target, discount=DISCOUNT, **rest)
    for found in evaluate(log).estimates:
        widths = [high - low for low, high in (found.normal, found.bootstrap)]
        assert widths[1] == pytest.approx(widths[0], rel=0.2)


def test_difference_of_two_policies_is_narrower_than_both_values() -> None:
    """What two targets share cancels; and a policy differs from itself by nothing."""
    columns, target, _ = simulated(2, 0.5)
    rest = {key: columns[key] for key in ("decision", "position")}
    log = log_of(columns["reward"], columns["propensity"], target, discount=DISCOUNT, **rest)
    other = target.copy().reshape(-1, TOP)
    other[:, 2:] = 1 / ITEMS
    found = difference(log, target, other.ravel())
    assert found.value == pytest.approx(
        estimate(log, "snips").value
        - estimate(
            log_of(columns["reward"], columns["propensity"], other.ravel(), discount=DISCOUNT, **rest),
            "snips",
        ).value
    )
    assert found.deviation < estimate(log, "snips").deviation
    assert difference(log, target, target).normal == (0.0, 0.0)


def test_units_widen_the_interval_when_their_rewards_go_together() -> None:
    """20 identical decisions a unit are worth one."""
    draw = np.random.default_rng(3)
    rewards = np.repeat(draw.gamma(1, 1, 100), 20)
    half = np.full(2_000, 0.5)
    alone = estimate(log_of(rewards, half, half), "ips")
    units = estimate(log_of(rewards, half, half, unit=np.repeat(np.arange(100), 20).astype(object)), "ips")
    assert units.value == pytest.approx(alone.value)
    assert units.deviation / alone.deviation == pytest.approx(np.sqrt(20), rel=0.02)


def test_snips_contributions_sum_to_its_value() -> None:
    """The linearised rows give back the ratio itself."""
    columns, target, _ = simulated(4, 0.5)
    rest = {key: columns[key] for key in ("decision", "position")}
    log = log_of(columns["reward"], columns["propensity"], target, discount=DISCOUNT, **rest)
    plain = sum(
        DISCOUNT[k] * np.average(log.reward[log.position == k], weights=log.weight[log.position == k])
        for k in range(TOP)
    )
    assert contributions(log, "snips").sum() / 4_000 == pytest.approx(plain)


def test_the_bootstrap_of_very_many_is_of_bundles() -> None:
    """Of 300,000 decisions its interval is about the normal one; drawn one by one it took a minute."""
    draw = np.random.default_rng(1)
    shown = draw.integers(0, 2, 300_000)
    reward = shown + draw.normal(0, 1, len(shown))
    log = log_of(reward, np.full(len(shown), 0.5), (shown == 1).astype(float))
    found = estimate(log, "ips", Intervals(resamples=300))
    width, drawn = (high - low for low, high in (found.normal, found.bootstrap))
    assert drawn == pytest.approx(width, rel=0.15)
