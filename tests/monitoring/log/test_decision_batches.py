"""Batches have every decision of a window once, in order, each with the outcomes that are its own."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

import pytest

from monitoring.log.decision_batches import DecisionBatches
from monitoring.log.known_outcomes import read_decisions, worth_of
from monitoring.log.window import window
from tests.monitoring.records import decision, outcome, write_decisions, write_outcomes

COUNT = 300


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Decisions out of order, some at one moment; outcomes of none, one or two items, told twice."""
    folder = tmp_path_factory.mktemp("batches")
    made = [
        decision(
            f"r{k}",
            4,
            time=1000.0 + (k * 37 % 100),
            unit=f"viewer-{k % 23}",
            fallback=fallback,
        )
        for k, fallback in zip(range(COUNT), cycle(["timeout", None]), strict=False)
    ]
    write_decisions(folder, *made)
    told = [
        outcome(f"r{k}", f"item-{place}", float(k + again), time=2000.0 + again)
        for k in range(COUNT)
        for place in range(k % 3)
        for again in range(2)
    ]
    write_outcomes(folder, *told)
    return folder


@pytest.mark.parametrize("rows", [1, 7, 100, 10_000])
def test_every_decision_comes_once_with_its_own_outcomes(root: Path, tmp_path: Path, rows: int) -> None:
    """As `read_decisions` gives them, whatever the size of a batch."""
    with window(root) as log:
        frame = read_decisions(log)
        batches = DecisionBatches(log, tmp_path, rows)
        assert batches.count == COUNT
        for _ in range(2):  # it can be passed over again
            found = list(batches)
            places = [place for batch in found for place in batch.decisions["place"].to_pylist()]
            assert places == list(range(COUNT))
            worth: dict[int, dict[str, float]] = {place: {} for place in places}
            for batch in found:
                assert set(batch.outcomes["place"].to_pylist()) <= set(batch.decisions["place"].to_pylist())
                for each in batch.outcomes.to_pylist():
                    worth[each["place"]][each["item"]] = each["value"]
            assert list(worth.values()) == [worth_of(row) for row in frame.itertuples()]
            units = [unit for batch in found for unit in batch.decisions["unit"].to_pylist()]
            assert units == [sorted(set(frame.unit)).index(unit) for unit in frame.unit]
            unfailed = [each for batch in found for each in batch.decisions["unfailed"].to_pylist()]
            assert unfailed == frame.fallback.isna().tolist()


def test_a_window_without_decisions_has_no_batch(tmp_path: Path) -> None:
    with window(tmp_path) as log:
        batches = DecisionBatches(log, tmp_path)
        assert batches.count == 0
        assert list(batches) == []
