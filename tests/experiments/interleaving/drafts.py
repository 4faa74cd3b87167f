"""Logs of two interleaved rankers, as the server writes them, and what analyses find in them."""

from pathlib import Path

import numpy as np

from experiments.analysis.log_rows import Reading
from experiments.analysis.logged_experiments import latest
from experiments.config.live import Live
from experiments.interleaving.draft_rows import preferences_of
from experiments.interleaving.preferences import Preferences, credit
from experiments.slates.interleave import drafted
from monitoring.log.record import ArmRecord, Decision, Outcome, RankerRecord, encode, encode_outcomes
from monitoring.log.segments import SegmentWriter
from monitoring.log.window import window
from tests.experiments.files import live

TAIL = "exploration: {share: 0.05, salt: e-1}\n"


DISCOUNT = 1 / np.log2(np.arange(6) + 2)


def interleaved(*more: tuple[str, str]) -> Live:
    """The small file with both rankers interleaved."""
    return live(
        ('"@champion", weight: 0.5', '"@champion"'),
        ('"@challenger", weight: 0.5', '"@challenger"'),
        ("        traffic: [[0.0, 1.0]]\n", "        traffic: [[0.0, 1.0]]\n        mode: interleave\n"),
        *more,
        tail=TAIL,
    )


def serve(
    folder: Path,
    config: Live,
    requests: int,
    gain: float,
    seed: int = 1,
    other: bool = False,
    nobody: int = 0,
) -> dict[str, float]:
    """Drafts of two rankers as the server logs them; the NDCG credit of each request, from its definition.

    `other`: of another experiment. `nobody`: so many of the first requests have an empty unit.
    """
    draw, name = np.random.default_rng(seed), "rival" if other else "challenger"
    decisions, outcomes = (SegmentWriter(folder / kind, f"w{seed}") for kind in ("decisions", "outcomes"))
    expected = {}
    for i in range(requests):
        values = draw.integers(0, 5, 6).astype(float)
        one = draw.normal(0, 2, 6) + 0.3 * values
        orders = (np.argsort(-one), np.argsort(-(one + draw.normal(0, 1, 6) + gain * values)))
        request, unit = f"r-{seed}-{i}", f"u-{i % 300}" if i >= nobody else ""
        slate, team = drafted(config.exploration, "challenger-1", request, unit, orders, one[orders[0]])
        alone = i % 50 == 49
        record = Decision(
            request_id=request, time=1e6 + i, received=1e6 + i, unit=unit, context={}, attributes={},
            arms=[ArmRecord(name, "interleaved", "@champion", 0.5, "challenger-1")],
            experiments=config.digest, epoch=1, model="m/1", snapshot="s", candidates=list("abcdef"),
            slate=slate.order, scores=one[slate.order], propensities=slate.propensities,
            explored=slate.explored, fallback="interleaving: gone" if alone else None,
            rankers=None if alone else [RankerRecord("m/1", "s"), RankerRecord("m/2", "s")],
            team=None if alone else team,
        )  # fmt: skip
        decisions.append(encode(record))
        outcomes.append(
            encode_outcomes(
                Outcome(request_id=request, item=item, value=value, time=2e6, received=2e6)
                for item, value in zip("abcdef", values.tolist(), strict=True)
            )
        )
        if team is not None and not alone and unit and values.any():
            gains = (2 ** values[slate.order] - 1) * DISCOUNT
            expected[request] = credit(team, gains / ((2 ** np.sort(values)[::-1] - 1) @ DISCOUNT))
    return expected


def found(folder: Path, config: Live, now: float = 2e6, **more: float) -> Preferences:
    """What the command works out."""
    with window(folder) as log:
        live_then, experiment = latest(log, "challenger", {config.digest: config})
        return preferences_of(log, live_then, experiment, Reading(now, **more))
