"""What a serving process imports: nothing slow, and nothing of the groups it does not need."""

from __future__ import annotations

import subprocess
import sys

FORBIDDEN = {
    "mlflow",
    "evidently",
    "duckdb",
    "pyarrow",
    "sklearn",
    "matplotlib",
    "pandas",
    "catboost",
    "tea_tasting",
}


def test_the_ranker_imports_nothing_of_the_other_groups() -> None:
    """The entry module brings in the Scorer and the Steward as well: they too must not import at once."""
    code = (
        "import sys, bentos.ranker; print(' '.join(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert FORBIDDEN.isdisjoint(result.stdout.split())


def test_the_command_line_is_quick_to_ask_for_help() -> None:
    """No command's libraries are imported before it runs."""
    code = "import sys, bentos.cli; print(' '.join(sorted({name.partition('.')[0] for name in sys.modules})))"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert FORBIDDEN.isdisjoint(result.stdout.split())
