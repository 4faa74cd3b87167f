"""What the statistics claim, tried out: the same functions at a small size in the tests and at a large one
here.

``python -m tests.proofs.proofs`` prints the tables of docs/statistics.md (some minutes).
"""

import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from experiments.analysis.analyze import analyze
from experiments.analysis.comparisons import effects_of
from experiments.analysis.effects import Effect
from experiments.analysis.mismatch import mismatch
from experiments.analysis.moments import Moments
from experiments.analysis.question import Measure, Question
from experiments.analysis.tables import connect, table_of
from experiments.interleaving.preferences import credited

HALF = {"": {"a": 0.5, "b": 0.5}}
BASE = Measure("m", "m", effect=0.05)
KINDS = {
    "mean per unit": replace(BASE, per_unit=True),
    "share of units": replace(BASE, per_unit=True),
    "ratio (clustered rows)": BASE,
    "CUPED mean": replace(BASE, per_unit=True, before=("p", None)),
    "CUPED ratio": replace(BASE, before=("p", "q")),
    "heavy tail, winsorised": replace(BASE, per_unit=True),
}


def world(kind: str, units: int, draw: np.random.Generator, lift: float = 0.0) -> dict[str, np.ndarray]:
    """Units with an arm, and the sums that ``analysis.units`` would make of their rows; b has the lift."""
    arm = draw.random(units) < 0.5
    up = 1 + lift * arm
    if kind == "share of units":
        return {"arm": arm, "n0": (draw.random(units) < 0.2 * up).astype(float)}
    if kind == "heavy tail, winsorised":
        spent = draw.lognormal(0, 1.5, units) * up
        return {"arm": arm, "n0": np.minimum(spent, np.quantile(spent, 0.99))}
    level = draw.gamma(4, 0.25, units)
    rows = draw.poisson(5, units) + 1.0 if "ratio" in kind else np.ones(units)
    past = draw.poisson(5, units) + 1.0 if "ratio" in kind else np.ones(units)
    found = {"arm": arm, "n0": level * rows * up + draw.normal(0, 0.5, units) * np.sqrt(rows)}
    if "ratio" in kind:
        found["d0"] = rows
    if "CUPED" in kind:
        found["bn0"] = level * past + draw.normal(0, 0.5, units) * np.sqrt(past)
        found["bd0"], found["bh0"] = past, np.ones(units)
    return found


def effect(kind: str, data: dict[str, np.ndarray], upto: int | None = None) -> Effect:
    """The effect in the first ``upto`` units, as an analysis at its end would give it.

    The anytime-valid interval has all of the error, as it has without a planned end.
    """
    part = {name: column[:upto] for name, column in data.items()}
    arm = part.pop("arm")
    question = Question("a", HALF, (KINDS[kind],), ended=True, looks=1.0)
    chosen = {"a": ~arm, "b": arm}
    arms = {
        name: _aggregates({key: each[mask] for key, each in part.items()}) for name, mask in chosen.items()
    }
    (found,) = effects_of(arms, question)
    return found


def _aggregates(columns: dict[str, np.ndarray]) -> Moments:
    names = sorted(columns)
    covariance = np.atleast_2d(np.cov([columns[name] for name in names]))
    return Moments(
        size=len(columns["n0"]),
        means={name: float(columns[name].mean()) for name in names},
        variances={name: float(covariance[i, i]) for i, name in enumerate(names)},
        covariances={
            (a, b): float(covariance[i, j]) for i, a in enumerate(names) for j, b in enumerate(names) if i < j
        },
    )


def false_positives(kind: str, runs: int, units: int, seed: int) -> float:
    """Share of A/A tests that the fixed-horizon test calls different at its end."""
    draw = np.random.default_rng(seed)
    found = [effect(kind, world(kind, units, draw)).fixed_p for _ in range(runs)]
    return float(np.mean(np.array(found, float) < 0.05))


