"""An experiment is found in the log under its newest file, or a sentence says why not."""

from pathlib import Path

import msgspec
import pytest

from experiments.analysis.log_rows import Reading
from experiments.analysis.logged_experiments import latest, weights_of
from experiments.config.problems import AnalysisError
from monitoring.log.window import window
from tests.experiments.analysis.logged import CONFIGS, asked, ramped
from tests.experiments.files import live


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A log of two phases."""
    return ramped(tmp_path)


def test_what_the_log_cannot_answer(folder: Path, tmp_path: Path) -> None:
    """An experiment it never saw, and one whose file is gone."""
    with window(folder) as log:
        with pytest.raises(AnalysisError, match="the log has no decision of 'colour'; it has challenger"):
            asked(log, "colour", CONFIGS, Reading(now=2e6))
        with pytest.raises(AnalysisError, match="under which it ran, is missing"):
            asked(log, "challenger", {}, Reading(now=2e6))


def test_weights_are_counted_where_units_fall() -> None:
    """Ranges that leave some units out give shares of those that are in."""
    config = live(
        ('"@champion", weight: 0.5', '"@champion", ranges: [[0.0, 0.1]]'),
        ('"@challenger", weight: 0.5', '"@challenger", ranges: [[0.5, 0.8]]'),
    )
    assert weights_of(config, "challenger") == {"champion": 0.25, "challenger": 0.75}
    assert weights_of(config, "absent") == {}
    assert msgspec.json.decode(config.to_json())


def test_the_holdout_is_no_experiment(folder: Path) -> None:
    """Its arms are in the log under a name that no experiment of the file has."""
    other = {digest: live.model_copy(update={"layers": ()}) for digest, live in CONFIGS.items()}
    with (
        window(folder) as log,
        pytest.raises(AnalysisError, match="'challenger' is in the log and no experiment"),
    ):
        latest(log, "challenger", other)
