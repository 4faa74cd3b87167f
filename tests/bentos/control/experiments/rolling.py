"""A rollout on a real log, for tests: units are served, outcomes come, the clock is set by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bentos.control.experiments.rollout_loop import Rollouts
from bentos.home.journal import Journal
from bentos.home.state import Home
from experiments.assignment.assign import assign
from experiments.assignment.plan import compile_plan
from monitoring.log.record import ArmRecord, Decision, Outcome, encode
from monitoring.log.segments import SegmentWriter
from tests.bentos.files import LIVE
from tests.bentos.worker.following import begin, follow

HOUR = 3_600.0
HEAD = "version: 1\nmetrics:\n  reward: {of: reward, at: 1, better: higher}\n"
TEXT = (LIVE % "@challenger").replace("\nversion: 1\n", HEAD) + (
    "        primary: reward\n        rollout: {steps: [0.2, 1.0], hold: 1h}\n"
)
ALIKE = {"a": 1.0, "b": 1.0}


class Stage:
    """One ranker under one Rollouts. `day` serves units and their outcomes; the clock is moved by hand."""

    def __init__(self, folder: Path) -> None:
        self.home, self.path, self.now = Home(folder / "home"), folder / "live.yaml", 1_000_000.0
        self.path.write_text(TEXT)
        self.live = begin(self.home, self.path)
        self.journal = Journal(self.home, lambda: self.now)
        self.restart()
        self._served = 0

    def restart(self) -> None:
        self.rollouts = Rollouts(self.home, lambda: self.live.file, self.journal, lambda: self.now)

    def look(self) -> str:
        """Judge, and take up what came of it; what was decided."""
        self.rollouts.look()
        follow(self.home, self.live)
        return str(self.rollouts.report()["try"].action)

    def serve(
        self, units: int, reward: dict[str, float], fallback: dict[str, str | None] | None = None
    ) -> int:
        """An hour in which so many units asked; those in the experiment are counted."""
        assert self.live.live is not None
        draw, plan = np.random.default_rng(self._served), compile_plan(self.live.live)
        decided = SegmentWriter(self.home.log / "decisions", "ranker")
        came = SegmentWriter(self.home.log / "outcomes", "ranker")
        inside = 0
        for number in range(self._served, self._served + units):
            arms = assign(plan, f"viewer-{number}", {}, self.now).arms
            inside += len(arms)
            variant = arms[0].variant if arms else ""
            model = "small/2" if variant == "b" else "small/1"
            records = [ArmRecord(a.experiment, a.variant, a.model or "", a.bucket, a.salt) for a in arms]
            decided.append(
                encode(
                    Decision(
                        request_id=f"r{number}", time=self.now, received=self.now, unit=f"viewer-{number}",
                        context={}, attributes={}, arms=records, experiments=self.live.digest, epoch=1,
                        model=model, snapshot="s", candidates=["x"], slate=[0],
                        scores=[1.0], propensities=[1.0], explored=False,
                        fallback=(fallback or {}).get(variant),
                    )
                )
            )  # fmt: skip
            value = float(draw.normal(reward.get(variant, 1.0), 0.5))
            came.append(
                encode(
                    Outcome(request_id=f"r{number}", item="x", value=value, time=self.now, received=self.now)
                )
            )
        self._served += units
        decided.close()
        came.close()
        self.now += HOUR
        return inside
