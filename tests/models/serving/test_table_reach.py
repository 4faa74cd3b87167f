"""Which times and outcomes may be meant, as packages tell it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from models.serving.table_reach import TableReach, read_reach, widest

GRADES = {"from": 1.3e9, "to": 1.4e9, "labels": {"least": 0.0, "most": 4.0, "graded": True}}
AMOUNTS = {"from": 1.3e9, "labels": {"least": -2.0, "most": 90.5, "graded": False}}


@pytest.mark.parametrize(
    ("told", "reach"),
    [
        ({"table": GRADES}, TableReach(1.3e9, (0.0, 4.0))),
        ({"table": AMOUNTS}, TableReach(1.3e9, (-90_500.0, 90_500.0))),
        ({"training": {"from": 1.2e9}}, TableReach(1.2e9)),  # of an earlier release
        ({}, TableReach()),
        ({"table": {"from": "noon", "labels": {}}}, TableReach()),
        ([], TableReach()),
        (None, TableReach()),
    ],
)
def test_what_a_package_tells(tmp_path: Path, told: Any, reach: TableReach) -> None:
    """Grades are all there are, amounts may be larger; one that tells nothing bounds nothing."""
    if told is not None:
        (tmp_path / "evaluation.json").write_text(json.dumps(told))
    assert read_reach(tmp_path) == reach


def test_several_versions_reach_what_any_of_them_does() -> None:
    """One that does not know its outcomes may mean any; what is declared wins."""
    one, other = TableReach(5.0, (0.0, 4.0)), TableReach(3.0, (-1.0, 1.0))
    assert widest([one, other], None) == TableReach(3.0, (-1.0, 4.0))
    assert widest([one, TableReach()], None) == TableReach(5.0)
    assert widest([], None) == TableReach()
    assert widest([one], (0.0, 9.0)) == TableReach(5.0, (0.0, 9.0), declared=True)


def test_a_refusal_says_whose_range_it_is() -> None:
    reach = TableReach(None, (0.0, 4.0))
    assert [reach.holds(each) for each in (-0.1, 0.0, 4.0, 1e308)] == [False, True, True, False]
    assert TableReach().holds(1e308)
    assert reach.rule.startswith("from 0 to 4, as the labels of training say")
    assert widest([], (0.0, 9.0)).rule == "from 0 to 9, as [expect] outcomes in ranker.toml says"
