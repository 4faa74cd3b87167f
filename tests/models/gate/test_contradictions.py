"""Rows that are alike, and contradict each other."""

from __future__ import annotations

import numpy as np

from models.gate.contradictions import alike, alike_share, contradictions, likeness
from models.gate.labelled import LabelledRows
from models.gate.verdict import Result
from tests.models.gate.rows import changed, drawn, subject_of


def doubled(rows: LabelledRows, share: float, turned: bool = True) -> LabelledRows:
    """Some rows a second time, with the other outcome."""
    again = np.flatnonzero(np.random.default_rng(1).random(len(rows.label)) < share)
    order = np.argsort(np.concatenate((np.arange(len(rows.label)), again)), kind="stable")
    label = np.concatenate((rows.label, 1 - rows.label[again] if turned else rows.label[again]))[order]
    features = {name: np.concatenate((each, each[again]))[order] for name, each in rows.features.items()}
    names = np.concatenate((rows.names, [f"{name}b" for name in rows.names[again]]))[order]
    return LabelledRows(features, label, np.arange(len(label) + 1), names, True)


def test_contradicting_rows_are_counted_and_shown() -> None:
    """However few of the rows they are."""
    for share in (0.5, 0.05):
        rows = doubled(drawn(), share)
        (found,) = contradictions(subject_of(rows))
        assert found.result is Result.HOLD
        assert found.sentence.startswith(
            f"{2 * (len(rows.label) - 1000):,} rows contradict each other, such as i"
        )
        assert found.figure is not None
        assert found.figure < -0.5


def test_rows_that_stand_twice_alike_don_t_contradict() -> None:
    """Nor do rows of which none are alike."""
    (twice,) = contradictions(subject_of(doubled(drawn(), 0.3, turned=False)))
    assert twice.result is Result.PASS
    (none,) = contradictions(subject_of(drawn()))
    assert none.sentence == "no two rows are alike in every feature"
    assert list(contradictions(subject_of(None))) == []


def test_coarse_columns_pass() -> None:
    """Many rows are alike, and their outcomes differ by chance: 40 tables, none held."""
    for seed in range(40):
        rows = drawn(seed)
        few = {f"x{place}": np.round(rows.features[f"x{place}"]) for place in range(4)}
        (found,) = contradictions(subject_of(changed(rows, **few)))
        assert found.result is Result.PASS, found
        assert alike_share(changed(rows, **few)) > 0.5


def test_two_equal_candidates_of_one_click_are_no_contradiction() -> None:
    """Where one of two candidates is clicked, two that are alike always differ."""
    draw = np.random.default_rng(0)
    rows = drawn(size=2)
    label = np.zeros(1000)
    label[2 * np.arange(500) + draw.integers(0, 2, 500)] = 1
    same = changed(
        rows, label=label, **{name: np.repeat(each[::2], 2) for name, each in rows.features.items()}
    )
    assert len(alike(same)) == 500
    value, error = likeness(same, alike(same))
    assert abs(value) < 4 * error
    (found,) = contradictions(subject_of(same))
    assert found.result is Result.PASS


def test_missing_is_like_missing() -> None:
    """NaN is a value here."""
    rows = drawn(count=4)
    same = changed(
        rows,
        **{f"x{place}": np.full(4, np.nan, np.float32) for place in range(4)},
        colour=np.array(["a"] * 4, dtype=object),
    )
    (found,) = alike(same)
    assert found.tolist() == [0, 1, 2, 3]
