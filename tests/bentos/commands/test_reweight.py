"""`ballast experiment reweight`: what it prints can be pasted, and moves as few units as it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.assignment.arm_changes import diff
from experiments.config.check import parse
from tests.bentos.commands.running import mistake, run, said
from tests.experiments.files import edited

THIRD = "          - {name: third, weight: 0.25}\n        primary"
CHANGES = (
    ('"@champion", weight: 0.5', '"@champion", weight: 0.25'),
    ("        primary", THIRD),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Three variants: a quarter, a half, a quarter."""
    path = tmp_path / "live.yaml"
    path.write_text(edited(*CHANGES))
    return path


def test_units_move_as_few_as_it_says(file: Path) -> None:
    wanted = ("champion=0.45", "challenger=0.5", "third=0.05")
    found = said("experiment", "reweight", "challenger", *wanted, "--file", file)
    assert found["moved"] == pytest.approx(0.2)
    assert found["plain"] == pytest.approx(0.4)
    text = edited(*CHANGES)
    for arm, weight in (("champion", 0.25), ("challenger", 0.5), ("third", 0.25)):
        line = next(each for each in text.splitlines() if f"name: {arm}," in each)
        text = text.replace(line, line.replace(f"weight: {weight}", f"ranges: {found['ranges'][arm]}"))
    units = [(f"viewer-{n}", {"airport": "JFK"}) for n in range(4_000)]
    moved = diff(parse(edited(*CHANGES)), parse(text), units, 0.0).experiments[0].changed
    assert abs(moved / 4_000 - 0.2) < 4 * (0.2 * 0.8 / 4_000) ** 0.5
    shown = run("experiment", "reweight", "challenger", *wanted, "--file", file).stdout
    assert "20.0% of the units change arm or leave; with plain weights it would be 40.0%" in shown


def test_what_cannot_be_done_is_a_sentence(file: Path) -> None:
    asked = ("experiment", "reweight", "--file", file)
    assert "'other' splits no units in the file; those that do: challenger" in str(
        mistake(*asked, "other", "a=1")
    )
    assert "'third=2': must be ARM=SHARE" in str(mistake(*asked, "challenger", "third=2"))
    assert "must be one for each of champion, challenger, third" in str(
        mistake(*asked, "challenger", "third=1")
    )
