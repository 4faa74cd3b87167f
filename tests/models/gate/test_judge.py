"""All checks together, on rankers of both kinds."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from models.declaration.declaration import read
from models.gate.judge import judge
from models.gate.subject import Subject
from models.gate.verdict import Check, Result
from models.package import read_manifest
from models.training.train import train
from tests.faults.shop import Recipe, Shop
from tests.models.gate.subjects import named, subject
from tests.models.small import declare


def test_a_healthy_version_passes_in_time(shop: Shop, version: Path) -> None:
    """Every check has a sentence and a name of its own; figures that are counted have a limit."""
    verdict = judge(subject(shop, version))
    assert verdict.result is Result.PASS, verdict.reasons
    names = [check.name for check in verdict.checks]
    assert len(set(names)) == len(names)
    assert all(check.sentence for check in verdict.checks)
    assert {"files", "certified features", "certified scores", "direction of rating"} <= set(names)
    assert verdict.champion == shop.champion.name


def test_a_check_that_fails_holds(shop: Shop, version: Path) -> None:
    """What could not be measured is no pass, and the other checks are made all the same."""

    def broken(_: Subject) -> Any:
        raise ZeroDivisionError("nothing to divide by")

    def sound(_: Subject) -> Any:
        yield Check("sound", Result.PASS, "fine", np.float64("nan"), np.float64(2))

    verdict = judge(subject(shop, version), stages=((broken, sound),))
    assert verdict.result is Result.HOLD
    assert "the check could not be made: ZeroDivisionError: nothing to divide by" in verdict.reasons
    assert (verdict.checks[1].figure, verdict.checks[1].limit) == (None, 2.0)


def test_a_right_classifier_passes(lending: Shop) -> None:
    """AUC, calibration, confidence and both declared directions, on its own window and the table's."""
    verdict = lending.judge(lending.version(Recipe()))
    assert verdict.result is Result.PASS, verdict.reasons
    checks = list(verdict.checks)
    assert "AUC" in named(checks, "quality on").sentence
    assert named(checks, "calibration on").limit == 0.05
    assert named(checks, "direction of debt").result is Result.PASS


def test_the_real_package_of_training_passes(tmp_path: Path) -> None:
    """What `ballast train` writes, untouched, as a first version."""
    declared = declare(tmp_path / "declared")
    result = train(read(declared.folder / "ranker.toml"), tmp_path / "home")
    assert dataclasses.is_dataclass(read_manifest(result.package))
    judged = Subject(
        "small",
        "1",
        result.package,
        tmp_path / "home" / "small" / "catalogue",
        declared.folder / "ranker.toml",
        now=1.0,
    )
    verdict = judge(judged)
    assert verdict.result is Result.PASS, verdict.reasons