def peeking(kind: str, runs: int, units: int, seed: int, looks: int = 40) -> tuple[float, float]:
    """Share of A/A tests that any look calls different, by anytime-valid and by fixed intervals."""
    draw, sizes = np.random.default_rng(seed), np.linspace(200, units, looks).astype(int).tolist()
    anytime = fixed = 0
    for _ in range(runs):
        data = world(kind, units, draw)
        seen = [effect(kind, data, size) for size in sizes]
        anytime += any(not each.anytime[0] <= 0 <= each.anytime[1] for each in seen)
        fixed += any((each.fixed_p or 1.0) < 0.05 for each in seen)
    return anytime / runs, fixed / runs


def coverage(kind: str, runs: int, units: int, seed: int, lift: float = 0.1) -> tuple[float, float]:
    """Share of fixed and of anytime-valid intervals that hold the true difference (of a very large world)."""
    draw = np.random.default_rng(seed)
    large = world(kind, 4_000_000, np.random.default_rng(0), lift)
    means = [_ratio(large, chosen) for chosen in (False, True)]
    truth = means[1] - means[0]
    hits = np.zeros(2)
    for _ in range(runs):
        found = effect(kind, world(kind, units, draw, lift))
        bounds: list[Any] = [found.fixed, found.anytime]
        hits += [low <= truth <= high for low, high in bounds]
    return float(hits[0] / runs), float(hits[1] / runs)


def _ratio(data: dict[str, np.ndarray], arm: bool) -> float:
    inside = data["arm"] == arm
    below = data["d0"][inside].mean() if "d0" in data else 1.0
    return float(data["n0"][inside].mean() / below)


def preferring(runs: int, requests: int, seed: int, looks: int = 20) -> tuple[float, float]:
    """Share of interleavings of equal rankers in which any look prefers one: anytime, fixed intervals."""
    draw, sizes = np.random.default_rng(seed), np.linspace(200, requests, looks).astype(int).tolist()
    units = np.array([f"u-{i % (requests // 5)}" for i in range(requests)], object)
    anytime = fixed = 0
    for _ in range(runs):
        credits = draw.choice([-1.0, -0.3, 0.0, 0.3, 1.0], requests)
        base = draw.gamma(4, 0.25, requests)
        seen = [credited(credits[:n], base[:n], units[:n], looks=1.0, ended=True) for n in sizes]
        anytime += any(each and not each.anytime[0] <= 0 <= each.anytime[1] for each in seen)
        fixed += any(each and (each.fixed_p or 1.0) < 0.05 for each in seen)
    return anytime / runs, fixed / runs


def differing(units: int, draw: np.random.Generator, lift: float) -> tuple[pd.DataFrame, float]:
    """Rows of units of which about a fifth differ between arms, some units' more often, with the truth.

    The lift is only on those rows; the truth is its mean over all rows, were all units in b.
    """
    rows = draw.poisson(4, units) + 1
    unit = np.repeat(np.arange(units), rows)
    arm, often, level = draw.random(units) < 0.5, draw.beta(1, 4, units), draw.normal(10, 3, units)
    differs = draw.random(len(unit)) < often[unit]
    m = level[unit] + draw.normal(0, 3, len(unit)) + lift * (arm[unit] & differs)
    frame = pd.DataFrame(
        {"unit": unit, "arm": np.where(arm[unit], "b", "a"), "m": m, "differs": differs, "size": 1.0}
    )
    return frame, lift * float((rows * often).sum() / rows.sum())


def triggering(runs: int, units: int, seed: int, lift: float = 1.0) -> dict[str, float]:
    """Of triggered analyses: coverage of the effect over all rows, fixed and anytime, and widths to plain."""
    draw, connection = np.random.default_rng(seed), connect()
    asks = Question("a", HALF, (Measure("m", "m", "size", effect=0.02),), ended=True, looks=1.0)
    held, widths, alarms = np.zeros(2), [], 0
    for run in range(runs):
        frame, truth = differing(units, draw, lift)
        rows = table_of(frame, connection, f"run_{run}")
        found = analyze(rows, replace(asks, trigger="differs"))
        (each,), (plain,) = found.overall, analyze(rows, asks).effects
        pairs: list[Any] = [each.fixed, each.anytime]
        held += [low <= truth <= high for low, high in pairs]
        widths.append(each.deviation / plain.deviation)
        alarms += any(test.blocks for test in found.mismatches)
    fixed, anytime = (held / runs).tolist()
    return {"fixed": fixed, "anytime": anytime, "width": float(np.mean(widths)), "alarms": alarms / runs}


