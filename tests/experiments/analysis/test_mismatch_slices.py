"""The slice in which units are lost comes first; shares that move over time end a pooled analysis."""

import numpy as np
import pandas as pd

from experiments.analysis.mismatch import mismatch
from tests.experiments.analysis.frames import asked, frame, question
from tests.experiments.analysis.test_strata import ASKS, days


def test_the_slice_that_loses_units_is_the_worst() -> None:
    """A third of b's units are lost in one browser of five: it comes first, corrected for five."""
    data = frame(units=20_000)
    draw = np.random.default_rng(1)
    data["browser"] = draw.choice(list("vwxyz"), len(data))
    lost = (data.browser == "y") & (data.arm == "b") & (draw.random(len(data)) < 0.33)
    found, _ = asked(data[~lost], question(slices=("browser",)))
    worst, *others = found.mismatch_slices
    assert (worst.column, worst.value, worst.slices) == ("browser", "y", 5)
    assert worst.p < 1e-9
    assert all(each.p > 0.01 for each in others)
    assert str(worst).startswith("mismatch where browser = y: a ")


def test_shares_that_move_over_time_end_a_pooled_analysis() -> None:
    """90/10, then 50/50, declared as 70/30: nothing is wrong over all, and every part of the time is."""
    data = days(0.0, 1)
    pooled = question(weights={"": {"a": 0.7, "b": 0.3}}, time="time", ended=True)
    found, said = asked(data, pooled)
    assert not found.mismatch.blocks
    assert said.startswith("can't say: the arms' shares move over time (mismatch where first seen = part ")
    assert "(--phase)" in said
    assert not asked(data, ASKS)[1].startswith("can't say")


def test_fair_splits_have_no_bad_slice() -> None:
    """200 units a slice; p < .01 once in a hundred tables."""
    data = pd.concat([frame(units=1_000, seed=5)])
    data["browser"] = np.random.default_rng(2).choice(list("vwxyz"), len(data))
    found, _ = asked(data, question(slices=("browser",)))
    assert found.mismatch_slices[0].p > 0.01


def test_a_published_split_is_doubtful() -> None:
    """44,700 to 45,489: p = .0086, which warns and blocks nothing."""
    found = mismatch({"": {"gate_30": 44_700, "gate_40": 45_489}}, {"": {"gate_30": 0.5, "gate_40": 0.5}})
    assert f"{found.p:.4f}" == "0.0086"
    assert (found.blocks, found.doubtful) == (False, True)
    assert found.sentence().startswith("the arms' units are doubtful, p = 0.0086: gate_30 44,700")
