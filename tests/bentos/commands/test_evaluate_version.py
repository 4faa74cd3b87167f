"""What a version would have earned: which version is meant. (The value: tests of the offline value.)"""

from __future__ import annotations

import pytest

from bentos.commands.evaluate_version import evaluate_version
from bentos.home.state import Home
from experiments.config.problems import AnalysisError
from models.registry import RegistryUnavailable
from tests.bentos.commands.running import run, told


def test_a_version_or_a_table_must_be_named(empty: Home) -> None:
    with pytest.raises(AnalysisError, match=r"name a version \(models:/NAME/7\) or give --table FILE"):
        evaluate_version(None, None, None)


@pytest.mark.parametrize("version", ["models:/a b", "", "seven!"])
def test_what_names_no_version_is_refused(empty: Home, version: str) -> None:
    with pytest.raises(AnalysisError, match="is neither models:/NAME/7, models:/NAME@alias nor a number"):
        evaluate_version(version, None, None)


@pytest.mark.parametrize("version", ["7", "models:/small/7", "models:/small@champion", "@champion"])
def test_a_version_that_is_not_here_is_asked_of_the_registry(empty: Home, version: str) -> None:
    with pytest.raises(RegistryUnavailable):
        evaluate_version(version, None, None)


def test_off_policy_must_be_said(empty: Home) -> None:
    done = run("evaluate", "7")
    assert done.exit_code == 2
    assert "add --off-policy" in told(done)
