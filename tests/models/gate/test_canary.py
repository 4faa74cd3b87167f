"""The last decisions, answered again."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from models.gate import canary
from models.gate.judge import judge
from models.gate.verdict import Result
from tests.faults.shop import Recipe, Shop
from tests.models.gate.subjects import copied, logged, named, subject, with_evidence, with_expect


def test_recent_decisions_are_replayed(shop: Shop, version: Path, tmp_path: Path) -> None:
    """The log's last decisions with their outcomes are a window like the others, a torn line left out."""
    log = logged(tmp_path / "log", shop, version)
    judged = subject(shop, version, log=log)
    assert judged.recent is not None
    assert judged.recent.requests == 60
    assert np.isfinite(judged.recent.labels).all()
    verdict = judge(judged)
    assert verdict.result is Result.PASS, verdict.reasons
    names = {check.name for check in verdict.checks}
    assert {"canary coverage", "canary moves", "latency", "sign on recent decisions"} <= names
    assert list(canary.replay(subject(shop, version, log=tmp_path / "none"))) == []


def test_items_that_its_catalogue_lacks_hold(shop: Shop, version: Path, tmp_path: Path) -> None:
    """More than half of what was asked for is gone; below 30 decisions there is nothing to replay."""
    log = logged(tmp_path / "log", shop, version)
    judged = subject(shop, version, log=log)
    assert judged.recent is not None
    ids = [item if place % 8 < 3 else "gone" for place, item in enumerate(judged.recent.ids)]
    with_evidence(judged, recent=dataclasses.replace(judged.recent, ids=ids))
    found = named(list(canary.replay(judged)), "canary coverage")
    assert (found.result, found.figure) == (Result.HOLD, 0.375)
    assert found.sentence == "its catalogue knows 38% of the candidates of recent decisions"
    few = judged.recent.only(judged.recent.request_of_row < 29)
    (found,) = canary.replay(with_evidence(judged, recent=few))
    assert (found.result, found.figure, found.limit) == (Result.PASS, 29, 30)


def test_an_order_turned_round_rejects(shop: Shop, tmp_path: Path) -> None:
    """The champion's model upside down: every decision would have another item first."""

    def turned(_: Shop, model: Any) -> Any:
        model.set_scale_and_bias(-1.0, 0.0)
        return model

    wrong = shop.version(Recipe(model=turned))
    log = logged(tmp_path / "log", shop, shop.champion)
    found = named(list(canary.replay(subject(shop, wrong, log=log))), "canary moves")
    assert found.result is Result.REJECT
    assert (found.figure or 0) > 0.95
    assert "of 60 recent decisions would have another item first" in found.sentence


BUDGET = """
size = "20kB"
latency = "5000ms"
"""


def test_speed_and_size_are_held_to_a_declared_budget(shop: Shop, version: Path, tmp_path: Path) -> None:
    """A file above it holds, in its unit; without one the figures are told, however small the champion is."""
    judged = subject(shop, version, package=copied(version, tmp_path))
    assert judged.engine.kind == "kernel"  # loaded before its file grows
    with (judged.package / "model.cb").open("ab") as file:
        file.write(bytes(100 * (shop.champion / "model.cb").stat().st_size))
    told = list(canary.speed(judged))
    assert [(check.name, check.result, check.limit) for check in told] == [
        ("latency", Result.PASS, None),
        ("size", Result.PASS, None),
    ]
    assert "declares no budget" in told[1].sentence
    held = subject(shop, version, package=judged.package, declaration=with_expect(shop, tmp_path, BUDGET))
    with_evidence(held, engine=judged.engine)
    fast, large = canary.speed(held)
    assert (fast.result, fast.limit, fast.unit) == (Result.PASS, 5000, "ms")
    assert (large.result, large.limit, large.unit) == (Result.HOLD, 0.02, "MB")
    assert large.sentence.endswith("; above the budget of 0.02 MB")
    assert len(list(canary.speed(subject(shop, version, champion=None)))) == 2
