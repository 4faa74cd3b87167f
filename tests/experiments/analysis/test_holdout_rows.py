"""What all experiments together were worth: held-out units against all others."""

from dataclasses import replace
from pathlib import Path

import pytest

from experiments.analysis.analyze import analyze
from experiments.analysis.holdout_rows import HELD, OTHERS, holdout_phases, holdout_rows
from experiments.analysis.log_rows import Reading
from experiments.analysis.recommendation import recommend
from experiments.config.live import Live
from experiments.config.problems import AnalysisError
from monitoring.log.window import window
from tests.experiments.analysis.logged import HOUR, serve
from tests.experiments.files import live

UNITS = [f"viewer-{i % 900}" for i in range(2_700)]


def _config(share: float = 0.3, salt: str = "h-1") -> Live:
    """Everybody who isn't held out gets the challenger."""
    changes = (('"@champion", weight: 0.5', '"@champion", weight: 0.0'),
               ('"@challenger", weight: 0.5', '"@challenger", weight: 1.0'))  # fmt: skip
    return live(
        *changes, tail=f"holdout: {{share: {share}, salt: {salt}}}\nexploration: {{share: 0.01, salt: e}}\n"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A log of one phase with another holdout, then of one with ours."""
    for name in ("decisions", "outcomes"):
        (tmp_path / name).mkdir()
    serve(tmp_path, _config(salt="h-0"), UNITS[:300], 1e6, 3.0, 1)
    serve(tmp_path, _config(), UNITS, 1e6 + HOUR, 3.0, 2)
    return tmp_path


CONFIGS = {each.digest: each for each in (_config(), _config(salt="h-0"))}


def test_it_says_what_all_of_it_was_worth(folder: Path) -> None:
    with window(folder) as log:
        phases = holdout_phases(log, "holdout", CONFIGS)
        assert list(phases) == [_config().digest]
        table, question = holdout_rows(log, phases, Reading(2e6))
        found = analyze(table, question)
    assert question.arms == (HELD, OTHERS)
    assert list(question.weights.values()) == [{HELD: 0.3, OTHERS: 0.7}]
    assert [measure.role for measure in question.measures] == ["primary", "guardrail"]
    assert not found.mismatch.doubtful
    assert sum(found.units.values()) == 900
    assert found.effects[0].value > found.effects[0].control_value
    assert str(recommend(found, question)).startswith("ship all experiments: ndcg_10 +")
    assert (
        found.accounting.used + sum(each.rows for each in found.accounting.left_out) == found.accounting.read
    )


def test_another_name_is_no_holdout(folder: Path) -> None:
    with window(folder) as log:
        assert holdout_phases(log, "challenger", CONFIGS) == {}


def test_what_only_experiments_have_is_refused(folder: Path) -> None:
    with window(folder) as log:
        phases = holdout_phases(log, "holdout", CONFIGS)
        with pytest.raises(AnalysisError, match="the holdout is none"):
            holdout_rows(log, phases, replace(Reading(2e6), triggered=True))
