"""Months of flights as a server would have logged them, read by the guard look by look, healthy or broken."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from bentos.control.guard.watcher import Watcher
from bentos.control.loop import Control
from bentos.control.loop_parts import Charge
from bentos.decisions.parts import best_first
from bentos.home.rulings import Ruling, Rulings
from bentos.home.state import CHALLENGER, CHAMPION, Home, State, read_state, write_state
from bentos.home.stops import Stop, Stops
from experiments.config.live import Exploration
from experiments.slates.explore import explore
from models.catalogue.catalogue import Catalogue
from models.engine import load_engine
from models.features import parse_context
from models.gate.verdict import Check, Result, Verdict
from models.package import read_manifest
from models.table.requests import TableRequest
from monitoring.log.record import Decision, Outcome, encode, encode_outcomes
from monitoring.log.segments import SegmentWriter

Context = dict[str, Any]
Break = Callable[[Context], Context]


@dataclass
class Month:
    """What the guard made of a stretch of time: what is stopped, and how many answers were given by then."""

    answers: int = 0
    broken: int = 0  # answers since something was broken
    stops: list[Stop] = field(default_factory=list)
    tripped_after: int | None = None  # broken answers until the first stop
    until: float | None = None  # event time of it, seconds after the break


@dataclass
class Stage:
    """One version on disk under a guard, with a log that is written here instead of by workers."""

    home: Home
    control: Control
    watcher: Watcher
    now: float = 0.0

    def clock(self) -> float:
        return self.now

    @classmethod
    @contextmanager
    def of(
        cls,
        package: Path,
        catalogues: Path,
        declaration: Path,
        folder: Path,
        versions: Sequence[str] = ("1",),
    ) -> Iterator[Stage]:
        """The package as champion, and under a second number as challenger, of a ranker that serves."""
        manifest = read_manifest(package)
        name, snapshot = manifest.ranker, manifest.snapshot
        home = Home(folder / name, declaration)
        for version in versions:
            shutil.copytree(package, home.version(version))
            passed = Verdict(name, version, (Check("files", Result.PASS, "all there"),), 1.0, 0.1)
            Rulings.of(home).put(Ruling(1.0, passed))
        shutil.copytree(catalogues, home.catalogue)
        (home.catalogue / "current").write_text(snapshot)
        served = dict(zip((CHAMPION, CHALLENGER), versions, strict=False))
        write_state(home.state, State(1, name, snapshot, served))
        charge = Charge(name, home, declaration, folder / "live.yaml", "http://127.0.0.1:9")
        with ThreadPoolExecutor(1) as pool:
            made = cls.__new__(cls)
            control = Control(charge, pool, made.clock)
            made.__init__(home, control, control.watcher())  # type: ignore[misc]
            yield made

    def run(
        self,
        requests: Iterable[TableRequest],
        viewers: int,
        share: float,
        broken_from: float = np.inf,
        how: Break = dict,
        outcome: Callable[[float], float] = float,
    ) -> Month:
        """Answer every request for some viewers, tell outcomes when they are known, look every hour."""
        serve = _Server(self.home, viewers, share)
        month = Month()
        for hour, together in groupby(requests, key=lambda request: request.time):
            broken = hour >= broken_from
            ways = (how, outcome) if broken else (dict, float)
            count = sum(serve.answer(request, *ways) for request in together)
            serve.tell(hour)
            month.answers += count
            month.broken += count if broken else 0
            self.now += 1.0
            self.watcher.look()
            month.stops = [stop for stop in Stops.of(self.home).all() if stop.cleared is None]
            if month.stops and month.tripped_after is None:
                month.tripped_after = month.broken
                month.until = hour - broken_from
                if read_state(self.home.state).stopped:  # type: ignore[union-attr]
                    break
        return month


class _Server:
    """Writes the records that workers would."""

    def __init__(self, home: Home, viewers: int, share: float) -> None:
        state = read_state(home.state)
        assert state is not None
        self._catalogue = Catalogue.open(home.catalogue / state.snapshot)
        self._engine = load_engine(home.version("1"), self._catalogue, home.functions)
        self._viewers = viewers
        self._exploration = Exploration(share=share, policy="uniform", salt="months", per="request")
        self._decisions = SegmentWriter(home.log / "decisions", "ranker")
        self._outcomes = SegmentWriter(home.log / "outcomes", "ranker")
        self._due: list[tuple[float, Outcome]] = []
        self._snapshot = state.snapshot

    def answer(self, request: TableRequest, how: Break, outcome: Callable[[float], float]) -> int:
        """One decision per viewer; the outcomes of explored ones are told later, turned as `outcome` says."""
        context = how(dict(request.context))
        rows = self._catalogue.rows(request.items)
        scores = self._engine.score(rows, parse_context(self._engine.spec, context))
        order = best_first(scores)
        for viewer in range(self._viewers):
            name = f"{request.key}-{viewer}"
            slate = explore(self._exploration, name, name, order, scores[order])
            self._decisions.append(encode(_decision(request, name, context, slate, scores, self._snapshot)))
            if slate.explored:
                for item, value, known in zip(
                    request.items, request.labels, request.label_times, strict=True
                ):
                    at = float(known)
                    told = Outcome(request_id=name, item=item, value=outcome(value), time=at, received=at)
                    self._due.append((at, told))
        return self._viewers

    def tell(self, now: float) -> None:
        """Outcomes that are known by now."""
        known = [told for time, told in self._due if time <= now]
        self._due = [each for each in self._due if each[0] > now]
        if known:
            self._outcomes.append(encode_outcomes(known))


def _decision(
    request: TableRequest, name: str, context: Context, slate: Any, scores: Any, snapshot: str
) -> Decision:
    return Decision(
        request_id=name,
        time=request.time,
        received=request.time,
        unit=name,
        context=context,
        attributes={},
        arms=[],
        experiments="",
        epoch=1,
        model="flights/1",
        snapshot=snapshot,
        candidates=request.items,
        slate=slate.order,
        scores=scores[slate.order],
        propensities=slate.propensities,
        explored=slate.explored,
    )
