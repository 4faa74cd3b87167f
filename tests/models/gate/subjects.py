"""Versions before the gate: what the tests of its checks judge, and evidence put into their hands."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np

from models.gate.subject import Subject
from models.gate.verdict import Check
from models.gate.window import RequestWindow, jobs
from monitoring.log.record import Decision, Outcome, encode
from tests.faults.shop import Shop
from tests.models.small import DECLARATION


def subject(shop: Shop, version: Path, **changes: Any) -> Subject:
    parts: dict[str, Any] = {
        "ranker": "small",
        "version": version.name,
        "package": version,
        "catalogues": shop.home / "small" / "catalogue",
        "declaration": shop.origin,
        "champion": shop.champion,
        "now": time.time(),
    }
    return Subject(**(parts | changes))


def with_evidence(judged: Subject, **evidence: Any) -> Subject:
    """The subject with some of its evidence (its cached properties) as given, instead of read."""
    judged.__dict__.update(evidence)
    return judged


def requests(sizes: list[int], labels: np.ndarray, **changes: Any) -> RequestWindow:
    """A window of requests of so many rows each, whose items are numbered."""
    starts = np.cumsum([0, *sizes]).astype(np.int64)
    parts: dict[str, Any] = {"ids": [*range(len(labels))], "contexts": [{}] * len(sizes)}
    return RequestWindow(source="a test", starts=starts, labels=labels, **(parts | changes))


def drawn_requests(draw: np.random.Generator, count: int = 40) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels with ties, scores with ties, and where requests start."""
    sizes = draw.integers(2, 30, count)
    starts = np.concatenate(([0], np.cumsum(sizes)))
    labels = draw.integers(0, 5, starts[-1]).astype(float)
    return labels, np.round(labels * 0.3 + draw.normal(size=starts[-1]), 1), starts


def copied(version: Path, folder: Path) -> Path:
    """A copy of a version's package, to be damaged."""
    return Path(shutil.copytree(version, folder / "package"))


def with_expect(shop: Shop, folder: Path, text: str, **files: str) -> Path:
    """The served declaration with another [expect], and files beside it."""
    (folder / "table.csv").write_bytes((shop.origin.parent / "table.csv").read_bytes())
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content)
    path = folder / "ranker.toml"
    path.write_text(DECLARATION.format(name="small").partition("[expect]")[0] + "[expect]\n" + text)
    return path


def named(checks: list[Check], name: str) -> Check:
    return next(check for check in checks if check.name.startswith(name))


def logged(folder: Path, shop: Shop, version: Path, requests: int = 60, noise: float = 0.0) -> Path:
    """A decision log of real requests of the table, served by the version, with their outcomes."""
    seen = subject(shop, version)
    assert seen.table is not None
    window = seen.table.window
    for kind in ("decisions", "outcomes"):
        (folder / kind).mkdir(parents=True)
    lines, outcomes = [], []
    draw = np.random.default_rng(0)
    for place, job in enumerate(jobs(window, seen.engine, seen.catalogue)[:requests]):
        low, high = window.starts[place], window.starts[place + 1]
        ids, scores = list(window.ids[low:high]), seen.engine.score(job.rows, job.context)
        order = np.argsort(-scores, kind="stable")
        lines.append(
            encode(
                Decision(
                    request_id=f"q{place}",
                    time=float(place),
                    received=float(place),
                    unit="u",
                    context={name: v + noise for name, v in window.contexts[place].items()},
                    attributes={},
                    arms=[],
                    experiments="",
                    epoch=1,
                    model="small/1",
                    snapshot=seen.catalogue.snapshot,
                    candidates=ids,
                    slate=order.tolist(),
                    scores=scores[order].tolist(),
                    propensities=[1.0] * len(ids),
                    explored=bool(draw.random() < 0.01),
                )
            )
        )
        for item, value in zip(ids, window.labels[low:high].tolist(), strict=True):
            outcomes.append(
                encode(Outcome(request_id=f"q{place}", item=item, value=value, time=place + 1, received=0))
            )
    (folder / "decisions" / f"{time.time_ns()}-1.jsonl").write_bytes(b"".join(lines) + b'{"torn')
    (folder / "outcomes" / f"{time.time_ns()}-1.jsonl").write_bytes(b"".join(outcomes))
    return folder
