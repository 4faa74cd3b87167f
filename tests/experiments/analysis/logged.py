"""Logs as the server would write them: decisions of two rankers with all outcomes."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from experiments.analysis.log_question import rows_of
from experiments.analysis.log_rows import Reading
from experiments.analysis.logged_experiments import latest
from experiments.analysis.question import Question
from experiments.analysis.tables import Table
from experiments.assignment.assign import assign
from experiments.assignment.plan import compile_plan
from experiments.config.live import Live
from experiments.slates.explore import explore
from monitoring.log.record import ArmRecord, Decision, Outcome, encode, encode_outcomes
from monitoring.log.segments import SegmentWriter
from monitoring.log.window import LogWindow
from tests.experiments.files import live

TAIL = "exploration: {share: 0.02, salt: e-1}\n"
HOUR = 3600.0


def serve(
    folder: Path,
    config: Live,
    units: list[str],
    start: float,
    gain: float,
    seed: int,
    same: Callable[[int], bool | None] = lambda i: None,
) -> None:
    """Decisions of a ranker and a better one, as the server would log them, with all outcomes."""
    draw, plan = np.random.default_rng(seed), compile_plan(config)
    decisions = SegmentWriter(folder / "decisions", f"d{seed}")
    outcomes = SegmentWriter(folder / "outcomes", f"o{seed}")
    for i, unit in enumerate(units):
        now = start + i
        found = assign(plan, unit, {"airport": ["JFK", "EWR"][i % 2]}, now)
        values = draw.integers(0, 5, 6).astype(float)
        scores = draw.normal(0, 2, 6) + values * (gain if found.model == "@challenger" else 0.0)
        request = f"r-{seed}-{i}"
        slate = explore(config.exploration, request, unit, np.argsort(-scores))
        record = Decision(
            request_id=request, time=now, received=now, unit=unit, context={},
            attributes={"airport": ["JFK", "EWR"][i % 2]},
            arms=[
                ArmRecord(a.experiment, a.variant, found.model, a.bucket, a.salt, a.forced, same(i))
                for a in found.arms
            ],
            experiments=config.digest, epoch=1, model=found.model, snapshot="s", candidates=list("abcdef"),
            slate=slate.order, scores=scores[slate.order], propensities=slate.propensities,
            explored=slate.explored,
        )  # fmt: skip
        decisions.append(encode(record))
        outcomes.append(
            encode_outcomes(
                Outcome(request_id=request, item=item, value=value, time=now + HOUR, received=now + HOUR)
                for item, value in zip("abcdef", values.tolist(), strict=True)
            )
        )


UNITS = [f"viewer-{i % 400}" for i in range(3_000)]


def ramped(folder: Path) -> Path:
    """A log of two phases: half of the viewers with 20% in the challenger, then all of them with 50%."""
    (folder / "decisions").mkdir()
    (folder / "outcomes").mkdir()
    serve(folder, first(), UNITS[:200], 1e6, 1.0, 1)
    serve(folder, second(), UNITS, 1e6 + HOUR, 1.0, 2)
    return folder


def first() -> Live:
    """20% in the challenger."""
    return live(
        ('"@champion", weight: 0.5', '"@champion", weight: 0.8'),
        ('"@challenger", weight: 0.5', '"@challenger", weight: 0.2'),
        tail=TAIL,
    )


def second() -> Live:
    """50%, laid so that nobody who was in the challenger leaves it."""
    return live(
        ('"@champion", weight: 0.5', '"@champion", ranges: [[0.0, 0.5]]'),
        ('"@challenger", weight: 0.5', '"@challenger", ranges: [[0.5, 1.0]]'),
        tail=TAIL,
    )


def asked(log: LogWindow, name: str, configs: dict[str, Live], reading: Reading) -> tuple[Table, Question]:
    """What `analyze NAME` asks, of the newest file that has the experiment."""
    return rows_of(log, *latest(log, name, configs), configs, reading)


CONFIGS = {config.digest: config for config in (first(), second())}
