"""ranker.toml: what is read, and the sentence for each thing that is wrong with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.declaration import availability
from models.declaration.declaration import Declaration, DeclarationError, read
from tests.models.tables import DECLARED

REFUSED = [
    ('name = "shop"', "", "ranker.name: None is missing"),
    ("trees = 20", "tress = 20", "ranker.tress: 'tress' is not a key here; did you mean 'trees'?"),
    ("trees = 20", "trees = 0", "ranker.trees: 0 breaks the rule: input should be greater"),
    ("trees = 20", 'objective = "Ranky"', "ranker.objective: 'Ranky' is not a ranking or two-class loss"),
    ("trees = 20", 'objective = "MultiClass"', "ranker.objective: 'MultiClass' is not a ranking"),
    ("trees = 20", "params = { depth = 9 }", "ranker.params.depth: 9 has a key of its own in [ranker]"),
    ('group = "query"', "", "data.group: None is missing: QueryRMSE orders the rows of a group"),
    ('time = "at"', 'from = "2024-01-01"', "data.time: None is missing: from and until are bounds on it"),
    ('time = "at"', 'time = "at"\nfrom = 2024-02-01\nuntil = 2024-01-01', "data.until: '2024-01-01T00:00"),
    ('slices = ["country"]', "test_share = 1.5", "data.test_share: 1.5 breaks the rule: input should"),
    ('"price", "age"', '"price", "price"', "features: 'price' is declared twice"),
    ('"price", "age"', '"price", "stars"', "data.label: 'stars' is also a feature"),
    ('"price", "age"', '"price", "score"', "features: 'score' is a name that the reference"),
    ('context = ["load"]', 'context = ["lood"]', "features.context: 'lood' is not among numeric"),
    ('context = ["load"]', 'cross = "m:f"', "features.cross_names: [] must name what"),
    ('"*" = "0h"', 'price = "0h"', "features.available_at: 'age' has no entry: say when"),
    ('"*" = "0h"', '"*" = "0h", age = "+2h"', "features.available_at: 'age' is available at +2h"),
    ("[features]", "[expect]\nsign={prise='+'}\n[features]", "expect.sign: 'prise' is not a feature"),
    ("[features]", "[expect]\ncalibration={max_ece=0.1}\n[features]", "expect.calibration: 'QueryRMSE'"),
    ("depth = 3", "depth 3", "file: 'shop.toml' is not TOML: Expected '=' after a key"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "instead", "sentence"), REFUSED)
def test_what_is_wrong_is_named_by_file_key_value_and_rule(
    tmp_path: Path, line: str, instead: str, sentence: str
) -> None:
    assert line in DECLARED
    path = tmp_path / "shop.toml"
    path.write_text(DECLARED.replace(line, instead, 1))
    with pytest.raises(DeclarationError) as refused:
        read(path)
    assert str(refused.value).startswith(f"shop.toml: {sentence}")


def test_a_syntax_error_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text('[ranker]\nname = "a"\ntrees 3\n')
    with pytest.raises(DeclarationError, match=r"at line 3, column 7"):
        read(tmp_path / "shop.toml")


def test_a_declaration_survives_json_and_its_digest_follows_its_content(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(DECLARED)
    found = read(tmp_path / "shop.toml")
    again = Declaration.from_json(found.to_json())
    assert again.to_json() == found.to_json()
    assert again.digest == found.digest
    assert found.with_ranker(depth=4).digest != found.digest
    assert found.with_ranker(depth=3).digest == found.digest


def test_overrides_are_checked_like_the_file(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(DECLARED)
    found = read(tmp_path / "shop.toml")
    with pytest.raises(DeclarationError, match=r"shop\.toml: ranker\.depth: 17 breaks the rule"):
        found.with_ranker(depth=17)
    assert found.with_data(test_share=0.5).data.test_share == 0.5


def test_globs_take_the_tables_columns_in_its_order_and_never_the_label(tmp_path: Path) -> None:
    text = DECLARED.replace('"price", "age", "load"', '"*"').replace('categorical = ["country"]', "")
    (tmp_path / "shop.toml").write_text(text)
    found = read(tmp_path / "shop.toml").resolve(["f2", "stars", "f1", "load"])
    assert found.numeric == ("f2", "f1", "load")
    assert found.spec.item_numeric == ("f2", "f1")
    assert found.spec.context_numeric == ("load",)


def test_the_models_order_is_numeric_categorical_cross(tmp_path: Path) -> None:
    text = DECLARED.replace("[features]", '[features]\ncross = "m:f"\ncross_names = ["x"]')
    (tmp_path / "shop.toml").write_text(text)
    found = read(tmp_path / "shop.toml")
    assert found.feature_names == ("price", "age", "load", "country", "x")
    assert found.spec.names == found.feature_names


def test_an_exact_entry_beats_a_glob_and_a_longer_glob_a_shorter() -> None:
    entries = {"*": "0h", "late_*": "-1h", "late_today": "-2h"}
    assert [availability.entry(entries, name) for name in ("late_today", "late_x", "other")] == [
        "-2h",
        "-1h",
        "0h",
    ]


@given(st.integers(0, 10_000), st.sampled_from("smhd"), st.sampled_from(["", "+", "-"]))
def test_offsets_are_seconds(amount: int, unit: str, sign: str) -> None:
    seconds = amount * availability.SECONDS[unit]
    assert availability.offset_seconds(f"{sign}{amount}{unit}") == (-seconds if sign == "-" else seconds)


@pytest.mark.parametrize("text", ["", "h", "1", "1w", "1 h", "--1h", "departed_at"])
def test_what_is_no_offset_is_a_column(text: str) -> None:
    assert availability.offset_seconds(text) is None


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ('kind = "platt"', "correction.kind: 'platt' breaks the rule"),
        ('kind = "additive"', "correction.matured: None is missing: say how long outcomes take to come"),
        ('kind = "additive"\nmatured = "0h"', "correction.matured: '0h' is not a duration"),
        ('kind = "additive"\nmatured = "6h"\nevery = "daily"', "correction.every: 'daily' is not a duration"),
        (
            'kind = "additive"\nmatured = "6h"\nwindows = "7d"',
            "'windows' is not a key here; did you mean 'window'",
        ),
        ('kind = "additive"\nmatured = "6h"\nleast = 5', "correction.least: 5 breaks the rule"),
    ],
)
def test_a_correction_is_checked(section: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "ranker.toml"
    text = (Path(__file__).parents[2] / "rankers" / "german.toml").read_text()
    file.write_text(f"{text}\n[correction]\n{section}\n")
    with pytest.raises(DeclarationError, match=re.escape(message)):
        read(file)


def test_a_correction_is_of_probabilities(tmp_path: Path) -> None:
    file = tmp_path / "ranker.toml"
    text = (Path(__file__).parents[3] / "models" / "ranker.toml").read_text()
    file.write_text(f'{text}\n[correction]\nkind = "isotonic"\n')
    message = "correction.kind: 'isotonic' corrects probabilities, and QueryRMSE gives none"
    with pytest.raises(DeclarationError, match=re.escape(message)):
        read(file)
