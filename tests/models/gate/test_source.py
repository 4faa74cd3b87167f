"""Reference rows and training part against the declared table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models.gate import source
from models.gate.judge import judge
from models.gate.verdict import Result
from tests.faults.shop import Shop
from tests.models.gate.subjects import named, subject, with_evidence
from tests.models.small import declare, table


def test_another_tables_version_is_not_held_to_this_one(shop: Shop, version: Path, tmp_path: Path) -> None:
    """A version of a table that has changed since is held, not rejected, where rows differ."""
    frame = table()
    frame["label"] = 3 - frame["label"]
    declare(tmp_path, frame=frame)
    verdict = judge(subject(shop, version, declaration=tmp_path / "ranker.toml", champion=None))
    assert named(list(verdict.checks), "training data against the table").result is Result.HOLD


def test_rows_are_the_tables_own(shop: Shop, version: Path) -> None:
    """Every reference row; where the table is not at hand nothing is said."""
    judged = subject(shop, version)
    (found,) = source.table(judged)
    assert found.result is Result.PASS
    assert found.sentence == (
        f"{len(judged.frame):,} reference rows are the declared table's, in every feature and label"
    )
    assert list(source.table(subject(shop, version, declaration=None))) == []


def test_a_column_that_training_saw_otherwise_rejects(shop: Shop, version: Path) -> None:
    """Of the very table that it was trained on: feature, both values, and how many rows."""
    judged = subject(shop, version)
    with_evidence(judged, columns={**judged.columns, "price": judged.columns["price"] + 1})
    (found,) = source.table(judged)
    assert found.result is Result.REJECT
    assert "training saw 1 of the columns otherwise than the declared table has it: price: " in found.sentence
    assert found.sentence.endswith("100% of rows")
    turned = subject(shop, version)
    with_evidence(turned, frame=turned.frame.assign(label=3 - turned.frame["label"]))
    (labels,) = source.table(turned)
    assert labels.sentence.endswith("label: 100% of the labels are others")


def test_rows_of_another_table_are_not_compared(shop: Shop, version: Path) -> None:
    """Fewer than 50 shared rows are a coincidence."""
    judged = subject(shop, version)
    with_evidence(judged, frame=judged.frame.assign(request="another"))
    assert list(source.table(judged)) == []


def test_training_into_its_own_evaluation_rejects(shop: Shop, version: Path) -> None:
    """By days; what has no time is not asked."""
    judged = subject(shop, version)
    (sound,) = source.window(judged)
    assert sound.result is Result.PASS
    first = float(judged.frame["time"].min())
    (found,) = source.window(with_evidence(judged, training={"to": first + 3 * 86400}))
    assert found.result is Result.REJECT
    assert found.sentence == "was trained on 3.0 days of the window that it was evaluated on"
    (rounding,) = source.window(with_evidence(judged, training={"to": first + 0.5}))
    assert rounding.result is Result.PASS
    assert list(source.window(with_evidence(judged, training={"to": None}))) == []
    assert list(source.window(with_evidence(judged, training=None))) == []


def test_another_training_part_rejects(shop: Shop, version: Path) -> None:
    """Rows, labels and slices of the declared table's training part, and no others."""
    judged = subject(shop, version)
    own: Any = judged.training
    (sound,) = source.part(judged)
    assert sound.sentence == (
        f"has the {own['rows']:,} rows of the table's training part, their labels and weights"
    )
    (found,) = source.part(with_evidence(judged, training={**own, "rows": own["rows"] - 8}))
    assert found.result is Result.REJECT
    assert f"rows {own['rows'] - 8:,}, there {own['rows']:,}" in found.sentence
    shops = {name: {**figures, "label_mean": 1.0} for name, figures in own["slices"]["shop"].items()}
    (sliced,) = source.part(with_evidence(judged, training={**own, "slices": {"shop": shops}}))
    assert "slices shop north label mean 1, there " in sliced.sentence
    other = judged.declared.with_data(test_share=0.4)
    assert list(source.part(with_evidence(judged, declared=other))) == []
