"""The flights as a table of two classes: will this departure be late (a grade above 0)?"""

from __future__ import annotations

import pandas as pd

from models.demo import flights

source_digest = flights.source_digest


def table() -> pd.DataFrame:
    """The flights' table with one more column, `over_15`: 1 for an arrival at least 15 minutes late."""
    found = flights.table()
    return found.assign(over_15=(found["grade"] > 0).astype(int))
