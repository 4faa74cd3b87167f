"""Options that say what is measured in a table."""

from __future__ import annotations

import pytest

from bentos.commands.measured_columns import measures_of
from experiments.config.problems import AnalysisError


def test_the_first_is_primary_and_a_slash_makes_a_ratio() -> None:
    first, second = measures_of(["clicks/views", "revenue"], False, None, 0.99)
    assert (first.name, first.numerator, first.denominator, first.role) == (
        "clicks/views",
        "clicks",
        "views",
        "primary",
    )
    assert (second.numerator, second.denominator, second.role) == ("revenue", None, "secondary")
    assert (first.winsorise, second.winsorise) == (0.99, 0.99)


def test_only_the_primary_one_is_adjusted_by_what_was_before() -> None:
    first, second = measures_of(["m", "n"], True, "m_before", None)
    assert (first.before, second.before) == (("m_before", None), None)
    assert first.per_unit
    assert second.per_unit


def test_no_name_is_no_measure() -> None:
    assert measures_of([], False, "p", None) == ()


@pytest.mark.parametrize("quantile", [0.5, 1.0, 7.0, -0.1])
def test_a_cap_is_a_high_quantile(quantile: float) -> None:
    with pytest.raises(AnalysisError, match=r"--winsorise .*: must be between 0\.5 and 1"):
        measures_of(["m"], False, None, quantile)
