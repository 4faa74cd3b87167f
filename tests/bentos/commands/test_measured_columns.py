"""Options that say what is measured in a table."""

from __future__ import annotations

import pytest

from bentos.commands.measured_columns import Judging, columns_measured
from experiments.config.problems import AnalysisError


def test_the_first_is_primary_and_a_slash_makes_a_ratio() -> None:
    first, second = columns_measured(["clicks/views", "revenue"], winsorise=0.99)
    assert (first.name, first.numerator, first.denominator, first.role) == (
        "clicks/views",
        "clicks",
        "views",
        "primary",
    )
    assert (second.numerator, second.denominator, second.role) == ("revenue", None, "secondary")
    assert (first.winsorise, second.winsorise) == (0.99, 0.99)


def test_a_percentile_is_of_a_column() -> None:
    first, mean = columns_measured(["p99.9(load time)", "load time"], winsorise=0.99)
    assert (first.numerator, first.quantile, first.winsorise) == ("load time", 0.999, None)
    assert (mean.numerator, mean.quantile, mean.winsorise) == ("load time", None, 0.99)
    with pytest.raises(AnalysisError, match=r"--metric 'p0\(m\)': must be above p0 and below p100"):
        columns_measured(["p0(m)"])


def test_only_the_primary_one_is_adjusted_by_what_was_before() -> None:
    first, second = columns_measured(["m", "n"], per_unit=True, before="m_before")
    assert (first.before, second.before) == (("m_before", None), None)
    assert first.per_unit
    assert second.per_unit


def test_no_name_is_no_measure() -> None:
    with pytest.raises(AnalysisError, match="metrics: none is given; name one by --metric"):
        columns_measured([], before="p")


def test_bare_values_are_of_the_primary_metric_and_margins_of_guardrails() -> None:
    judging = Judging(["0.1", "n=0.2"], ["lower", "g=lower"], ["0.3"])
    m, n, g = columns_measured(["m", "n"], ["g"], judging)
    assert (m.effect, m.better, m.margin) == (0.1, "lower", None)
    assert (n.effect, n.better, n.margin, n.role) == (0.2, "higher", None, "secondary")
    assert (g.effect, g.better, g.margin, g.role) == (0.05, "lower", 0.3, "guardrail")


@pytest.mark.parametrize("quantile", [0.5, 1.0, 7.0, -0.1])
def test_a_cap_is_a_high_quantile(quantile: float) -> None:
    with pytest.raises(AnalysisError, match=r"--winsorise .*: must be between 0\.5 and 1"):
        columns_measured(["m"], winsorise=quantile)
