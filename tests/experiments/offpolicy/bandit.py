"""Samples of the Open Bandit Dataset, where they are on this machine."""

from pathlib import Path

import pandas as pd
import pytest

BANDIT = Path(__file__).parents[4] / "shared/data/obd"


needs_bandit = pytest.mark.skipif(not BANDIT.is_dir(), reason=f"no Open Bandit samples in {BANDIT}")


def campaign(name: str) -> pd.DataFrame:
    """10,000 impressions of the Open Bandit Dataset."""
    return pd.read_csv(BANDIT / f"{name}.csv.gz")
