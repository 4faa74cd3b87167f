"""A past is one value a unit, and from before its first exposure."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.analyze import analyze
from experiments.analysis.pasts import check_before_time
from experiments.analysis.question import Measure
from experiments.config.problems import AnalysisError
from tests.experiments.analysis.frames import frame, question, table

ASKS = question(Measure("m", "m", before=("p", None)), time="at", before_time="then")


def _timed(late: int = 0) -> pd.DataFrame:
    """Exposures on two days of June, pasts of May; so many are of the moment of the first exposure."""
    data = frame(rows=2, units=500)
    data["at"] = pd.Timestamp("2026-06-01") + pd.to_timedelta(np.arange(len(data)) % 2, "D")
    data["then"] = pd.Timestamp("2026-05-20")
    data.loc[: 2 * late - 1, "then"] = pd.Timestamp("2026-06-01")
    return data


def test_a_past_from_before_is_one() -> None:
    assert analyze(table(_timed()), ASKS).effects[0].reduction is not None


def test_a_past_from_the_first_exposure_on_is_none() -> None:
    sentence = "by 'then', the past of 3 units is not from before their first 'at', such as unit u0"
    with pytest.raises(AnalysisError, match=sentence):
        analyze(table(_timed(3)), ASKS)


def test_times_must_be_of_one_kind() -> None:
    with pytest.raises(AnalysisError, match=r"before_time: column 'then' holds string and 'at' timestamp"):
        analyze(table(_timed().assign(then="2026-05-20")), ASKS)
    for lacking in (replace(ASKS, time=None), replace(ASKS, measures=(Measure("m", "m"),))):
        with pytest.raises(AnalysisError, match="before_time: says when the past was measured; it needs"):
            check_before_time(table(_timed()), lacking)
    with pytest.raises(AnalysisError, match="before_time: the table has no column 'than'; did you mean"):
        analyze(table(_timed()), replace(ASKS, before_time="than"))
