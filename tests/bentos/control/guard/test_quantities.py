"""Names of quantities: distinct, and those that stand on disk."""

from __future__ import annotations

import pytest

from bentos.control.guard import quantities
from bentos.control.guard.quantities import family, range_of, still_of

ON_DISK = {
    "fallback",
    "unsound scores",
    "slow answers",
    "no scores to be had",
    "unknown candidates",
    "scores in the tails",
    "order against the other version",
    "order against outcomes",
    "scores too low",
    "scores too high",
    "all versions",
    "outcomes",
    "served scores",
    "files",
    "birth certificate",
    "catalogue files",
    "catalogue columns",
    "context breaks an invariant",
    "contexts that lack more fields than any before",
    "context fields that repeat values",
    "context fields that do not go together",
    "contexts that belong to other candidates",
    "contexts that come a request late",
    "contexts that jump from one request to the next",
}


def test_names_are_those_of_stops_and_evidence_on_disk() -> None:
    """Evidence saved under another name would begin anew, and a stop under another name not be told apart."""
    known = vars(quantities).items()
    names = [value for key, value in known if key.isupper() and key[0] != "_" and isinstance(value, str)]
    assert len(names) == len(ON_DISK)
    assert set(names) == ON_DISK


@pytest.mark.parametrize(
    ("quantity", "name"),
    [
        ("delay stands still", "context stands still"),
        ("delay out of range", "context out of range"),
        (quantities.UNSOUND, quantities.UNSOUND),
        ("out of range", "out of range"),  # of no feature
    ],
)
def test_faults_of_the_context_are_one_family_each(quantity: str, name: str) -> None:
    assert family(quantity) == name


def test_a_features_quantities_name_it() -> None:
    assert (still_of("delay"), range_of("delay")) == ("delay stands still", "delay out of range")
