"""Rows that a correction may be fitted on: of one version, matured, and only where scores come out again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bentos.home.state import Home
from bentos.offline.correction_rows import Span, latest, matured, shown
from experiments.config.live import Exploration
from models.catalogue.catalogue import CatalogueError
from tests.bentos.decisions.deciding import Desk
from tests.models.small import table

EVER = Span(0.0, 1e12, 1e12)


def test_rows_are_those_of_the_versions_explored_decisions(copied: Home, made: tuple[Home, Desk]) -> None:
    """Each shown item with its time, raw score, whether it was worth anything, and a weight of 1."""
    records = [each for each in made[1].records() if each.explored and each.model == "small/1"]
    with_outcomes = [each for each in records if int(each.request_id[2:]) % 10]
    found = matured(copied, "small", "1", EVER)
    assert found.decisions == len(records)
    assert dict(found.skipped) == {"without outcomes": len(records) - len(with_outcomes)}
    assert found.differing == 0
    assert found.rows.requests == len(with_outcomes)
    labels = table().set_index("item")["label"]
    expected = [
        (each.time, score, float(labels[each.candidates[place]] > 0))
        for each in sorted(with_outcomes, key=lambda each: each.time)
        for place, score in zip(each.slate, each.scores, strict=True)
    ]
    rows = found.rows
    seen = list(zip(rows.time.tolist(), rows.score.tolist(), rows.outcome.tolist(), strict=True))
    assert sorted(seen) == sorted(expected)
    assert (rows.weight == 1).all()


def test_only_what_was_known_by_then_counts(copied: Home, explored: list[Any]) -> None:
    """Decisions from `since` to before `until`, with outcomes that had come at `known_by`."""
    times = [row.time for row in explored if row.model == "small/1"]
    first, last = times[10], times[20]
    found = matured(copied, "small", "1", Span(first, last, 1e12))
    assert found.rows.time.min() == first
    assert found.rows.time.max() < last
    young = matured(copied, "small", "1", Span(first, last, last))
    assert young.rows.requests == 0
    assert dict(young.skipped) == {"without outcomes": young.decisions}


def test_scores_that_do_not_come_out_again_give_no_rows(copied: Home) -> None:
    """Another package in the version's place; and an error where its snapshot is gone."""
    copied.version("1").unlink()
    copied.version("1").symlink_to(copied.version("2").resolve())
    found = matured(copied, "small", "1", EVER)
    assert found.differing == found.decisions - found.skipped["without outcomes"] > 0
    assert found.rows.requests == 0
    for path in copied.catalogue.iterdir():
        path.unlink()
    with pytest.raises(CatalogueError):
        matured(copied, "small", "1", EVER)


def test_chances_that_nobody_knows_give_no_rows(copied: Home) -> None:
    """Where the live.yaml that drew the orders is gone."""
    for path in copied.experiments.iterdir():
        path.unlink()
    found = matured(copied, "small", "1", EVER)
    assert found.rows.requests == 0
    usable = found.decisions - found.skipped["without outcomes"]
    assert found.skipped["with chances that nobody knows"] == usable > 0


def test_the_logs_clock_is_its_last_decision(copied: Home, explored: list[Any], tmp_path: Path) -> None:
    """But never one that lies ahead of the clock on the wall; an empty log has none."""
    times = sorted(row.time for row in explored)
    last = latest(copied, 1e12)
    assert last is not None
    assert last >= times[-1]
    earlier = latest(copied, times[5])
    assert earlier is not None
    assert earlier < times[5]
    assert latest(Home(tmp_path / "empty"), 1e12) is None


def test_unknown_items_were_not_drawn() -> None:
    """An item without a score is none of those that were shown."""
    slice_ = Exploration(share=0.01, salt="s")
    weights = shown(slice_, 4, np.array([0.1, 0.2, np.nan]))
    assert weights is not None
    assert weights.tolist() == [2.0, 2.0, 2.0]
    assert shown(None, 4, np.array([0.1])) is None


@pytest.mark.parametrize(
    ("policy", "known", "served", "weights"),
    [
        ({}, 3, [1.0, 2.0, 3.0], [1.0, 1.0, 1.0]),
        ({}, 12, [1.0, 2.0, 3.0], [4.0, 4.0, 4.0]),
        ({"policy": "top-k", "top": 6}, 12, [1.0, 2.0, 3.0], [2.0, 2.0, 2.0]),
        ({"policy": "top-k", "top": 2}, 12, [1.0, 2.0, 3.0], [1.0, 1.0, 1.0]),
        ({"policy": "plackett-luce", "temperature": 1.0}, 3, [1.0, 2.0, 3.0], [1.0, 1.0, 1.0]),
        ({"policy": "plackett-luce", "temperature": 1.0}, 12, [1.0, 2.0, 3.0], None),
    ],
)
def test_a_cut_slate_stands_for_all_that_could_be_drawn(
    policy: dict[str, Any], known: int, served: list[float], weights: list[float] | None
) -> None:
    found = shown(Exploration(share=0.01, salt="s", **policy), known, np.array(served))
    assert (None if found is None else found.tolist()) == weights
    assert shown(None, known, np.array(served)) is None
