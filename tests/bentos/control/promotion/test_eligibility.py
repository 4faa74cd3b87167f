"""A version may serve, is refused for a reason, or has to wait: one of the three."""

from __future__ import annotations

import pytest

from bentos.control.promotion.eligibility import MAY_SERVE, UNDER_EXAMINATION, Eligibility, refused


@pytest.mark.parametrize(
    ("eligibility", "may_serve", "is_refused", "pending"),
    [
        (MAY_SERVE, True, False, False),
        (refused("reject: sign"), False, True, False),
        (refused(""), False, True, False),
        (UNDER_EXAMINATION, False, False, True),
    ],
)
def test_exactly_one_of_three(
    eligibility: Eligibility, may_serve: bool, is_refused: bool, pending: bool
) -> None:
    """A refusal without words is a refusal all the same."""
    found = eligibility.may_serve, eligibility.refusal is not None, eligibility.pending
    assert found == (may_serve, is_refused, pending)
    assert sum(found) == 1


def test_equal_answers_are_equal() -> None:
    """They are values."""
    assert refused("reject: sign") == refused("reject: sign") != refused("hold: sign")
