"""What a policy would have earned, from a table."""

from __future__ import annotations

from pathlib import Path

import pytest

from bentos.commands.evaluate_table import evaluate_table
from experiments.config.problems import AnalysisError
from experiments.offpolicy.policy_log import LogError


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Decisions between two items by coin: the first earns 1 in the mean, the second nothing."""
    file = tmp_path / "log.csv"
    rows = (f"{2 * (n % 4 == 0)},0.5,{1.0 * (n % 2 == 0)},u{n // 2}" for n in range(4_000))
    file.write_text("\n".join(["reward,p,first,who", *rows]))
    return file


def test_a_policy_is_worth_what_its_items_earn(table: Path) -> None:
    """By IPS: 1 for the first item always, half of it for a coin."""
    first = evaluate_table(table, "reward", "p", "first", None, "who")
    assert first.refused == ()
    assert first.estimates[0].value == pytest.approx(1.0)
    coin = evaluate_table(table, "reward", "p", None, 2, None)
    assert coin.estimates[0].value == pytest.approx(0.5)


@pytest.mark.parametrize(("target", "uniform"), [(None, None), ("first", 2)])
def test_the_policy_is_given_in_one_way(table: Path, target: str | None, uniform: int | None) -> None:
    with pytest.raises(AnalysisError, match="give either --target COLUMN or --uniform ITEMS"):
        evaluate_table(table, "reward", "p", target, uniform, None)


def test_actions_and_slices_are_tested(tmp_path: Path) -> None:
    """Propensities of .8 and .2 that were swapped between rows keep the mean weight; actions show it."""
    file = tmp_path / "swapped.csv"
    rows = (
        f"{n % 3 % 2},{0.8 if n % 5 else 0.2},{'often' if n % 7 else 'rare'},{n % 2}" for n in range(7_000)
    )
    file.write_text("\n".join(["reward,p,item,day", *rows]))
    blind = evaluate_table(file, "reward", "p", None, 2, None)
    assert not any("action" in sentence for sentence in blind.refused)
    found = evaluate_table(file, "reward", "p", None, 2, None, "item", ["day"])
    assert any(
        sentence.startswith("action often: 1 / propensity over the 6,000") for sentence in found.refused
    )


def test_a_column_that_is_absent_is_named(table: Path) -> None:
    with pytest.raises(AnalysisError, match=r"log\.csv has no column 'person'; it has reward, p, first, who"):
        evaluate_table(table, "reward", "p", "first", None, "person")


def test_a_column_of_words_is_no_reward(table: Path) -> None:
    with pytest.raises(LogError, match="reward: holds something other than numbers: could not convert"):
        evaluate_table(table, "who", "p", "first", None, None)


def test_a_uniform_policy_has_an_item(table: Path) -> None:
    """None is no number of items."""
    with pytest.raises(AnalysisError, match="--uniform 0: must be the number of items, 1 or more"):
        evaluate_table(table, "reward", "p", None, 0, None)
