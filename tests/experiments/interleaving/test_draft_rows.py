"""Drafts on record are credited as the definition says, and what can't be credited is counted."""

from pathlib import Path

import numpy as np
import pytest

from experiments.analysis.log_rows import Reading
from experiments.config.problems import AnalysisError
from experiments.interleaving.draft_rows import preferences_of
from monitoring.log.window import window
from tests.experiments.interleaving.drafts import found, interleaved, serve


def test_credits_equal_their_definition(tmp_path: Path) -> None:
    """Mean, wins and losses; explored answers and those by one ranker are counted and not credited."""
    config = interleaved()
    expected = np.array(list(serve(tmp_path, config, 2_000, 0.0).values()))
    seen = found(tmp_path, config)
    (ndcg,) = seen.credits
    assert ndcg.mean == pytest.approx(expected.mean())
    assert (ndcg.wins, ndcg.losses) == ((expected > 1e-12).sum(), (expected < -1e-12).sum())
    assert ndcg.requests == len(expected)
    assert ndcg.units == 294  # every fiftieth answer is by one ranker, and with it six of 300 units
    assert 35 <= seen.left_out["one ranker answered alone"] <= 40  # of 40, without the explored ones
    assert 50 < seen.left_out["explored"] < 150
    assert seen.coin > 1e-6
    assert "fallback: a whole answer's figure" in seen.notes[0]


def test_other_experiments_and_units_without_a_name_count_for_nothing(tmp_path: Path) -> None:
    """Neither in credits nor in what notes say; an empty unit is left out and counted."""
    config = interleaved()
    expected = np.array(list(serve(tmp_path, config, 600, 0.0, nobody=40).values()))
    alone = found(tmp_path, config)
    serve(tmp_path, config, 500, 3.0, seed=2, other=True)
    seen = found(tmp_path, config)
    assert seen == alone
    assert seen.credits[0].mean == pytest.approx(expected.mean())
    assert 30 <= seen.left_out["without a unit"] <= 40  # less those explored
    assert not any("of 1,100" in note for note in seen.notes)


def test_a_metric_of_whole_answers_cannot_be_primary(tmp_path: Path) -> None:
    """Its name and the rule."""
    config = interleaved(("primary: ndcg_10", "primary: fallback"), ("[fallback]", "[ndcg_10]"))
    serve(tmp_path, config, 5, 0.0)
    with pytest.raises(AnalysisError, match="needs a primary metric of ndcg or reward"):
        found(tmp_path, config)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"slices": ("airport",)}, "--slice"),
        ({"before_days": 3.0}, "--before-days"),
        ({"interactions": True}, "--interactions"),
    ],
)
def test_what_only_splits_have_is_refused(tmp_path: Path, asked: dict[str, object], named: str) -> None:
    """An option that does nothing would be taken for an answer."""
    config = interleaved()
    serve(tmp_path, config, 10, 0.6)
    with window(tmp_path) as log, pytest.raises(AnalysisError, match=f"{named}.*this one interleaves"):
        preferences_of(log, config, config.experiments[0], Reading(2e6, **asked))  # type: ignore[arg-type]
