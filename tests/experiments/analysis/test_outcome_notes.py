"""Clocks that run backwards and outcomes that wait are told, with their numbers."""

from experiments.analysis.outcome_notes import sentences


def test_what_is_odd_is_told() -> None:
    """Any outcome from before its decision, and a hundredth of the decisions without any."""
    assert sentences(0, 10, 1_000) == []
    assert sentences(0, 0, 0) == []
    [older] = sentences(1_234, 0, 5_000)
    assert older.startswith("1,234 outcomes are older than their decision")
    [waiting] = sentences(0, 11, 1_000)
    assert waiting.startswith("11 of 1,000 decisions have no outcome yet")
