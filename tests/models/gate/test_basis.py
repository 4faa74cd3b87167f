"""What a pass rests on: sentences whose figures follow from the data."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from models.gate.basis import (
    HIDDEN,
    INVERTED,
    SWAPPED,
    apart,
    basis,
    enough,
    one_strong_column,
    rests_on,
    round_up,
    unseen,
    upright,
    whole,
)
from models.gate.compare import Comparison
from models.gate.fits import Design
from models.gate.labelled import LabelledRows
from models.gate.stats import GateEstimate
from models.gate.subject import Subject
from tests.faults.shop import Shop
from tests.models.gate.rows import changed, drawn, from_rows
from tests.models.gate.subjects import requests, subject, with_evidence, with_expect

DRAW = np.random.default_rng(5)


def rows(count: int, lift: float) -> Comparison:
    """Single rows of two classes, with scores that tell them apart by `lift` standard deviations."""
    positive = DRAW.random(count) < 0.3
    window = requests([1] * count, positive.astype(float), positive=positive)
    return Comparison(window, lift * positive + DRAW.normal(size=count), None, trusted=True)


def test_little_data_say_what_they_could_not_have_shown() -> None:
    """The lead, a weaker ranker that would have passed, and how many rows would tell."""
    said = rests_on(rows(300, 0.55), 0.0, 700)
    assert said.startswith("on 300 rows of a test it beats a random order by 0.")
    assert "(AUC 0.6" in said
    assert "as good would have passed" in said
    assert "rows to judge by would tell, which is a table of " in said


def test_much_data_tell_a_half_from_the_whole() -> None:
    """A ranker half as good would have passed all the same: [expect] least is for that."""
    said = rests_on(rows(20_000, 1.0), 0.0, 0)
    assert "a ranker half as good would have passed ([expect] least = 0.1" in said
    assert "would tell" not in said


def test_so_many_rows_keep_two_intervals_apart() -> None:
    """A lead of .14, from .08 to .20, and one of half of it."""
    gain = GateEstimate(0.14, 0.08, 0.20, 300)
    assert apart(gain, 0.5) == 882  # 300 (4 × .06 / .14)²
    half = 0.06 * np.sqrt(300 / 882)
    assert 0.14 - half == pytest.approx(0.07 + half, abs=1e-3)


def test_enough_shows_the_lead_nine_times_of_ten() -> None:
    """Simulated: samples of that size clear 0 with their whole interval."""
    draw = np.random.default_rng(1)
    sample = draw.normal(0.1, 1, 200)
    half = 2.576 * sample.std() / np.sqrt(200)
    needed = enough(GateEstimate(0.1, 0.1 - half, 0.1 + half, 200))
    assert needed is not None
    means = draw.normal(0.1, sample.std() / np.sqrt(needed), 2000)
    clear = float(np.mean(means > 2.576 * sample.std() / np.sqrt(needed)))
    print(f"{needed} rows: {clear:.3f} of 2,000 samples clear")
    assert abs(clear - 0.9) < 4 * np.sqrt(0.09 / 2000) + 0.005
    assert enough(GateEstimate(-0.1, -0.2, 0.0, 50)) is not None
    assert enough(GateEstimate(np.nan, np.nan, np.nan, 0)) is None


def test_counts_are_rounded_up_to_two_figures() -> None:
    """Nobody needs 5,917 rows."""
    assert [round_up(count) for count in (7, 99, 101, 5917)] == ["7", "99", "110", "6,000"]
    assert whole(600, 300, 700, "rows") == ", which is a table of 2,000 rows"
    assert whole(600, 300, 0, "rows") == ""


def test_a_first_version_without_a_persons_word_says_so(shop: Shop, version: Path, tmp_path: Path) -> None:
    """A declared sign, golden pairs or a champion would show a table that is turned round."""
    bare = with_expect(shop, tmp_path, "")
    first = subject(shop, version, champion=None, declaration=bare)
    assert not upright(first)
    assert basis(first).startswith(f"{INVERTED}; {HIDDEN} {SWAPPED} or a column made of the outcome ")
    assert upright(subject(shop, version, declaration=bare))
    signed = subject(shop, version, champion=None)
    assert signed.served.expect.sign
    assert upright(signed)
    assert basis(signed).startswith(
        f"{HIDDEN} {SWAPPED} or a column made of the outcome with a correlation below 0."
    )
    assert "; on " in basis(signed)
    assert basis(subject(shop, version, declaration=bare)).startswith("on ")
    assert basis(with_evidence(signed, comparisons=[])) == ""


def first_of(rows: LabelledRows) -> Subject:
    """A first version of which nothing but the table's rows is known."""
    return cast("Subject", SimpleNamespace(rows=Design.of(rows), champion=None))


def test_what_rows_cannot_show_of_themselves_depends_on_the_rows() -> None:
    """More of them show a weaker copy; where items recur, features of others are seen at all."""
    (few,), (many,) = (unseen(first_of(drawn(count=count))) for count in (300, 3000))
    figures = [float(said.split("below ")[1]) for said in (few, many)]
    assert figures[0] > 1.5 * figures[1]
    assert few.startswith(f"{HIDDEN} {SWAPPED}")
    item = np.random.default_rng(0).integers(0, 50, 1000)
    recurs = changed(from_rows(drawn(), item), items=item.astype(str))
    (said,) = unseen(first_of(recurs))
    assert said.startswith(f"{HIDDEN} a column made of the outcome")
    chance = changed(drawn(), label=np.random.default_rng(0).permutation(drawn().label))
    assert [*unseen(first_of(chance))] == [f"{HIDDEN} {SWAPPED} or a column made of the outcome"]


def test_the_column_on_which_most_rests_is_named() -> None:
    """For a person to look at: it may be that strong."""
    rows = drawn()
    worth = 1.6 * rows.features["x0"] + 0.5 * rows.features["x1"]
    worth = worth + np.random.default_rng(0).logistic(size=1000)
    (said,) = one_strong_column(first_of(changed(rows, label=(worth > 0.8).astype(float))))
    assert said.startswith("most of it rests on x0 (9")
    assert [*one_strong_column(first_of(drawn(noise=0.5)))] == []
