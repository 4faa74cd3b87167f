"""Shares of arms, the same in every phase or each phase's own."""

import pytest

from bentos.commands.declared_weights import weighted
from experiments.config.problems import AnalysisError
from tests.experiments.analysis.frames import question


def test_shares_by_phase() -> None:
    """The first named arm is the control; a share without a phase is that of all."""
    found, half = weighted(question(), ["a=0.5", "b=0.5"], ["x", "y"]), {"a": 0.5, "b": 0.5}
    assert (found.control, found.weights) == ("a", {"x": half, "y": half})
    options = ["x:a=0.9", "x:b=0.1", "y:a=0.5", "y:b=0.5"]
    assert weighted(question(), options, ["x", "y"]).weights["x"] == {"a": 0.9, "b": 0.1}
    assert weighted(question(), ["c:d=0.5", "b=0.5"], [""]).control == "c:d"


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        (
            ["a=1.5", "b=-0.5"],
            "--weight 'a=1.5': must be ARM=SHARE, such as control=0.5, with a share",
        ),
        (["a=0.5", "a=0.5"], "--weight 'a=0.5': arm 'a' has a share already"),
        (["x:a=0.5", "x:b=0.5"], "--weight in phase 'y': none are given: shares of two arms"),
        (["z:a=0.5"], "--weight 'z:a=0.5': the table has no phase 'z'; it has 'x', 'y'"),
        (["=0.5"], "--weight '=0.5': must be ARM=SHARE"),
    ],
)
def test_shares_that_are_none(weights: list[str], sentence: str) -> None:
    """Each names the option, the value and the rule."""
    with pytest.raises(AnalysisError) as caught:
        weighted(question(), weights, ["x", "y"])
    assert sentence in str(caught.value)
