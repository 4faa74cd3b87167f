"""A real Decider in this process: two trained versions, embedded scoring, and its log to read."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import orjson
from prometheus_client import CollectorRegistry

from bentos.decisions.decider import Decider
from bentos.decisions.parts import Scoring
from bentos.decisions.scoring import Embedded
from bentos.home.state import Home, State
from bentos.worker.follower import Follower
from bentos.worker.serving import LoadedVersion, Serving, load
from experiments.config.check import parse
from models.training.train import train
from monitoring.log.record import Decision, decode
from monitoring.log.segments import SegmentWriter
from monitoring.metrics import Metrics
from tests.models.small import declare

HEAD = """\
version: 1
unit: viewer
metrics: {reward: {of: reward, at: 1}}
"""

EXPERIMENT = """\
layers:
  - name: ranking
    salt: layer-1
    experiments:
      - name: two
        unit: viewer
        hash: growthbook-v2
        salt: two-1
        primary: reward
"""
INTERLEAVED = (
    EXPERIMENT
    + """\
        mode: interleave
        variants: [{name: one, model: "@champion"}, {name: other, model: "@challenger"}]
"""
)
MARKED = (
    EXPERIMENT
    + """\
        exposure: differing
        variants:
          - {name: one, model: "@champion", weight: 0.5}
          - {name: other, model: "@challenger", weight: 0.5}
"""
)


def make_home(folder: Path) -> Home:
    """A home with two trained versions, of which the second is the worse one."""
    declared = declare(folder / "table")
    home = Home(folder / "small")
    for number, changes in (("1", {}), ("2", {"trees": 3, "seed": 5})):
        result = train(declared.with_ranker(**changes), folder)
        shutil.copytree(result.package, home.version(number))
        (folder / "snapshot").write_text(result.snapshot)
    return home


@dataclass
class Desk:
    """A Decider over one live.yaml; `scored` are the versions that scored, in turn."""

    decider: Decider
    serving: Serving
    log: SegmentWriter
    folder: Path
    scored: list[str]

    def rank(self, body: dict[str, Any]) -> dict[str, Any]:
        """One answer."""
        return self.rank_all([body])[0]

    def rank_all(self, bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Answers in turn."""

        async def run() -> list[bytes]:
            return [await self.decider.rank(orjson.dumps(body)) for body in bodies]

        return [orjson.loads(answer) for answer in asyncio.run(run())]

    def records(self) -> list[Decision]:
        """Everything on record so far."""
        lines = [line for file in self.folder.glob("*.jsonl") for line in file.read_bytes().splitlines()]
        return [decode(line) for line in lines]


def desk(
    home: Home,
    folder: Path,
    live: str,
    versions: dict[str, str] | None = None,
    scoring: Scoring | None = None,
    **broken: Any,
) -> Desk:
    """Serve `versions` (both, unless given) under a live.yaml; `broken` replaces fields of number 2."""
    config = parse(HEAD + live)
    home.experiments.mkdir(parents=True, exist_ok=True)
    home.compiled(config.digest).write_text(config.to_json())
    named = versions or {"@champion": "1", "@challenger": "2"}
    snapshot = (home.folder.parent / "snapshot").read_text()
    serving = load(home, State(1, "small", snapshot, named, config.digest), None)
    if broken:
        changed = {
            reference: replace(version, **broken) if version.number == "2" else version
            for reference, version in serving.versions.items()
        }
        serving = replace(serving, versions=changed)
    scored: list[str] = []
    inner = scoring or Embedded()

    class Counting:
        async def score(self, serving: Serving, version: LoadedVersion, request: Any) -> Any:
            scored.append(version.number)
            return await inner.score(serving, version, request)

    follower = cast("Follower", SimpleNamespace(current=serving, problem=None))
    log = SegmentWriter(folder, "w0")
    decider = Decider(follower, Counting(), log, Metrics(CollectorRegistry()))
    return Desk(decider, serving, log, folder, scored)
