"""`ballast experiment analyze` of the log. (Effects: tests of the analysis, and tests/serve.)"""

from __future__ import annotations

from pathlib import Path

from bentos.home.state import Home
from tests.bentos.commands.running import mistake, run, said
from tests.experiments.analysis.logged import serve
from tests.experiments.files import live


def test_an_experiment_that_nobody_was_in_is_one_sentence(home: Home) -> None:
    assert "the log has no decision of 'other'; it has try" in str(mistake("experiment", "analyze", "other"))


def test_an_empty_log_has_none(empty: Home) -> None:
    assert "the log has no decision of 'try'; it has none" in str(mistake("experiment", "analyze", "try"))


def test_a_file_that_is_gone_is_named(home: Home) -> None:
    """Decisions name the live.yaml that was in force by its digest; without it nobody can read them."""
    assert "the compiled file 'e', under which it ran, is missing" in str(
        mistake("experiment", "analyze", "try")
    )


def test_a_page_says_what_was_looked_at_when(empty: Home, tmp_path: Path) -> None:
    """Looks are remembered from one command to the next; the holdout has a report of its own."""
    config = live(tail="holdout: {share: 0.3, salt: h-1}\n")
    for name in ("decisions", "outcomes"):
        (empty.log / name).mkdir(parents=True)
    for day in range(3):
        serve(
            empty.log, config, [f"viewer-{n}" for n in range(900)], 1_767_225_600.0 + day * 86_400, 1.0, day
        )
    empty.experiments.mkdir(parents=True)
    empty.compiled(config.digest).write_text(config.to_json())
    asked = ("experiment", "analyze", "challenger", "--html", tmp_path / "page.html")
    first = run(*asked, "--exit-code")
    assert first.exit_code == 0, first.output
    assert first.stdout.startswith("ship challenger: ndcg_10 +")
    assert run(*asked, "--over-time").exit_code == 0
    page = (tmp_path / "page.html").read_text()
    assert page.count("ship challenger: ndcg_10 +") == 3  # above, and two looks
    assert "The effect over time" in page
    assert "mean ndcg of a decision over the first 10 positions, exponential gains" in page
    holdout = said("experiment", "analyze", "holdout")
    assert holdout["text"].startswith("ship all experiments: ndcg_10 +")
    assert set(holdout["units"]) == {"held out", "all experiments"}
