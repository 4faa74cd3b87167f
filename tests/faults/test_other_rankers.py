"""Rankers of other data: no healthy version is stopped, and every fault of another kind is, by name.

A shop of recurring items (tests/faults/bazaar.py), applications for credit and a learning-to-rank set, as
somebody would declare them. `python -m tests.faults.table RANKER.toml HOME german` prints what was found.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.gate.verdict import Result
from tests.faults import bazaar
from tests.faults.kinds import Fault
from tests.faults.other_kinds import FIRST, HARMLESS, other_kinds
from tests.faults.shop import Recipe, Shop
from tests.faults.table import stopped

RANKERS = Path(__file__).parents[1] / "rankers"
DATA = Path(__file__).parents[3] / "shared" / "data"
HEALTHY: tuple[dict[str, Any], ...] = (
    {"seed": 1},
    {"depth": 3, "seed": 2},
    {"depth": 8},
    {"trees": 150},
    {"learning_rate": 0.05},
    {"params": {"l2_leaf_reg": 30}},
    {"params": {"rsm": 0.5}},
    {"params": {"bootstrap_type": "Bernoulli", "subsample": 0.5}},
)
LOSSES = ("YetiRank", "PairLogit", "RMSE", "QuerySoftMax")


def declared(name: str, folder: Path) -> Path:
    if name == "bazaar":
        return bazaar.declare(folder / "declared")
    if not DATA.is_dir():
        pytest.skip(f"needs the real data in {DATA}")
    return RANKERS / f"{name}.toml"


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shop]:
    """Each ranker's shop, with its table and champion, made when a test first asks for it."""
    return _Shops(tmp_path_factory.mktemp("others"))


class _Shops(dict[str, Shop]):
    def __init__(self, home: Path) -> None:
        super().__init__()
        self._home = home

    def __missing__(self, name: str) -> Shop:
        home = self._home / name
        self[name] = Shop(declared(name, home), home)
        return self[name]


def retrains(name: str) -> list[dict[str, Any]]:
    return [*HEALTHY, *({"objective": loss} for loss in (LOSSES if name != "german" else ("CrossEntropy",)))]


def cases(suite: dict[str, Any], found: Any) -> list[Any]:
    """(ranker, case) of every ranker; those that the suite has no time for are marked slow."""
    made = []
    for name in ("bazaar", "german", "ltr"):
        for place, case in enumerate(found(name)):
            label = getattr(case, "name", str(case))
            marks = [] if suite[name](place, label) else [pytest.mark.slow]
            made.append(pytest.param(name, case, id=f"{name}: {label}", marks=marks))
    return made


QUICK_FAULTS = {
    "bazaar": lambda place, label: place % 2 == 0,
    "german": lambda place, label: (
        label in {"inverted for a rare category", "overconfident", "underconfident"}
    ),
    "ltr": lambda place, label: False,
}
QUICK_RETRAINS = {
    "bazaar": lambda place, label: place % 6 == 0,
    "german": lambda place, label: place % 4 == 0,
    "ltr": lambda place, label: False,
}


@pytest.mark.parametrize(("name", "fault"), cases(QUICK_FAULTS, other_kinds))
def test_a_fault_of_another_kind_is_stopped(shops: dict[str, Shop], name: str, fault: Fault) -> None:
    """Held or rejected, for a reason that names it or its place."""
    verdict = shops[name].judge(shops[name].version(fault.recipe))
    assert verdict.result is not Result.PASS
    assert stopped(fault, verdict), verdict.reasons


@pytest.mark.parametrize(("name", "changes"), cases(QUICK_RETRAINS, retrains))
def test_a_healthy_retrain_passes(shops: dict[str, Shop], name: str, changes: dict[str, Any]) -> None:
    """Other seeds, depths, sizes and losses are no faults on other data either."""
    recipe = Recipe(declared=lambda own: own.with_ranker(**changes))
    verdict = shops[name].judge(shops[name].version(recipe))
    assert verdict.result is Result.PASS, verdict.reasons


@pytest.mark.parametrize("name", ["bazaar", "german", pytest.param("ltr", marks=pytest.mark.slow)])
def test_a_first_version_passes(shops: dict[str, Shop], name: str) -> None:
    """An owner of a few hundred labelled rows can begin: there is no champion to be held to."""
    verdict = shops[name].judge(shops[name].champion, first=True)
    assert verdict.result is Result.PASS, verdict.reasons


@pytest.mark.parametrize("fault", FIRST, ids=lambda fault: fault.name)
def test_a_broken_first_version_is_stopped(shops: dict[str, Shop], fault: Fault) -> None:
    """Without a champion, by outcomes and by the table."""
    shop = shops["bazaar"]
    verdict = shop.judge(shop.version(fault.recipe), first=True)
    assert stopped(fault, verdict), verdict.reasons


@pytest.mark.parametrize("fault", HARMLESS, ids=lambda fault: fault.name)
def test_what_changes_nothing_passes(shops: dict[str, Shop], fault: Fault) -> None:
    """A change that training's own proof has, and that moves no candidate far, is no fault."""
    shop = shops["bazaar"]
    verdict = shop.judge(shop.version(fault.recipe))
    assert verdict.result is Result.PASS, verdict.reasons


def test_kinds_are_others() -> None:
    """None of them is among the first ones."""
    from tests.faults.kinds import FAULTS

    names = {fault.name for ranker in ("bazaar", "german", "ltr") for fault in other_kinds(ranker)}
    assert len(names) >= 30
    assert not names & {fault.name for fault in FAULTS}


def test_a_category_encoded_by_its_labels_is_held(tmp_path: Path) -> None:
    """A postcode's share of bad credits, counted over all rows, those to be predicted too."""
    if not DATA.is_dir():
        pytest.skip(f"needs the real data in {DATA}")
    credit = pd.read_csv(DATA / "credit" / "german.csv")
    postcode = np.random.default_rng(0).integers(0, 400, len(credit))
    encoded = (credit["creditability"] == "bad").groupby(postcode).transform("mean")
    credit.assign(postcode=encoded).to_csv(tmp_path / "german.csv", index=False)
    text = (RANKERS / "german.toml").read_text().replace("../../../shared/data/credit/", "")
    (tmp_path / "ranker.toml").write_text(text.replace("numeric = [", 'numeric = [ "postcode",'))
    shop = Shop(tmp_path / "ranker.toml", tmp_path / "home")
    verdict = shop.judge(shop.champion, first=True)
    (held,) = [check for check in verdict.checks if check.name == "labels in features"]
    assert held.result is Result.HOLD
    assert "mean labels follow postcode more closely than chance allows" in held.sentence
