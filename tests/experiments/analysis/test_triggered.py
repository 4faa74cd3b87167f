"""Only rows on which arms differ are compared; what that is over all rows is said beside it."""

import numpy as np
import pytest

from experiments.analysis.analyze import analyze
from experiments.analysis.triggered import diluted, share
from experiments.analysis.units import units_of
from tests.experiments.analysis.frames import asked, frame, question, table


def test_triggered_analysis_counts_only_rows_that_could_differ() -> None:
    """Half of the rows can't differ: leaving them out doubles the effect; the mismatch test sees all."""
    data = frame(units=4_000)
    data["could"] = np.random.default_rng(4).random(len(data)) < 0.5
    data["m"] += 1.0 * (data.arm == "b") * data.could
    found = analyze(table(data), question(trigger="could"))
    everything = analyze(table(data), question())
    assert found.effects[0].difference == pytest.approx(2 * everything.effects[0].difference, rel=0.25)
    assert found.mismatch.observed == everything.mismatch.observed
    (overall,) = found.overall
    assert found.share == pytest.approx(0.5, abs=0.03)
    assert overall.difference == pytest.approx(found.share * found.effects[0].difference)
    assert overall.control_value == pytest.approx(everything.effects[0].control_value)
    assert found.triggered is not None
    assert sum(found.triggered.observed.values()) < sum(found.mismatch.observed.values())


def test_a_trigger_that_follows_the_arm_blocks_the_verdict() -> None:
    """Rows that count more often in one arm: units are as they should, those that are compared are not."""
    data = frame(units=4_000)
    often = np.where(data.arm == "b", 0.5, 0.3)
    data["could"] = np.random.default_rng(4).random(len(data)) < often
    found, said = asked(data, question(trigger="could"))
    assert not found.mismatch.blocks
    assert found.triggered is not None
    assert found.triggered.blocks
    assert said.startswith("can't say: sample ratio mismatch")


def test_a_trigger_that_never_fires_is_said() -> None:
    """Nothing differs, so nothing is looked for."""
    found, said = asked(frame().assign(could=False), question(trigger="could"))
    assert found.share == 0
    assert said.startswith("can't say: every arm served the same on every row")


def test_where_every_row_counts_diluting_changes_nothing() -> None:
    """A share of 1 has no variance of its own: the effects over all rows are those that were measured."""
    asks = question(trigger="could", ended=True)
    data = frame(effect=0.3, rows=2).assign(could=True)
    rows = units_of(table(data), asks).cleaned
    effects = analyze(table(data), asks).effects
    assert share(rows, asks) == 1.0
    (whole,) = diluted(rows, asks, effects)
    assert whole.difference == pytest.approx(effects[0].difference)
    assert whole.deviation == pytest.approx(effects[0].deviation)
    assert whole.fixed == pytest.approx(effects[0].fixed)
    assert whole.units == effects[0].units


def test_the_share_of_no_rows_is_nothing() -> None:
    """Neither an error nor NaN."""
    asks = question(trigger="could")
    assert share(table(frame().assign(could=True).iloc[:0]), asks) == 0.0
