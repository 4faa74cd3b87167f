"""Every planted fault is stopped, by a check that names the fault or its place; and no healthy retrain is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from models.gate.verdict import Result
from tests.faults.kinds import FAULTS, Fault
from tests.faults.shop import Recipe, Shop
from tests.faults.table import stopped
from tests.models.small import declare

FLIGHTS = Path(__file__).parents[2] / "models" / "ranker.toml"
HEALTHY: tuple[dict[str, Any], ...] = (
    *({"seed": seed} for seed in range(1, 21)),
    *({"depth": depth, "seed": 30 + depth} for depth in range(3, 9)),
    *({"trees": trees, "seed": trees} for trees in (100, 150, 200, 250, 350, 400, 500, 600)),
    *({"learning_rate": rate, "seed": 40} for rate in (0.03, 0.05, 0.06, 0.1, 0.12, 0.15)),
    *({"objective": "YetiRank", "seed": seed} for seed in range(3)),
    *({"objective": "PairLogit", "seed": seed} for seed in range(3)),
    *({"objective": "QuerySoftMax", "seed": seed} for seed in range(2)),
    *({"params": {"rsm": share}, "seed": 50} for share in (0.3, 0.7, 0.9, 1.0)),
    *({"params": {"l2_leaf_reg": size, "rsm": 0.5}} for size in (1, 10, 30)),
    *({"depth": depth, "trees": trees, "seed": 7} for depth in (4, 7) for trees in (150, 450)),
    {"params": {"bootstrap_type": "Bernoulli", "subsample": 0.5}},
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("faults")
    declare(folder / "declared")
    return Shop(folder / "declared" / "ranker.toml", folder / "home")


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The default ranker; `BALLAST_HOME` spares making its table again."""
    home = Path(os.environ.get("BALLAST_HOME") or tmp_path_factory.mktemp("flights"))
    return Shop(FLIGHTS, home)


def test_there_are_kinds_enough() -> None:
    """At least thirty, each with a name of its own and a check that is right to stop it."""
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 30
    assert all(fault.caught for fault in FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_stopped(small: Shop, fault: Fault) -> None:
    """Held or rejected, for a reason that names it."""
    verdict = small.judge(small.version(fault.recipe))
    assert verdict.result is not Result.PASS
    assert stopped(fault, verdict), verdict.reasons


@pytest.mark.parametrize("changes", HEALTHY[::10], ids=str)
def test_a_healthy_retrain_passes(small: Shop, changes: dict[str, Any]) -> None:
    """Other seeds, sizes, depths and losses are no faults."""
    smaller = {"trees": changes["trees"] // 8} if "trees" in changes else {}
    recipe = Recipe(declared=lambda declared: declared.with_ranker(**(changes | smaller)))
    verdict = small.judge(small.version(recipe))
    assert verdict.result is Result.PASS, verdict.reasons


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_in_flights_is_stopped(flights: Shop, fault: Fault) -> None:
    """The same on the default ranker."""
    verdict = flights.judge(flights.version(fault.recipe))
    assert stopped(fault, verdict), verdict.reasons


@pytest.fixture(scope="module")
def held() -> list[str]:
    """What the gate held of the healthy flights."""
    return []


@pytest.mark.slow
@pytest.mark.parametrize("changes", HEALTHY, ids=str)
def test_healthy_flights_are_not_rejected(flights: Shop, held: list[str], changes: dict[str, Any]) -> None:
    """No healthy retrain is rejected, and at most one of the sixty is held."""
    assert len(HEALTHY) >= 60
    recipe = Recipe(declared=lambda declared: declared.with_ranker(**changes))
    verdict = flights.judge(flights.version(recipe))
    assert verdict.result is not Result.REJECT, verdict.reasons
    if verdict.result is Result.HOLD:
        held.append(f"{changes}: {verdict.reasons}")
    assert len(held) <= 1, "\n\n".join(held)
