"""What is said while nothing is decided."""

import pytest

from experiments.analysis.outlook import Looked, how_long
from experiments.analysis.sequential import growth_needed, growth_once
from experiments.analysis.spending import Levels


def _at(times: float, days: float | None) -> Looked:
    """A look at so many units that `times` as many are needed."""
    enough = growth_needed(0.5, 1.0, 1)
    return Looked((times / enough) ** 0.5, 0.5, Levels(0.95, 1.0), enough / times, days)


@pytest.mark.parametrize(("times", "days"), [(2.0, 7.0), (10.0, 3.0)])
def test_four_times_the_data_halves_the_error(times: float, days: float) -> None:
    """The data needed grows with the square of the standard error, and the time with the data."""
    said = how_long("an effect of 5.0%", _at(times, days))
    more = f"{days * (times - 1):.0f} more days at this rate"
    assert said == f"to see an effect of 5.0% it needs about {times:.1f} times the data of now, {more}"


def test_without_days_no_time_is_given() -> None:
    """Only how much more data."""
    assert how_long("it", _at(4.0, None)).endswith("4.0 times the data of now")


def test_what_would_have_been_seen_is_smaller() -> None:
    """Where there is as much data as it needs already."""
    said = how_long("a credit of +0.1", _at(0.98, 3.0))
    assert said == "a credit of +0.1 would probably have been seen by now; if any, it is smaller"


def test_a_planned_end_needs_less() -> None:
    """It is said beside what a look needs, as far as error is kept for it."""
    said = how_long("it", Looked(1.0, 0.5, Levels(0.995, 0.955), 100, None))
    assert said.endswith(f" ({growth_once(0.5, 1.0, 0.955):.1f} times at a planned end)")
    assert "planned end" not in how_long("it", _at(4.0, None))
