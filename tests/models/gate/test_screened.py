"""A copy of the outcome is told from a cause, however weak it is, and from a table of two groups."""

from __future__ import annotations

import numpy as np
import pytest

from models.gate.fits import Design, agreement
from models.gate.labelled import LabelledRows
from models.gate.screened import made_of_outcome
from tests.models.gate.rows import changed, drawn


def copy(rows: LabelledRows, noise: float, seed: int = 9) -> np.ndarray:
    """The label, with so many of its standard deviations of noise."""
    draw = np.random.default_rng(seed)
    return (rows.label + draw.normal(0, noise * rows.label.std(), len(rows.label))).astype(np.float32)


@pytest.mark.parametrize("size", [1, 10])
@pytest.mark.parametrize("noise", [0.5, 1.2, 2.0])
def test_a_copy_is_named_also_where_it_tells_less_than_the_others(noise: float, size: int) -> None:
    """Weak or strong, in single rows and in requests."""
    rows = drawn(size=size, count=2000)
    assert made_of_outcome(Design.of(changed(rows, x3=copy(rows, noise)))) == ("x3",)


def test_it_is_told_by_what_is_missing_and_by_words_too() -> None:
    """A column that is filled once the outcome is there; a word for it that is mostly right."""
    rows = drawn(count=2000)
    draw = np.random.default_rng(1)
    known = draw.random(2000) < np.where(rows.label > 0, 0.8, 0.2)
    filled = np.where(known, draw.normal(size=2000), np.nan).astype(np.float32)
    assert made_of_outcome(Design.of(changed(rows, x3=filled))) == ("x3",)
    assert made_of_outcome(Design.of(changed(rows, colour=np.where(known, "paid", "").astype(object)))) == (
        "colour",
    )


def test_several_copies_are_all_named() -> None:
    """The strongest first; the causes beside them are none."""
    rows = drawn(count=2000)
    both = changed(rows, x3=copy(rows, 1.0), x4=copy(rows, 0.5, seed=3))
    assert made_of_outcome(Design.of(both)) == ("x4", "x3")


def test_causes_are_none() -> None:
    """Independent ones and such as go together, weak and strong: of 40 tables at most one."""
    held = 0
    for seed in range(20):
        rows = drawn(seed)
        held += bool(made_of_outcome(Design.of(rows)))
        draw = np.random.default_rng(seed)
        x = np.column_stack([rows.features[f"x{place}"] for place in range(4)])
        x = x @ draw.normal(size=(4, 4))
        worth = x[:, 0] * 1.5 + x[:, 1] * draw.normal() + x.std() * draw.logistic(size=1000)
        tied = {f"x{place}": x[:, place].astype(np.float32) for place in range(4)}
        label = (worth > np.quantile(worth, 0.7)).astype(np.float64)
        held += bool(made_of_outcome(Design.of(changed(rows, label=label, **tied))))
    assert held <= 1


def test_two_groups_that_differ_in_each_column_say_nothing() -> None:
    """There every column goes with the others as far as the outcome does."""
    draw = np.random.default_rng(5)
    rows = drawn(count=2000)
    apart = {
        f"x{place}": (rows.label * 1.0 + draw.normal(size=2000)).astype(np.float32) for place in range(4)
    }
    groups = Design.of(changed(rows, **apart))
    assert agreement(groups.rows, groups.prediction).mean() > 0.5
    assert made_of_outcome(groups) == ()


def test_one_column_has_nothing_to_go_with() -> None:
    rows = drawn()
    single = LabelledRows({"x0": rows.features["x0"]}, rows.label, rows.starts, rows.names, True)
    assert made_of_outcome(Design.of(single)) == ()


def recurring(seed: int) -> LabelledRows:
    """3,000 rows of 100 items, each with four independent numbers that stay as they are."""
    draw = np.random.default_rng(seed)
    item = draw.integers(0, 100, 3000)
    x = draw.normal(size=(100, 4))[item]
    worth = x @ np.array([1.0, -0.8, 0.6, 0.5]) + draw.logistic(size=3000)
    columns = {f"x{place}": x[:, place].astype(np.float32) for place in range(4)}
    label = (worth > 0.5).astype(np.float64)
    return changed(drawn(seed, count=3000), label=label, items=item.astype(str), **columns)


def test_what_stays_as_it_is_on_the_rows_of_an_item_is_no_copy() -> None:
    """What 100 items have in common by chance, 3,000 rows have too: without their ids, some would be held."""
    tables = [recurring(seed) for seed in range(20)]
    held = [sum(bool(made_of_outcome(Design.of(rows))) for rows in tables)]
    held.append(sum(bool(made_of_outcome(Design.of(changed(rows, items=None)))) for rows in tables))
    print(f"held of 20: {held[0]} with items, {held[1]} without")
    assert held[0] == 0
    assert held[1] > 0


def test_a_copy_is_named_where_items_recur() -> None:
    """It changes with the outcome, from row to row of an item."""
    found = [
        made_of_outcome(Design.of(changed(rows, x4=copy(rows, 1.0)))) for rows in map(recurring, range(4))
    ]
    assert found.count(("x4",)) >= 3
