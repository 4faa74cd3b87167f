"""docs/ranker.md names every key, with its default, and its examples are files that train."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.declaration.sections import (
    CorrectionSection,
    DataSection,
    ExpectSection,
    FeaturesSection,
    RankerSection,
    Section,
)

ROOT = Path(__file__).parents[3]
DOCS = (ROOT / "docs" / "ranker.md").read_text(encoding="utf-8")
SECTIONS: dict[str, type[Section]] = {
    "ranker": RankerSection,
    "data": DataSection,
    "features": FeaturesSection,
    "expect": ExpectSection,
    "correction": CorrectionSection,
}


@pytest.mark.parametrize("name", SECTIONS)
def test_every_key_has_its_row_and_no_row_is_without_a_key(name: str) -> None:
    part = DOCS.split(f"## [{name}]")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    written = {word.strip(" `") for cell in cells for word in cell.split(",")}
    assert written == {field.alias or key for key, field in SECTIONS[name].model_fields.items()}


def test_numeric_defaults_are_the_codes() -> None:
    fields = RankerSection.model_fields | {"test_share": DataSection.model_fields["test_share"]}
    for key in ("trees", "depth", "learning_rate", "seed", "test_share"):
        assert f"| `{key}` | {fields[key].default} |" in DOCS


@pytest.mark.parametrize("name", ["ltr", "german"])
def test_the_examples_are_the_tested_files(name: str) -> None:
    text = (ROOT / "tests" / "rankers" / f"{name}.toml").read_text(encoding="utf-8")
    assert f"```toml\n{text}```" in DOCS
