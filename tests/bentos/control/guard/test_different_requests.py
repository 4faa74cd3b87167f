"""Different requests among records: viewers of one list are one, and items are looked up as they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bentos.control.guard.different_requests import AT_MOST, DifferentRequests
from models.catalogue.catalogue import write_catalogue
from tests.bentos.control.guard.examples import decision, head


@pytest.fixture
def catalogues(tmp_path: Path) -> tuple[Path, str]:
    price = {"price": np.array([1, 2], np.float32)}
    shops = {"shop": ["north", None]}
    return tmp_path, write_catalogue(tmp_path, ["a", "b"], price, shops, created=0.0)


def test_viewers_of_one_list_are_one_request(catalogues: tuple[Path, str]) -> None:
    """Also in a later look; another context at the same moment is looked at, and is no new observation."""
    requests = DifferentRequests(catalogues[0])
    same = {"time": 7200.0, "snapshot": catalogues[1]}
    first = requests.of([head(decision(viewer, **same)) for viewer in range(50)])
    assert [each.first for each in first] == [True]
    assert requests.of([head(decision(50, **same))]) == []
    [other] = requests.of([head(decision(51, context={"hour": 8}, **same))])
    assert (other.first, other.context) == (False, {"hour": 8})
    [later] = requests.of([head(decision(52, **same | {"time": 14400.0}))])
    assert later.first


def test_items_are_those_of_the_snapshot(catalogues: tuple[Path, str]) -> None:
    requests = DifferentRequests(catalogues[0])
    [found] = requests.of([head(decision(0, snapshot=catalogues[1], candidates=["b", "a", "z", 4]))])
    assert found.items is not None
    assert found.items.features["price"].tolist() == [2.0, 1.0]
    assert found.items.features["shop"].tolist() == ["", "north"]
    assert (found.items.count, found.items.unknown) == (2, 0.5)
    assert requests.failing == []


def test_a_snapshot_that_is_gone_is_said(catalogues: tuple[Path, str]) -> None:
    requests = DifferentRequests(catalogues[0])
    [found] = requests.of([head(decision(0, snapshot="gone"))])
    assert found.items is None
    assert "items of snapshot gone are not looked up" in requests.failing[0]
    assert requests.of([]) == []
    assert len(requests.failing) == 1
    requests.of([head(decision(1, snapshot=catalogues[1], time=9e4))])
    assert requests.failing == []


def test_a_record_of_the_served_items_only_is_known_for_one(catalogues: tuple[Path, str]) -> None:
    requests = DifferentRequests(catalogues[0])
    [found] = requests.of([head(decision(0, snapshot=catalogues[1], digest="d", offered=900))])
    assert (found.whole, requests.failing) == (False, [])


def test_a_look_has_a_bound(catalogues: tuple[Path, str]) -> None:
    requests = DifferentRequests(catalogues[0])
    many = [head(decision(n, snapshot=catalogues[1], context={"hour": n})) for n in range(AT_MOST + 50)]
    assert len(requests.of(many)) == AT_MOST
