"""`ballast experiment check`: every problem with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bentos.home.state import Home
from experiments.config.check import parse
from tests.bentos.commands.running import run, said, told
from tests.bentos.files import LIVE

GOOD = LIVE % "@challenger"


def test_a_good_file_has_a_digest(tmp_path: Path) -> None:
    file = tmp_path / "changed.yaml"
    file.write_text(GOOD)
    assert said("experiment", "check", file) == {"ok": True, "digest": parse(GOOD).digest, "warnings": []}
    assert f"1 experiments, digest {parse(GOOD).digest}" in run("experiment", "check", file).stdout


def test_the_live_file_is_checked_where_none_is_given(empty: Home) -> None:
    (empty.folder.parents[1] / "live.yaml").write_text(GOOD)
    assert said("experiment", "check")["digest"] == parse(GOOD).digest


def test_every_problem_has_its_line(tmp_path: Path) -> None:
    """Status 1; as text and as JSON."""
    file = tmp_path / "broken.yaml"
    file.write_text(GOOD.replace("version: 1", "version: 7").replace("weight: 0.5", "weight: 2", 1))
    done = run("experiment", "check", file)
    assert done.exit_code == 1
    assert "broken.yaml:2: version: 7" in told(done)
    found = json.loads(run("experiment", "check", file, "--json").stdout)
    assert not found["ok"]
    assert {problem["line"] for problem in found["problems"]} >= {2, 14}


@pytest.mark.parametrize("name", ["absent.yaml", "."])
def test_a_file_that_cannot_be_read_is_a_problem_of_its_own(tmp_path: Path, name: str) -> None:
    done = run("experiment", "check", tmp_path / name)
    assert done.exit_code == 1
    assert str(tmp_path) in told(done).replace(" ", "")
    assert "Traceback" not in done.output


def test_salts_under_which_splits_are_dependent_are_warned_of(empty: Home, tmp_path: Path) -> None:
    """With the number; the file holds, as what runs must not be undone."""
    file = tmp_path / "changed.yaml"
    foreign = GOOD.replace("growthbook-v2", "growthbook-v1").replace("salt: t", "salt: exp-1")
    file.write_text(foreign.replace("    salt: s\n", "    salt: exp-9\n    hash: growthbook-v1\n"))
    [warning] = said("experiment", "check", file)["warnings"]
    assert "split units dependently under growthbook-v1: Cramér's V is 0." in warning


def test_a_version_that_nobody_knows_is_warned_of(empty: Home, tmp_path: Path) -> None:
    """It may be in MLflow, so that the file holds; a reference that is none does not."""
    (empty.folder / "versions" / "3").mkdir(parents=True)
    file = tmp_path / "changed.yaml"
    file.write_text(LIVE % "99")
    done = run("experiment", "check", file)
    assert done.exit_code == 0
    assert "! version 99 is not known here (known: 3): unless MLflow has it" in told(done)
    [warning] = said("experiment", "check", file)["warnings"]
    assert warning.startswith("version 99 is not known here")
    file.write_text(LIVE % "@chalenger")
    done = run("experiment", "check", file)
    assert done.exit_code == 1
    assert "layers[0].experiments[0].variants[1].model: '@chalenger' is no model" in told(done)
    assert "did you mean '@challenger'?" in told(done)
