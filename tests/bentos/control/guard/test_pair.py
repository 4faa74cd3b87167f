"""Two versions whose orders are compared: the limit, why it is not watched, and which is the suspect."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bentos.control.guard.pair import DOUBT, UPSIDE_DOWN, Repute, VersionPair, order, suspect
from bentos.control.guard.quantities import APART
from monitoring.guard.guard import Guard
from monitoring.guard.ordering import disagreement
from monitoring.guard.quantity import Quantity, Unwatched

CLEAN, OLDER = Repute("3"), Repute("2")
OVERRIDDEN, LEADLESS = replace(OLDER, passed=False), replace(OLDER, leads=False)


@pytest.mark.parametrize(
    ("one", "other", "found", "why"),
    [
        (CLEAN, OVERRIDDEN, "2", "it did not pass the gate"),
        (CLEAN, LEADLESS, "2", "its reference shows no lead over chance"),
        (
            CLEAN,
            replace(OVERRIDDEN, leads=False),
            "2",
            "it did not pass the gate, its reference shows no lead over chance",
        ),
        (CLEAN, OLDER, "3", "nothing else tells it from version 2: it is the younger of the two"),
        (Repute("10"), Repute("9"), "10", "nothing else tells it from version 9: it is the younger"),
        (replace(CLEAN, passed=False), OVERRIDDEN, "3", "nothing else tells it from version 2"),
        (replace(CLEAN, passed=False), LEADLESS, "3", "it did not pass the gate"),
        (replace(CLEAN, doubt=DOUBT), OVERRIDDEN, "3", "outcomes speak against it"),
        (replace(CLEAN, doubt=DOUBT / 2), OVERRIDDEN, "2", "it did not pass the gate"),
    ],
)
def test_the_suspect_is_the_one_that_less_speaks_for(
    one: Repute, other: Repute, found: str, why: str
) -> None:
    """Outcomes, then the gate, then the lead, then age; whichever of the two answered."""
    for pair in ((one, other), (other, one)):
        version, said = suspect(*pair)
        assert version.version == found
        assert said.startswith(why)


@pytest.mark.parametrize(("apart", "limit"), [(0.0, 0.35), (0.2, 0.35), (0.3, 0.45), (0.74, 0.89)])
def test_clean_versions_may_be_further_apart_than_in_health(apart: float, limit: float) -> None:
    """By .15, at least a correlation of .3."""
    found = order(VersionPair(CLEAN, OLDER, apart))
    assert isinstance(found, Quantity)
    assert found.limit == pytest.approx(limit)
    assert (found.against, found.source) == ("2", f"{apart:.2f} on certified requests with version 2")


@pytest.mark.parametrize(
    ("pair", "cleared", "why"),
    [
        (None, "", "there is no other version to compare with"),
        (
            VersionPair(CLEAN, OLDER, None, "12 certified requests have an order to compare"),
            "",
            "compared with version 2: 12 certified requests have an order to compare",
        ),
        (
            VersionPair(CLEAN, OLDER, 0.76),
            "",
            "compared with version 2: 0.76 apart on certified requests: too",
        ),
        (
            VersionPair(CLEAN, OVERRIDDEN, 0.9, serves=False),
            "",
            "version 2, the one before, is the suspect where",
        ),
        (
            VersionPair(CLEAN, OVERRIDDEN, 0.9),
            "ann has cleared it: a new label",
            "it may differ from version 2: a",
        ),
    ],
)
def test_what_is_not_compared_says_why(pair: VersionPair | None, cleared: str, why: str) -> None:
    """And has a row."""
    found = order(pair, cleared)
    assert isinstance(found, Unwatched)
    assert found.why.startswith(why)
    row = Guard("3", [], [found]).report()[APART]
    assert (row["limit"], row["mean"], row["evidence"]) == (None, None, 0.0)
    assert row["source"] == f"not watched: {found.why}"


@pytest.mark.parametrize("unclean", [OVERRIDDEN, LEADLESS])
@pytest.mark.parametrize("apart", [0.76, 0.9, 1.0])
def test_a_version_without_a_clean_verdict_gets_no_credit_for_being_opposed(
    unclean: Repute, apart: float
) -> None:
    """It was upside down from the beginning: within 20 requests, whoever answered them.

    A limit of .6 is left by a mean of 1 after ln(1000) / ln(1 / .6) = 14 observations with the best bet.
    """
    found = order(VersionPair(CLEAN, unclean, apart))
    assert isinstance(found, Quantity)
    assert found.limit == UPSIDE_DOWN
    guard, draw = Guard("3", [found]), np.random.default_rng(3)
    for number in range(20):
        scores = draw.standard_normal(18)
        guard.look({APART: [disagreement(scores, -scores) or 0.0]}, float(number))
    assert [trip.against for trip in guard.trips] == ["2"]


def test_healthy_versions_of_which_one_was_overridden_are_left_alone() -> None:
    """Someone overrode a held one, whose order goes with the other's as a healthy retrain's does (.7)."""
    found = order(VersionPair(CLEAN, OVERRIDDEN, 0.15))
    assert isinstance(found, Quantity)
    guard, draw = Guard("3", [found]), np.random.default_rng(4)
    for number in range(2000):
        scores = draw.standard_normal(18)
        value = disagreement(scores, 0.7 * scores + 0.71 * draw.standard_normal(18))
        assert value is not None
        assert guard.look({APART: [value]}, float(number)) == []
