"""Interleaving against a split on real flights, with rankers that need no training, at a small size."""

from collections.abc import Iterator

import numpy as np
import pytest

from tests.proofs.flights_interleaving import Asked, Worths, worths
from tests.proofs.flights_value import flights


def requests(days: int) -> Iterator[Asked]:
    """Airport hours of April: by the carriers' mean delay of March, and by that of destination and hour."""
    table = flights()
    past, now = table[table.month == 3], table[(table.month == 4) & (table.day <= days)]
    carrier, place = past.groupby("carrier").label.mean(), past.groupby(["dest", "hour"]).label.mean()
    now = now.assign(
        one=now.carrier.map(carrier).fillna(0.0),
        two=place.reindex(list(zip(now.dest, now.hour, strict=True))).fillna(0.0).to_numpy(),
    )
    for _, each in now.groupby(["origin", "time_hour"]):
        yield each.label.to_numpy(float), each.one.to_numpy(), each.two.to_numpy()


@pytest.fixture(scope="module")
def found() -> Worths:
    """Ten days."""
    return worths(requests(10))


def test_it_needs_a_fraction_of_the_requests(found: Worths) -> None:
    """Both see the same ranker ahead; interleaving with a third of the requests or fewer."""
    assert np.sign(found.credits.mean()) == np.sign(found.gap)
    split, interleaved = found.needed()
    assert interleaved < split / 3, (split, interleaved)


def test_the_sizes_have_the_power_they_promise(found: Worths) -> None:
    """80% ± 4 binomial deviations of 300 experiments each."""
    split, interleaved = (int(n) for n in found.needed())
    draw = np.random.default_rng(1)
    assert found.power(interleaved, 300, draw)[1] == pytest.approx(0.8, abs=4 * np.sqrt(0.16 / 300))
    assert found.power(split, 300, draw)[0] == pytest.approx(0.8, abs=4 * np.sqrt(0.16 / 300))


def test_a_ranker_against_itself_is_seldom_preferred() -> None:
    """Equal orders are credited nothing at all, and mirrored ones alike."""
    same = worths((labels, one, one) for labels, one, _ in requests(3))
    assert (same.credits == 0).all()
    there, back = (
        worths((labels, *pair[::step]) for labels, *pair in requests(10)).credits.mean() for step in (1, -1)
    )
    assert there == pytest.approx(-back, abs=0.02)
