"""A ranker whose probabilities are to be corrected: served, followed by outcomes, refitted."""

from __future__ import annotations

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import orjson
from prometheus_client import CollectorRegistry

from bentos.control import next_state
from bentos.control.recalibrate import Corrector
from bentos.decisions.decider import Decider
from bentos.decisions.scoring import Embedded
from bentos.home.journal import Journal
from bentos.home.state import CHAMPION, Home, State, read_state, write_state
from bentos.offline.correction_rows import latest
from bentos.worker.follower import Follower
from experiments.config.check import parse
from models.declaration.declaration import read
from models.features import parse_context
from models.training.train import train
from monitoring.calibration.logistic import log_odds, probability
from monitoring.log.record import Outcome, encode_outcomes
from monitoring.log.segments import SegmentWriter
from monitoring.log.window import window
from monitoring.metrics import Metrics
from tests.models import small

BEGIN, DAY = 1_768_000_000.0, 86_400.0
SHIFT = 1.2  # of the log odds: by so much the world differs from the model
NOISE = 5 / (750 * 0.2) ** 0.5  # five deviations of a shift fitted on 750 outcomes of variance about .2
LIVE = 'version: 1\nunit: viewer\ndefault: "@champion"\n'


class Place:
    """One ranker's home with a served version, a Decider that follows its state, and a Corrector."""

    def __init__(self, folder: Path, trained: Path, pool: ThreadPoolExecutor) -> None:
        self.home = Home(folder / "home" / "small")
        self.home.versions.mkdir(parents=True)
        self.toml = folder / "ranker.toml"
        self.toml.write_text((trained / "ranker.toml").read_text())
        (folder / "table.csv").symlink_to(trained / "table.csv")
        self.home.version("1").symlink_to(trained / "package")
        self.home.catalogue.symlink_to(trained / "small" / "catalogue")
        self.home.experiments.mkdir()
        snapshot = json.loads((trained / "package" / "manifest.json").read_bytes())["snapshot"]
        write_state(self.home.state, State(1, "small", snapshot, {CHAMPION: "1"}))
        self.explore("exploration: {share: 1.0, salt: e-1}\n")
        self.follower = Follower(self.home, "ranker")
        self.follower.look()
        self.log = SegmentWriter(self.home.log / "decisions", "w0")
        self.decider = Decider(self.follower, Embedded(), self.log, Metrics(CollectorRegistry()))
        self.corrector = Corrector(self.home, self.toml, Journal(self.home), pool)

    def explore(self, slice_: str) -> None:
        """Make a live.yaml with this exploration slice live."""
        live, state = parse(LIVE + slice_), read_state(self.home.state)
        assert state is not None
        self.home.compiled(live.digest).write_text(live.to_json())
        write_state(self.home.state, msgspec.structs.replace(state, experiments=live.digest))

    def rank(self, number: int, days: float, **more: Any) -> dict[str, Any]:
        """The answer to one of the table's own requests, so many days after the first."""
        items = [f"item-{row}" for row in range(8 * (number % 400), 8 * (number % 400) + 8)]
        moment = {"time": BEGIN + float(days) * DAY, "request_id": f"r{number}"}
        body = {"unit": f"u{number}", "candidates": items, "context": {"hour": 9}} | moment | more
        return dict(orjson.loads(asyncio.run(self.decider.rank(orjson.dumps(body)))))

    def raw(self, answer: dict[str, Any]) -> np.ndarray:
        """The model's own scores of an answer's items."""
        version = self.follower.current.champion  # type: ignore[union-attr]
        context = parse_context(version.engine.spec, {"hour": 9})
        return version.engine.score(version.catalogue.rows(list(answer["items"])), context)

    def live(self, numbers: range, first: float, last: float, seed: int = 0) -> None:
        """Requests over some days, and outcomes two hours later from a world that differs by SHIFT."""
        draw, outcomes = np.random.default_rng(seed), []
        for number, day in zip(numbers, np.linspace(first, last, len(numbers)), strict=True):
            answer = self.rank(number, day)
            came = draw.random(8) < probability(log_odds(self.raw(answer)) + SHIFT)
            known = BEGIN + float(day) * DAY + 7200.0
            for item, one in zip(answer["items"], came.tolist(), strict=True):
                name = answer["request_id"]
                outcomes.append(
                    Outcome(request_id=name, item=item, value=float(one), time=known, received=known)
                )
        writer = SegmentWriter(self.home.log / "outcomes", "w0")
        writer.append(encode_outcomes(outcomes))
        writer.close()

    def refit(self) -> str | None:
        """One look of the Steward's, at the log's own time."""
        now = latest(self.home, time.time())
        assert now is not None
        return self.corrector.refit("small", "1", now)

    def publish(self) -> State:
        """What the Steward's loop makes of it: the next state, loaded by the worker."""
        state = read_state(self.home.state)
        assert state is not None
        wanted = self.corrector.wanted()
        wish = next_state.Wish("small", {"champion": "1"}, (), state.experiments, state.snapshot, wanted)
        after = next_state.advance(state, wish, next_state.Settled({CHAMPION: "1"}), time.time())
        assert after is not None
        assert after.epoch == state.epoch + 1
        write_state(self.home.state, after)
        self.follower.look()
        return after

    def rows(self, since: float = 0.0, until: float = 1e12) -> Any:
        """Decisions of the log."""
        with window(self.home.log, since, until) as log:
            return log.sql("SELECT * FROM decisions ORDER BY time")


def declare_corrected(folder: Path) -> Path:
    """A two-class version of the small ranker below `folder`, declared to be corrected; returns `folder`."""
    frame = small.table()
    small.declare(folder, frame=frame.assign(label=(frame["label"] > 1).astype(int)))
    text = (folder / "ranker.toml").read_text().replace("QueryRMSE", "Logloss")
    section = '\n[correction]\nkind = "additive"\nmatured = "6h"\nwindow = "30d"\nleast = 300\n'
    (folder / "ranker.toml").write_text(text + section)
    result = train(read(folder / "ranker.toml"), folder)
    (folder / "package").symlink_to(result.package)
    return folder
