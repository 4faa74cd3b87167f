"""What is no number is absent, and a column that isn't there is named with the nearest one."""

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.cleaning import check_columns, clean
from experiments.config.problems import AnalysisError
from tests.experiments.analysis.frames import frame, question, table


def test_only_finite_numbers_of_declared_arms_stay() -> None:
    """NaN and infinities become absent, and are counted; rows without a unit or of other arms leave."""
    data = pd.DataFrame(
        {"unit": ["u", "v", "w", "x", None, ""], "arm": list("aabcab"), "m": [1.0, np.inf, -np.inf, 4, 5, 6]}
    )
    rows, notes = clean(table(data), question())
    found = sorted(rows.to_pyarrow().to_pylist(), key=lambda row: row["unit"])
    assert [(row["unit"], row["m"]) for row in found] == [("u", 1.0), ("v", None), ("w", None)]
    assert notes[0].startswith("m: 2 of 3 rows have no value")


def test_the_nearest_column_is_named() -> None:
    """Where one is near."""
    with pytest.raises(AnalysisError, match="unit: the table has no column 'Unit'; did you mean 'unit'"):
        check_columns(table(frame()), question(unit="Unit"))
