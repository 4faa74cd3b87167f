"""Limits come from a reference, and know how little of it there is."""

from __future__ import annotations

import numpy as np
import pytest

from monitoring.guard.limits import discordance_limit, share_limit
from monitoring.guard.ordering import discordance
from tests.monitoring.guard.scored_requests import scored_requests


@pytest.mark.parametrize(
    ("bad", "of", "low", "high"),
    [(0, 100_000, 0.01, 0.01), (0, 20, 0.3, 0.6), (50, 1000, 0.12, 0.15), (20, 20, 0.99, 0.99)],
)
def test_a_limit_of_a_share_knows_how_little_was_seen(bad: int, of: int, low: float, high: float) -> None:
    """Twice the upper bound: the smaller the reference, the farther away; never under 1%, never over 99%."""
    assert low <= share_limit(bad, of) <= high


def test_a_limit_needs_a_reference() -> None:
    with pytest.raises(ValueError, match="0 of 0: a reference has at least one request"):
        share_limit(0, 0)
    with pytest.raises(ValueError, match=r"the reference's discordance is 0\.5"):
        discordance_limit(list(np.random.default_rng(0).uniform(0.2, 0.75, 50)))
    with pytest.raises(ValueError, match="1 requests"):
        discordance_limit([0.2])


def test_a_limit_of_discordance_lies_between_the_reference_and_chance() -> None:
    reference = [value for pair in scored_requests(9, 400) if (value := discordance(*pair)) is not None]
    limit = discordance_limit(reference)
    assert float(np.mean(reference)) < limit < 0.5
    assert limit == pytest.approx(0.44, abs=0.02)


def test_a_share_limit_is_wilsons_bound_twice() -> None:
    """The bound p solves (p - bad / of) = z sqrt(p (1 - p) / of), which is how Wilson defines it."""
    for bad, of in ((0, 50), (3, 200), (40, 1000)):
        p = share_limit(bad, of, factor=1.0, least=0.0)
        assert p - bad / of == pytest.approx(2.326 * np.sqrt(p * (1 - p) / of))
        assert share_limit(bad, of, least=0.0) == pytest.approx(2 * p)


@pytest.mark.parametrize(("bad", "of"), [(-1, 10), (11, 10)])
def test_a_share_is_between_none_and_all(bad: int, of: int) -> None:
    with pytest.raises(ValueError, match=f"{bad} of {of}: a reference has .* no more bad ones than all"):
        share_limit(bad, of)


def test_all_of_the_lead_can_be_asked_for() -> None:
    """`keep` of 1 leaves the reference's own bound, `keep` of 0 chance."""
    reference = [0.1, 0.2, 0.3] * 30
    bound = np.mean(reference) + 2.326 * np.std(reference, ddof=1) / np.sqrt(90)
    assert discordance_limit(reference, keep=1.0) == pytest.approx(bound)
    assert discordance_limit(reference, keep=0.0) == 0.5
