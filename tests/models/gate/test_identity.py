"""Rows that have another item's features are told from items that change."""

from __future__ import annotations

import numpy as np

from models.gate.identity import foreign, other_items
from models.gate.labelled import LabelledRows
from models.gate.verdict import Result
from tests.models.gate.rows import changed, drawn, from_rows, subject_of

ITEMS = 100


def shop(seed: int = 0) -> LabelledRows:
    """1,000 rows of 100 items, each with four numbers and a word that stay as they are."""
    rows = drawn(seed)
    item = np.random.default_rng(seed).integers(0, ITEMS, len(rows.label))
    found = from_rows(rows, item)
    return changed(found, items=item.astype(str), names=item.astype(str))


def mixed(rows: LabelledRows, share: float) -> LabelledRows:
    """A share of the rows with each other's features."""
    draw = np.random.default_rng(1)
    chosen = np.flatnonzero(draw.random(len(rows.label)) < share)
    source = np.arange(len(rows.label))
    source[chosen] = draw.permutation(chosen)
    return from_rows(rows, source)


def test_half_of_the_rows_with_features_of_others_are_counted_and_named() -> None:
    """Of the rows that were mixed nearly all; an example says whose features a row has."""
    rows = mixed(shop(), 0.5)
    (found,) = other_items(subject_of(rows))
    assert found.result is Result.HOLD
    assert found.figure is not None
    assert 0.42 < found.figure < 0.55
    assert found.sentence.endswith("were they swapped?")
    told = foreign(rows)
    assert told is not None
    first, owner = told[0][0], told[1][0]
    assert f"{rows.names[first]} has those of {owner}" in found.sentence
    own = shop()
    assert rows.features["x0"][first] == own.features["x0"][own.items == owner][0]  # type: ignore[index]


def test_a_few_rows_are_enough() -> None:
    (found,) = other_items(subject_of(mixed(shop(), 0.03)))
    assert found.result is Result.HOLD


def test_items_that_change_pass() -> None:
    """A price that is another one every third time, and a word that may be any: no other item's."""
    rows = shop()
    draw = np.random.default_rng(2)
    price = np.where(draw.random(1000) < 0.3, draw.normal(size=1000), rows.features["x0"]).astype(np.float32)
    word = np.where(
        draw.random(1000) < 0.3, draw.permutation(rows.features["colour"]), rows.features["colour"]
    )
    (found,) = other_items(subject_of(changed(rows, x0=price, colour=word)))
    assert found.result is Result.PASS


def test_items_that_are_like_others_say_nothing() -> None:
    """Where items have one of six descriptions, a change hits another item's."""
    rows = shop()
    coarse = {name: np.zeros(1000, np.float32) for name in ("x1", "x2", "x3")}
    stars = np.random.default_rng(3).integers(0, 3, 1000).astype(np.float32)
    few = changed(rows, x0=np.round(rows.features["x0"].clip(-1, 1)), **coarse)
    draw = np.random.default_rng(4)
    moved = np.where(draw.random(1000) < 0.3, stars, few.features["x0"]).astype(np.float32)
    (found,) = other_items(subject_of(changed(few, x0=moved)))
    assert found.result is Result.PASS


def test_items_that_stand_once_are_not_asked() -> None:
    assert [*other_items(subject_of(drawn()))] == []
    assert [*other_items(subject_of(None))] == []
    pairs = changed(drawn(), items=(np.arange(1000) // 2).astype(str))
    assert [*other_items(subject_of(pairs))] == []