def reduction(runs: int, units: int, seed: int) -> tuple[float, float]:
    """Variance that CUPED removes, and the squared correlation that theory gives."""
    draw = np.random.default_rng(seed)
    found, theory = [], []
    for _ in range(runs):
        data = world("CUPED mean", units, draw)
        found.append(effect("CUPED mean", data).reduction)
        theory.append(np.corrcoef(data["n0"], data["bn0"])[0, 1] ** 2)
    return float(np.mean(np.array(found, float))), float(np.mean(theory))


def alarms(runs: int, seed: int, share: float | None = None, units: int = 20_000) -> float:
    """Share of mismatch alarms: under legal five-phase ramps, or at a real ``share`` in place of half."""
    draw, shares = np.random.default_rng(seed), [0.01, 0.05, 0.2, 0.35, 0.5]
    ramp = {str(i): {"a": 1 - each, "b": each} for i, each in enumerate(shares)}
    found = 0
    for _ in range(runs):
        if share is None:
            sizes = draw.multinomial(units, [0.1, 0.1, 0.2, 0.3, 0.3]).tolist()
            treated = [int(draw.binomial(n, each)) for n, each in zip(sizes, shares, strict=True)]
            counts = {
                str(i): {"a": n - t, "b": t} for i, (n, t) in enumerate(zip(sizes, treated, strict=True))
            }
            found += mismatch(counts, ramp).blocks
        else:
            b = int(draw.binomial(units, share))
            found += mismatch({"": {"a": units - b, "b": b}}, HALF).blocks
    return found / runs


def main() -> None:
    """Print the tables."""
    runs, units = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000, 4_000
    error = 1.96 * np.sqrt(0.05 * 0.95 / runs)
    sys.stdout.write(f"{runs} runs of {units} units each; rates of 5% are ±{error:.2%} by chance\n\n")
    heads = "A/A, fixed | 40 looks, fixed | 40 looks, anytime | coverage, fixed | coverage, anytime"
    sys.stdout.write(f"| metric | {heads} |\n")
    sys.stdout.write("|---|---|---|---|---|---|\n")
    for kind in KINDS:
        anytime, fixed = peeking(kind, runs // 4, units, 2)
        held = coverage(kind, runs, units, 3)
        once = false_positives(kind, runs, units, 1)
        sys.stdout.write(
            f"| {kind} | {once:.1%} | {fixed:.1%} | {anytime:.1%} | {held[0]:.1%} | {held[1]:.1%} |\n"
        )
    anytime, fixed = preferring(runs // 4, units, 7)
    sys.stdout.write(f"\ninterleaving equal rankers, 20 looks: {fixed:.1%} fixed, {anytime:.1%} anytime\n")
    shown = triggering(runs // 5, 1_000, 8)
    sys.stdout.write(
        f"triggered on a fifth of the rows: {shown['fixed']:.1%} fixed and {shown['anytime']:.1%} anytime "
        f"intervals hold the effect over all rows; {shown['width']:.0%} as wide as without the trigger\n"
    )
    found, theory = reduction(50, units, 4)
    sys.stdout.write(
        f"\nCUPED removes {found:.1%} of the variance; the squared correlation is {theory:.1%}\n"
    )
    sys.stdout.write(f"mismatch alarms under ramps: {alarms(runs * 10, 5):.3%} of {runs * 10}\n")
    for units in (20_000, 50_000, 100_000):
        sys.stdout.write(f"mismatch seen at 51/49 of {units:,}: {alarms(500, 6, 0.51, units):.0%}\n")


if __name__ == "__main__":
    main()
