"""`ballast experiment power` on a table of the past."""

import json
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

from bentos.cli import app
from tests.bentos.commands.running import mistake


def test_power_of_a_table(file: Path) -> None:
    """Sizes grow with the square of what is to be seen."""
    asked = ["experiment", "power", "--table", str(file), "--metric", "m", "--json", "--effect"]
    large, small = (
        json.loads(CliRunner().invoke(app, [*asked, each]).stdout)[0] for each in ("0.04", "0.01")
    )
    assert np.isclose(small["fixed"] / large["fixed"], 16, rtol=0.01)


def test_what_is_wrong_is_one_sentence(file: Path) -> None:
    """Status 2."""
    asked = ["experiment", "power", "--table", file, "--metric"]
    assert "--looks 1: must be a share of the error" in str(mistake(*asked, "m", "--looks", "1"))
    assert "--effect 0: must be a change" in str(mistake(*asked, "m", "--effect", "0"))
    assert "share: 1 must be between 0 and 1" in str(mistake(*asked, "m", "--share", "1"))
    assert "column 'arm' holds string" in str(mistake(*asked, "arm"))
    absent = ["experiment", "power", "--table", file.with_name("absent.csv"), "--metric", "m"]
    assert "absent.csv doesn't exist" in str(mistake(*absent))
