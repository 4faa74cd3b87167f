"""A champion that is upside down, let in by a person: it is stopped, and the healthy challenger is not."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import catboost
import numpy as np
import pandas as pd
import pytest

from bentos.home.state import Home
from models.gate.reading import pool_ready, reference_frame
from models.package import read_declaration
from models.registry import Registry
from tests.serve.stack import Stack

pytestmark = [pytest.mark.shares("serve"), pytest.mark.slow]

SOON = 120.0  # seconds until it must be stopped; a replay sends some hundred requests a second


def mirrored(model: catboost.CatBoost, _: Any, __: pd.DataFrame) -> catboost.CatBoost:
    """Each score times minus one."""
    model.set_scale_and_bias(-1.0, 0.0)
    return model


def with_negated_leaves(model: catboost.CatBoost, _: Any, __: pd.DataFrame) -> catboost.CatBoost:
    """Each leaf times minus one: scale and bias say nothing of it."""
    model.set_leaf_values(-model.get_leaf_values())
    return model


def summed_to_its_opposite(model: catboost.CatBoost, _: Any, __: pd.DataFrame) -> catboost.CatBoost:
    """x − 2x, as a sum of models."""
    return catboost.sum_models([model, model], weights=[1.0, -2.0])


def fitted(data: pd.DataFrame, target: Any, frame: pd.DataFrame, declared: Any) -> catboost.CatBoost:
    words = [*declared.categorical]
    pool = catboost.Pool(data, target, cat_features=words, group_id=pd.factorize(frame["request"])[0])
    params = {"loss_function": "QueryRMSE", "iterations": 60, "depth": 6, "verbose": 0, "random_seed": 1}
    return catboost.CatBoost({**params, "allow_writing_files": False}).fit(pool)


def of_negated_labels(_: Any, declared: Any, frame: pd.DataFrame) -> catboost.CatBoost:
    """Trained on how early each flight was."""
    return fitted(pool_ready(frame, declared), -frame["label"], frame, declared)


def reversed_monotonely(model: Any, declared: Any, frame: pd.DataFrame) -> catboost.CatBoost:
    """Another model's scores, through a falling curve that is no straight line."""
    data = pool_ready(frame, declared)
    return fitted(data, np.exp(-2 * model.predict(data)), frame, declared)


@pytest.mark.parametrize(
    "make", [mirrored, with_negated_leaves, summed_to_its_opposite, of_negated_labels, reversed_monotonely]
)
def test_the_inverted_champion_is_stopped(
    stack: Stack, tmp_path: Path, make: Callable[..., catboost.CatBoost]
) -> None:
    """Whoever's answers show it; the one before takes over, and the challenger serves on."""
    home, registry = Home(stack.home / "flights"), Registry(f"http://127.0.0.1:{stack.mlflow_port}")
    package = home.version("1")
    declared = read_declaration(package)
    model = catboost.CatBoost().load_model(str(package / "model.cb"))
    make(model, declared, reference_frame(package, declared)).save_model(str(tmp_path / "theirs.cbm"))
    made = stack.run("train", "--model", str(tmp_path / "theirs.cbm"), "--json", timeout=300)
    assert made.returncode == 0, made.stderr
    version = str(json.loads(made.stdout)["version"])
    assert stack.run("gate", version).returncode == 2
    assert stack.run("override", version, "--reason", "a person is wrong", timeout=120).returncode == 0
    assert stack.run("promote", version).returncode == 0
    replay = subprocess.Popen(
        [sys.executable, "-m", "bentos", "replay", "--from", "2013-07-01", "--viewers", "2"],
        env=stack.env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        before = len(stack.lines("decisions"))
        took = stack.wait_for("it is stopped", lambda: version in stopped(stack), SOON)
        answers = len(stack.lines("decisions")) - before
        stop = stopped(stack)[version]
        stack.wait_for("the one before serves", lambda: served(stack) == {"1", "2"}, 20)
        print(f"\n{make.__name__}: stopped after {took:.0f} s and {answers} answers: {stop['why']}")
        stack.wait_for("2,000 more", lambda: len(stack.lines("decisions")) > before + answers + 2000, 60)
        assert stopped(stack).keys() == {version}
        assert stack.status()["state"]["versions"] == {"@champion": "1", "@challenger": "2"}
    finally:
        replay.send_signal(signal.SIGINT)
        replay.wait(20)
        registry.set_alias("flights", "champion", "1")
        stack.run("guard", "clear", version, "--by", "ann", "--reason", "planted by a test")
        stack.wait_for("all is as before", lambda: served(stack) == {"1", "2"} and not stopped(stack), 60)


def stopped(stack: Stack) -> dict[str, Any]:
    return dict(stack.status()["steward"]["guard"])


def served(stack: Stack) -> set[str]:
    found = stack.status()
    return set(found["state"]["versions"].values()) if found["acknowledged"] else set()
