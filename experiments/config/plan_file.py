"""Read the plan of a table's analysis, and say everything that is wrong with it at once."""

from pathlib import Path

from experiments.config.declared_file import DeclaredFile
from experiments.config.table_plan import TablePlan, broken

_PLAN = DeclaredFile(TablePlan, broken)


def load_plan(path: Path) -> TablePlan:
    """Read and check a plan. ConfigError lists every problem with its line, path, value and rule."""
    return _PLAN.load(path)
