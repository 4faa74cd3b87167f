"""Which functions may be imported: those of the file that people keep, and none where it can't be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.declaration.functions import named_functions

MODULES = '[features]\ncross = "a:f"\ncross_before = ["b:g", "c:h"]\n'


def test_the_present_one_and_those_before_it_are_named(tmp_path: Path) -> None:
    (tmp_path / "ranker.toml").write_text(MODULES)
    assert named_functions(tmp_path / "ranker.toml") == {"a:f", "b:g", "c:h"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[features]",
        "features = 1",
        "[features]\ncross_before = 5",
        "[features]\ncross = 5",
        "not toml",
        "\xff",
    ],
)
def test_what_names_none_allows_none(tmp_path: Path, text: str) -> None:
    """A file that is damaged does not let anything in."""
    (tmp_path / "ranker.toml").write_text(text, encoding="latin-1")
    assert named_functions(tmp_path / "ranker.toml") == frozenset()
    assert named_functions(tmp_path / "nowhere.toml") == named_functions(None) == frozenset()
