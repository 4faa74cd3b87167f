"""Explored decisions as rows of a training set: what was known of each shown item, and how likely it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from bentos.home.state import Home
from bentos.offline.referenced import Referenced
from bentos.offline.slice_rows import frame_of
from experiments.config.check import parse


@pytest.fixture
def rows(explored: list[Any]) -> list[Any]:
    """Three decisions of version 1 on one snapshot."""
    return [row for row in explored if row.model == "small/1"][:3]


def explore(home: Home, policy: str) -> str:
    """The digest of a live.yaml of such an exploration slice, which is kept in the home."""
    head = 'version: 1\nunit: viewer\ndefault: "@champion"\n'
    live = parse(f"{head}exploration: {{share: 0.1, salt: e-2, {policy}}}\n")
    home.compiled(live.digest).write_text(live.to_json())
    return live.digest


def test_a_row_for_each_item_shown(copied: Home, rows: list[Any]) -> None:
    """In the order shown, with features as served and times in UTC."""
    found = frame_of(Referenced(copied), rows)
    assert found.request_id.tolist() == [row.request_id for row in rows for _ in range(8)]
    assert found.item.tolist() == [row.candidates[place] for row in rows for place in row.slate]
    assert found.position.tolist() == [*range(8)] * 3
    assert (found.hour == 20).all()
    assert {"price", "rating", "age", "shop", "colour"} <= set(found.columns)
    assert found.time.iloc[0] == pd.Timestamp(rows[0].time, unit="s", tz="UTC")
    assert ((found.outcome_time - found.time).dt.total_seconds() - 60 < 1e-3).all()
    assert found.propensity.tolist() == [each for row in rows for each in row.propensities]
    assert (found.weight == 1).all()


def test_an_item_without_an_outcome_has_label_0(copied: Home, rows: list[Any]) -> None:
    """Its outcome is missing, as is when it came."""
    (row,) = rows[:1]
    few = row._replace(known_items=row.known_items[:2], worth=[3.0, 0.0], known_at=row.known_at[:2])
    found = frame_of(Referenced(copied), [few]).set_index("item")
    told = list(few.known_items)
    assert found.outcome[told].tolist() == [3.0, 0.0]
    assert found.label.sum() == 3.0
    assert found.outcome.isna().sum() == found.outcome_time.isna().sum() == 6


def test_an_unknown_item_has_no_row(copied: Home, rows: list[Any]) -> None:
    """Neither one without a score nor one that the catalogue lacks; the others stay at their positions."""
    (row,) = rows[:1]
    scores = np.array(row.scores)
    scores[-1] = np.nan
    names = list(row.candidates)
    names[row.slate[2]] = "nowhere"
    found = frame_of(Referenced(copied), [row._replace(scores=scores, candidates=names)])
    assert found.position.tolist() == [0, 1, 3, 4, 5, 6]
    assert "nowhere" not in set(found.item)


@pytest.mark.parametrize(
    ("policy", "correction", "weights"),
    [
        ("policy: top-k, top: 2", None, [0.25, 0.25, *[0.125] * 6]),
        ("policy: top-k, top: 2", "0" * 64, [0.25, 0.25, *[0.125] * 6]),
        ("policy: plackett-luce, temperature: 1.0", "0" * 64, [np.nan] * 8),
    ],
)
def test_weights_follow_the_policy_that_drew(
    copied: Home, rows: list[Any], policy: str, correction: str | None, weights: list[float]
) -> None:
    """1/8 over an item's probability at its position; corrected scores tell nothing of Plackett-Luce's."""
    row = rows[0]._replace(experiments=explore(copied, policy), correction=correction)
    found = frame_of(Referenced(copied), [row]).weight.to_numpy()
    assert np.array_equal(found, np.array(weights), equal_nan=True)


def test_plackett_luce_weighs_what_was_likely_less(copied: Home, rows: list[Any]) -> None:
    """The first position's probability is the softmax of the scores."""
    row = rows[0]._replace(experiments=explore(copied, "policy: plackett-luce, temperature: 1.0"))
    likely = np.exp(np.array(row.scores)) / np.exp(np.array(row.scores)).sum()
    found = frame_of(Referenced(copied), [row]).weight.to_numpy()
    assert found[0] == pytest.approx(1 / (8 * likely[0]))
