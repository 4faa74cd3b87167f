"""Looks are remembered in the home, as many as are useful."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import IO, Any

import pytest

from bentos.commands import looks
from bentos.commands.looks import looked, looked_at_table
from bentos.home.state import Home
from experiments.analysis.page import Look


def test_looks_at_an_experiment_come_back_in_order(tmp_path: Path) -> None:
    first, other, second = Look(1.0, 10, "keep going"), Look(2.0, 5, "ship"), Look(3.0, 20, "don't")
    assert looked(tmp_path, "one", first) == [first]
    assert looked(tmp_path, "other", other) == [other]
    assert looked(tmp_path, "one", second) == [first, second]


def test_the_oldest_leave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "MOST", 3)
    for number in range(6):
        found = looked(tmp_path, "one", Look(float(number), number, "x"))
    assert [each.rows for each in found] == [3, 4, 5]
    assert len((tmp_path / "looks.jsonl").read_text().splitlines()) == 3


def test_neither_a_cut_line_nor_a_home_that_cannot_be_written_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "looks.jsonl").write_text('{"experiment": "one", "at"\n')
    look = Look(1.0, 10, "ship")
    assert looked(tmp_path, "one", look) == [look]
    assert looked(tmp_path / "absent", "one", look) == [look]


@pytest.mark.parametrize(
    "line",
    [
        b"[]",
        b"3",
        b'{"at": 1.0}',
        b"\xff\xfe",
        b'{"experiment": "one", "at": "noon", "rows": 1, "said": "ship"}',
        b'{"experiment": "one", "at": 1.0, "rows": null, "said": "ship"}',
    ],
)
def test_a_line_that_is_no_look_is_passed_over(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "looks.jsonl").write_bytes(line + b"\n")
    first, second = Look(1.0, 10, "keep going"), Look(2.0, 20, "ship")
    assert looked(tmp_path, "one", first) == [first]
    assert looked(tmp_path, "one", second) == [first, second]


def test_a_home_that_can_only_be_read_still_tells_its_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look that could not be remembered is the last of this page, and unknown to the next."""
    first, second, third = (Look(float(at), at, "keep going") for at in (1, 2, 3))
    looked(tmp_path, "one", first)
    before = (tmp_path / "looks.jsonl").read_bytes()
    opened = Path.open

    def reading_only(path: Path, mode: str = "r", *more: Any, **others: Any) -> IO[Any]:
        if mode not in ("r", "rb"):
            raise OSError(errno.EROFS, "Read-only file system", str(path))
        return opened(path, mode, *more, **others)

    monkeypatch.setattr(Path, "open", reading_only)
    assert looked(tmp_path, "one", second) == [first, second]
    assert looked(tmp_path, "one", third) == [first, third]
    assert (tmp_path / "looks.jsonl").read_bytes() == before


def test_a_table_is_known_by_its_plan(home: Home) -> None:
    """One title over two plans is two experiments, and neither is the log's of that name."""
    first, second, other = Look(1.0, 10, "keep going"), Look(2.0, 20, "ship"), Look(3.0, 5, "don't")
    plans = [home.folder / "one.yaml", home.folder / "two.yaml"]
    assert looked_at_table("t", first, plans[0]) == [first]
    assert looked_at_table("t", other, plans[1]) == [other]
    assert looked(home.folder, "t", other) == [other]
    assert looked_at_table("t", second, home.folder / ".." / home.folder.name / "one.yaml") == [first, second]


def test_a_table_without_a_plan_is_known_by_nothing(home: Home) -> None:
    look = Look(1.0, 10, "ship")
    assert looked_at_table("t", look, None) == [look]
    assert not (home.folder / "looks.jsonl").exists()
