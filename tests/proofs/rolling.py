"""Rollouts looked at again and again: how often a healthy one is stopped, how soon a harmful one.

The figures, the verdict and the decision are those of a real look; only the answers are drawn.
``python -m tests.proofs.rolling`` prints the table of docs/statistics.md (some minutes).
"""

import sys
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.analysis.analyze import effects_of
from experiments.analysis.effects import Analysis
from experiments.analysis.mismatch import mismatch
from experiments.analysis.moments import Moments
from experiments.analysis.question import Measure, Question
from experiments.analysis.recommendation import Recommendation, recommend_each
from experiments.rollout.arm_health import ArmAnswers, fallback_rates, quantiles
from experiments.rollout.decide import ArmHealth, decide

LOOKS, EACH = 50, 400  # so many looks, so many new answers of each arm before each
ASKED = Question(
    "a", {"": {"a": 0.5, "b": 0.5}}, (Measure("reward", "m", per_unit=True, effect=0.01),), looks=1.0
)
WHY = {"fallback rate": "fallbacks", "p99 seconds": "latency", "is worse": "reward", "is excluded": "no gain"}

Answers = NDArray[np.float64]


@dataclass(frozen=True)
class World:
    """What the treated arm does beside a control with ``fallbacks``, lognormal latencies and a reward of 1.

    ``more``: further fallbacks, as a share of answers. ``slow`` of the answers take ``times`` as long.
    ``lift``: of the reward. ``spread``: of the logarithm of seconds; at 1.5 a 99th percentile of 0.6 s comes
    with a median of 18 ms.
    """

    more: float = 0.0
    slow: float = 0.0
    times: float = 1.0
    lift: float = 0.0
    fallbacks: float = 0.002
    spread: float = 0.8


WORLDS = {
    "nothing differs": World(),
    "nothing differs, heavy tails and 5% fallbacks": World(fallbacks=0.05, spread=1.5),
    "reward +5%": World(lift=0.05),
    "fallbacks +2 points": World(more=0.02),
    "fallbacks +10 points": World(more=0.1),
    "all answers take twice as long": World(slow=1.0, times=2.0),
    "3% of the answers take ten times as long": World(slow=0.03, times=10.0),
    "reward -5%": World(lift=-0.05),
    "reward -10%": World(lift=-0.1),
}


def stop(world: World, draw: np.random.Generator, looks: int = LOOKS) -> tuple[int, str] | None:
    """The look (from 1) at which a rollout in this world is stopped, and what for; None if it never is."""
    plain = World(fallbacks=world.fallbacks, spread=world.spread)
    control, treated = _arm(plain, draw, looks), _arm(world, draw, looks)
    for look in range(1, looks + 1):
        seen = [arm[:, : look * EACH] for arm in (control, treated)]
        said = decide(_guarded(*seen), _verdict(*seen), "b")
        if said.action == "stop":
            return look, next(word for text, word in WHY.items() if text in said.reason)
    return None


def _arm(world: World, draw: np.random.Generator, looks: int) -> Answers:
    """(3, answers): fallback or not, seconds, reward."""
    count = looks * EACH
    fallback = draw.random(count) < world.fallbacks + world.more
    seconds = draw.lognormal(-4, world.spread, count)
    seconds *= np.where(draw.random(count) < world.slow, world.times, 1.0)
    return np.array([fallback, seconds, draw.gamma(2.5, 0.4, count) * (1 + world.lift)], np.float64)


def _guarded(control: Answers, treated: Answers) -> ArmHealth:
    count = control.shape[1]
    base, now = fallback_rates(*(ArmAnswers(count, int(each[0].sum())) for each in (control, treated)))
    figures = [{"fallback rate": base}, {"fallback rate": now}]
    places = quantiles(count, count)
    if places is not None:
        for figure, arm, place in zip(figures, (control, treated), places, strict=True):
            figure["p99 seconds"] = float(np.quantile(arm[1], place))
    return ArmHealth(0, *figures)


def _verdict(control: Answers, treated: Answers) -> Recommendation:
    units = {name: arm.shape[1] for name, arm in (("a", control), ("b", treated))}
    aggregates = {
        name: Moments(arm.shape[1], {"n0": float(arm[2].mean())}, {"n0": float(arm[2].var(ddof=1))}, {})
        for name, arm in (("a", control), ("b", treated))
    }
    effects = tuple(effects_of(aggregates, ASKED))
    even = mismatch({"": units}, ASKED.weights)
    [found] = recommend_each(Analysis(even, effects, {}, units, sum(units.values()), 0, ()), ASKED)
    return found


def stops(world: World, runs: int, seed: int, looks: int = LOOKS) -> tuple[dict[str, float], float]:
    """Shares of rollouts stopped, by what for; and the median answers per arm at the stop (NaN: none was)."""
    draw = np.random.default_rng(seed)
    found = [each for _ in range(runs) if (each := stop(world, draw, looks)) is not None]
    shares = {word: count / runs for word, count in Counter(word for _, word in found).items()}
    return shares, float(np.median([look * EACH for look, _ in found])) if found else float("nan")


def main(runs: int = 200) -> None:
    """Print the table."""
    words = tuple(WHY.values())
    sys.stdout.write(f"{runs} rollouts each, {LOOKS} looks, up to {LOOKS * EACH:,} answers per arm\n\n")
    sys.stdout.write(f"| the treated arm | stopped for {' | '.join(words)} | median answers per arm |\n")
    sys.stdout.write("|---|" + "---|" * (len(words) + 1) + "\n")
    for name, world in WORLDS.items():
        shares, answers = stops(world, runs, 11)
        columns = " | ".join(f"{shares.get(word, 0.0):.1%}" for word in words)
        sys.stdout.write(f"| {name} | {columns} | {'' if np.isnan(answers) else f'{answers:,.0f}'} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
