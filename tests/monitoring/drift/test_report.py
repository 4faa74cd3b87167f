"""The report is a page that opens without a network and says what `compare` said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

SCRIPT = """
import sys
from pathlib import Path
import numpy as np
from monitoring.drift.compare import compare
from monitoring.drift.report import write_report
from tests.monitoring.drift.test_compare import COLUMNS, world
reference, current = world(0, 600, 3, per_day=0), world(1, 600, 3, per_day=0)
current["f3"] += 1
current["f5"] = np.nan
drift = compare(reference, current, COLUMNS)
print(*sorted(column.column for column in drift.drifted))
write_report(drift, reference, current, Path(sys.argv[1]) / "reports" / "drift.html", "flights <3>: a title")
few = compare(reference.head(50), current.head(50), COLUMNS)
write_report(few, reference.head(50), current.head(50), Path(sys.argv[1]) / "few.html", "too early")
"""


def test_the_page_shows_the_comparison(tmp_path: Path) -> None:
    """In a process of its own, as `ballast drift` is: Evidently is too large for any other."""
    out = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert out.split() == ["f3", "f5"]
    page = (tmp_path / "reports" / "drift.html").read_text(encoding="utf-8")
    assert "flights &lt;3&gt;: a title" in page
    assert "7200 rows of the reference and 7200 of the current window, in 600 and 600 requests" in page
    assert "2 of 15 columns have drifted" in page
    assert "1000 random divisions of the 600 + 600 requests" in page
    assert "rank distance (numbers), share distance (categories)" in page, "Evidently shows our statistic"
    assert "plotly" in page.lower()
    assert '<script src="http' not in page, "it works offline"
    few = (tmp_path / "few.html").read_text(encoding="utf-8")
    assert "too little data to say: 5 requests in the reference" in few
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["drift.html", "few.html"], "no leftovers"
