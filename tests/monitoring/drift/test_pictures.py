"""Pictures of columns: Evidently's page of the columns that it is given, with our statistic and limits."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from monitoring.drift.columns import Columns
from monitoring.drift.compare import compare
from monitoring.drift.report import DRAW

ROOT = Path(__file__).parents[3]


def draw(compared: Path, page: Path) -> subprocess.CompletedProcess[str]:
    """As `report` starts it."""
    command = [sys.executable, "-W", "ignore", "-c", DRAW, str(compared), str(page)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_each_column_has_a_picture(tmp_path: Path) -> None:
    """With the distance that `compare` found."""
    random = np.random.default_rng(0)
    frames = [
        pd.DataFrame(
            {
                "request_id": np.arange(200),
                "time": np.arange(200.0),
                "price_of_it": random.normal(mean, 1.0, 200),
                "shop_of_it": random.choice(["north", "south"], 200),
            }
        )
        for mean in (0.0, 3.0)
    ]
    found = compare(*frames, Columns(["price_of_it"], ["shop_of_it"]))
    (tmp_path / "compared").write_bytes(pickle.dumps((found.columns, frames)))
    done = draw(tmp_path / "compared", tmp_path / "page.html")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "price_of_it" in page
    assert "shop_of_it" in page
    assert "rank distance (numbers), share distance (categories)" in page
    assert repr(found.columns[0].value)[:8] in page
