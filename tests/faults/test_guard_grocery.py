"""Faults in the contexts of a grocery, for which nothing of the guard was made: how soon each is named."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bentos.control.guard.quantities import (
    GONE,
    JOINT,
    OWN,
    TOGETHER,
    clock_of,
    range_of,
    repeats_of,
    unknown_of,
)
from bentos.home.stops import Stops
from models.table.requests import TableRequest, real_requests
from tests.faults import grocery
from tests.faults.context_faults import (
    Fault,
    a_third_of_others,
    a_third_usual,
    a_third_zero,
    all_frozen,
    broken,
    filled,
    half_null,
    in_another_unit,
    in_capitals,
    null,
    of_another_clock,
    of_the_one_before,
    shuffled,
)
from tests.faults.months import Stage
from tests.faults.shop import Shop

pytestmark = pytest.mark.slow

VIEWERS, HEALTHY, BROKEN = 2, 200, 600
AFTER = pd.Timestamp("2026-03-15").timestamp()  # of training


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("grocery")
    return Shop(grocery.declared(folder), folder / "home")


def asked(shop: Shop) -> list[TableRequest]:
    return list(real_requests(shop.declared, shop.home, since=AFTER))


FAULTS: list[tuple[Fault, str, int]] = [
    (null, GONE, 50),
    (half_null, GONE, 50),
    (all_frozen, TOGETHER, 50),
    (shuffled, OWN, 200),
    (of_the_one_before, OWN, 200),
    (a_third_usual, JOINT, 500),
    (a_third_zero, JOINT, 500),
    (a_third_of_others, JOINT, 500),
    (in_another_unit("minutes", 60.0), range_of("minutes"), 50),
    (in_another_unit("mean_price", 100.0), range_of("mean_price"), 50),
    (of_another_clock("hour", 6), clock_of("hour"), 50),
    (of_another_clock("hour", -2), clock_of("hour"), 50),
    (in_capitals("device"), unknown_of("device"), 50),
    (filled("country", "de"), repeats_of("country"), 200),  # which half of training has
]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("fault", "quantity", "within"), FAULTS)
def test_a_fault_of_contexts_is_named(
    shop: Shop, tmp_path: Path, fault: Fault, quantity: str, within: int
) -> None:
    """After 200 healthy requests."""
    requests = asked(shop)[: HEALTHY + BROKEN]
    with Stage.of(shop.watched, shop.home / "grocery" / "catalogue", shop.origin, tmp_path) as stage:
        assert stage.run(requests[:HEALTHY], VIEWERS, share=0.01).stops == []
        week = stage.run(broken(requests[HEALTHY:], fault), VIEWERS, share=0.01, broken_from=0.0)
        stops = Stops.of(stage.home).all()
    assert week.tripped_after is not None, f"{fault.__name__} was not named"
    print(f"| {fault.__name__} | {week.tripped_after // VIEWERS} | {[stop.quantity for stop in stops]} |")
    assert week.tripped_after // VIEWERS <= within
    assert {stop.kind for stop in stops} == {"shared"}
    assert any(quantity in stop.quantity for stop in stops)


@pytest.mark.timeout(600)
def test_health_is_silent(shop: Shop, tmp_path: Path) -> None:
    """Six weeks."""
    requests = asked(shop)
    with Stage.of(shop.watched, shop.home / "grocery" / "catalogue", shop.origin, tmp_path) as stage:
        assert stage.run(requests, VIEWERS, share=0.01).stops == []
    assert len(requests) > 2500
