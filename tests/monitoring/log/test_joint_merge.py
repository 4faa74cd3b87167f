"""Tables are merged to one that has every id of every segment, in however many parts it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitoring.log import joint_merge
from monitoring.log.joint_merge import TableShare
from monitoring.log.joint_table import JointTable
from tests.monitoring.log.test_joint_table import keys, places, tables, write


@pytest.mark.parametrize("ids", [0, 1, 255, 3_000])
@pytest.mark.parametrize("at_once", [64, joint_merge._AT_ONCE])
def test_every_line_of_every_id_is_found(
    tmp_path: Path, ids: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when it is written in many parts, and one of them is empty."""
    monkeypatch.setattr(joint_merge, "_AT_ONCE", at_once)
    found = tables(5, ids)
    made = write(tmp_path / "a.ids", found)
    for key in [*keys(found), 0, 6, 7, 2**64 - 1]:
        assert set(made.places_of(key)) == places(found, key)
    assert made.head.count == 5 * ids


@pytest.mark.parametrize("at_once", [64, joint_merge._AT_ONCE])
def test_tables_are_merged_without_segments_that_are_gone(
    tmp_path: Path, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of tables of other sizes, with other buckets."""
    monkeypatch.setattr(joint_merge, "_AT_ONCE", at_once)
    large, small = tables(4, 2_000), {f"t{name}": each for name, each in tables(3, 100, seed=1).items()}
    one, other = write(tmp_path / "a.ids", large), write(tmp_path / "b.ids", small)
    sources = [TableShare(one, [0, -1, 1, 2]), TableShare(other, [3, 4, 5])]
    left = [*(name for name in large if name != "s1"), *small]
    counts = [(large | small)[name].shape[1] for name in left]
    joint_merge.write(tmp_path / "c.ids", left, counts, sources)
    both, made = large | small, JointTable(tmp_path / "c.ids")
    del both["s1"]
    for key in [*keys(large), *keys(small), 0, 6]:
        assert set(made.places_of(key)) == places(both, key)
