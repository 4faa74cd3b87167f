"""What is made of a running system's log: a value, an analysis, a training set, a preference."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.declaration.declaration import read as read_declaration
from models.table.dataset import read as read_table
from models.training.fitting import fit
from tests.serve.stack import Stack

pytestmark = pytest.mark.shares("serve")

DAYS = ("--from", "2013-05-01", "--until", "2013-05-03")
START, END = 1367366400, 1367539200
MARKED = ("        primary: ndcg_10\n", "        exposure: differing\n        primary: ndcg_10\n")
DECLARATION = """
[ranker]
name = "slice"
trees = 10
[data]
source = "slice.parquet"
item = "item"
group = "request_id"
time = "time"
label = "label"
weight = "weight"
[features]
numeric = ["minute", "carrier_history", "delay_1h"]
categorical = ["carrier"]
context = ["delay_1h"]
available_at = { "*" = "0h" }
"""


@contextmanager
def changed(stack: Stack, *changes: tuple[str, str]) -> Iterator[None]:
    """The stack under an edited live.yaml, and back."""
    before = text = stack.experiments.read_text()
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    try:
        _edited(stack, text)
        yield
    finally:
        _edited(stack, before)


def _edited(stack: Stack, text: str) -> None:
    epoch = stack.status()["state"]["epoch"]
    stack.experiments.write_text(text)
    stack.wait_for("the edit is served", lambda: _newer(stack, epoch), 20)


def _newer(stack: Stack, epoch: int) -> bool:
    found = stack.status()
    return bool(found["state"]["epoch"] > epoch and found["acknowledged"])


def asked(stack: Stack, *command: str) -> Any:
    """What a command says to a program."""
    done = stack.run(*command, "--json")
    fine = (0, 1) if "analyze" in command else (0,)  # 1: it can't say
    assert done.returncode in fine, (done.returncode, done.stderr[-2000:])
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def replayed(stack: Stack) -> dict[str, Any]:
    """Two days of flights, a third of the answers explored, slates marked; enough of them for any chance."""
    with changed(stack, ("share: 0.01", "share: 0.3"), MARKED):
        found = asked(stack, "replay", "--from", "2013-05-01", "--days", "2", "--viewers", "12")
    assert found["failures"] == {}
    return dict(found)


def test_a_version_is_valued_on_the_log(stack: Stack, replayed: dict[str, Any]) -> None:
    """Every decision is used, or counted as left out."""
    found = asked(stack, "evaluate", "models:/flights@champion", "--off-policy", *DAYS)
    assert found["refused"] == []
    assert found["used"] + sum(found["skipped"].values()) == replayed["decisions"]
    assert [each["method"] for each in found["estimates"]] == ["ips", "snips", "dr"]
    assert found["diagnostics"]["mean_weight"] == pytest.approx(1, abs=0.25)
    for each in found["estimates"]:
        low, high = each["normal"]
        assert low < each["value"] < high


def test_the_experiment_is_analysed_where_slates_differ(stack: Stack, replayed: dict[str, Any]) -> None:
    """Every answer is marked but the explored ones; the effect is that of what the replay itself saw."""
    records = [each for each in stack.decisions() if START <= each["time"] < END]
    assert len(records) == replayed["decisions"]
    assert {arm["same"] for r in records for arm in r["arms"] if not r["explored"]} == {True, False}
    assert {arm["same"] for r in records for arm in r["arms"] if r["explored"]} == {None}
    found = asked(stack, "experiment", "analyze", "challenger", *DAYS)
    differ = np.mean([not r["arms"][0]["same"] for r in records if not r["explored"]])
    assert found["share"] == pytest.approx(differ)
    assert {each["metric"] for each in found["overall"]} == {"ndcg_10", "reward"}
    whole = asked(stack, "experiment", "analyze", "challenger", *DAYS, "--all-slates")
    [reward] = [each for each in whole["effects"] if each["metric"] == "reward"]
    means = {row["arms"]: row["reward"][0] for row in replayed["rows"] if not row["explored"]}
    assert reward["control_value"] == pytest.approx(means["champion"])
    assert reward["value"] == pytest.approx(means["challenger"])


def test_the_slice_becomes_a_training_set(stack: Stack, replayed: dict[str, Any], tmp_path: Path) -> None:
    """All explored answers, features as served, and a ranker is fitted on them."""
    found = asked(stack, "export", "--slice", str(tmp_path / "slice.parquet"), *DAYS)
    explored = sum(row["decisions"] for row in replayed["rows"] if row["explored"])
    assert found["decisions"] == explored
    rows = pd.read_parquet(tmp_path / "slice.parquet")
    assert len(rows) == found["rows"] == found["matured"]
    assert (rows.weight == 1).all()
    assert rows.carrier_late.notna().any()  # a cross feature, as it was served
    (tmp_path / "ranker.toml").write_text(DECLARATION)
    table = read_table(read_declaration(tmp_path / "ranker.toml"))
    assert np.isfinite(fit(table).predict(table.features(np.flatnonzero(table.test)))).all()
