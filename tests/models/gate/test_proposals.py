"""Lines to paste: what the table and the version say, for a person to look at."""

from __future__ import annotations

import tomllib
from pathlib import Path

from models.gate.golden import golden, read_pairs
from models.gate.proposals import clear_directions, proposals
from models.gate.verdict import Result
from tests.faults.shop import Shop
from tests.models.gate.subjects import subject, with_expect


def test_the_lines_can_be_pasted(shop: Shop, version: Path, tmp_path: Path) -> None:
    """As TOML and as a csv of ten pairs, which the gate then finds in the right order."""
    bare = subject(shop, version, champion=None, declaration=with_expect(shop, tmp_path, ""))
    lines = proposals(bare)
    start = next(place for place, line in enumerate(lines) if line.startswith("better,worse"))
    expect = tomllib.loads("\n".join(lines[:start]))["expect"]
    assert expect["sign"].items() >= clear_directions(bare).items()
    assert expect["golden"] == "golden.csv"
    (tmp_path / "golden.csv").write_text("\n".join(lines[start:]))
    assert len(read_pairs(tmp_path / "golden.csv")) == 10
    pasted = tmp_path / "pasted"
    pasted.mkdir()
    text = "\n".join(line for line in lines[1:start])
    again = subject(
        shop,
        version,
        champion=None,
        declaration=with_expect(shop, pasted, text, golden="\n".join(lines[start:])),
    )
    (found,) = golden(again)
    assert found.result is Result.PASS, found
    assert proposals(again) == ()


def test_a_pair_says_in_what_it_differs(shop: Shop, version: Path, tmp_path: Path) -> None:
    """A person knows what is better, not ids."""
    bare = subject(shop, version, champion=None, declaration=with_expect(shop, tmp_path, ""))
    pair = proposals(bare)[-1]
    assert " against " in pair


def test_one_part_is_enough_where_the_other_is_declared(shop: Shop, version: Path) -> None:
    """A declaration with a sign gets pairs only."""
    lines = proposals(subject(shop, version, champion=None))
    assert lines[:2] == ("[expect]", 'golden = "golden.csv"')
