"""`ballast experiment power` on a table of the past."""

import json
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

from bentos.cli import app


def test_power_of_a_table(file: Path) -> None:
    """Sizes grow with the square of what is to be seen."""
    asked = ["experiment", "power", "--table", str(file), "--metric", "m", "--json", "--effect"]
    large, small = (
        json.loads(CliRunner().invoke(app, [*asked, each]).stdout)[0] for each in ("0.04", "0.01")
    )
    assert np.isclose(small["fixed"] / large["fixed"], 16, rtol=0.01)
