"""What a report says that it would have found, it finds as often as it says."""

from __future__ import annotations

from monitoring.drift.columns import Drift
from monitoring.drift.power import NORMAL, power
from tests.monitoring.drift.test_blocks import compared


def test_a_shift_of_the_size_that_is_named_is_found_four_times_of_five() -> None:
    """Of 40 worlds with that shift; fewer than 25 has probability .004 at four of five."""
    shift = compared(0, 20).columns[0].seen / NORMAL
    found = sum("age" in {each.column for each in compared(seed, 20, shift).drifted} for seed in range(40))
    print(f"{found} of 40 shifts of {shift:.2f} standard deviations were found")
    assert found >= 25


def test_the_sentence_names_the_surest_column_and_the_least_sure() -> None:
    said = power(compared(0, 20))
    assert said.startswith("Found four times of five would be a shift of 0.1")
    assert "standard deviations in a number" in said
    assert "of the rows in a category" in said
    assert power(Drift((), ("too little",), "none", (0, 0), (0, 0), 0.01)) == ""
