"""ranker.toml: what is read, and the sentence for each thing that is wrong with it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from models.declaration.declaration import Declaration, DeclarationError, read
from tests.models.tables import DECLARED

REFUSED = [
    ('name = "shop"', "", "ranker.name: is missing"),
    ("trees = 20", "tress = 20", "ranker.tress: 'tress' is not a key here; did you mean 'trees'?"),
    ("trees = 20", "trees = 0", "ranker.trees: 0 breaks the rule: input should be greater"),
    ('slices = ["country"]', "test_share = 1.5", "data.test_share: 1.5 breaks the rule: input should"),
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


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ('kind = "platt"', "correction.kind: 'platt' breaks the rule"),
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


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"^gone\.toml: file: .* cannot be read: No such file"):
        read(tmp_path / "gone.toml")
    (tmp_path / "shop.toml").write_bytes(b"\xff")
    with pytest.raises(DeclarationError, match=r"^shop\.toml: file: 'shop\.toml' is not TOML: 'utf-8' codec"):
        read(tmp_path / "shop.toml")


def test_json_that_is_no_declaration_is_named() -> None:
    with pytest.raises(DeclarationError, match=r"^declaration\.json: ranker: is missing"):
        Declaration.from_json('{"data": {"source": "a.csv", "label": "y"}, "features": {}}')


def test_a_glob_that_matches_nothing_is_refused_with_what_there_is(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(DECLARED.replace('"age"', '"age_*"'))
    found = read(tmp_path / "shop.toml")
    rule = "features.numeric: 'age_*' matches no column of shop.csv; it has price, load, country, stars"
    with pytest.raises(DeclarationError, match=re.escape(rule)):
        found.resolve(["price", "load", "country", "stars"])


def test_a_resolved_declaration_is_checked_again(tmp_path: Path) -> None:
    """A column that a glob takes needs an entry as any other."""
    text = DECLARED.replace('"price", "age", "load"', '"f*", "load"').replace('"*" = "0h"', '"[!g]*" = "0h"')
    text = text.replace('categorical = ["country"]', 'categorical = ["g*"]')
    (tmp_path / "shop.toml").write_text(text)
    with pytest.raises(DeclarationError, match=r"features\.available_at: 'g1' has no entry"):
        read(tmp_path / "shop.toml").resolve(["f1", "load", "g1"])


def test_whoever_only_reads_declarations_loads_no_slow_library() -> None:
    """A command that only shows what a ranker is declared to be starts at once."""
    script = "import sys, models.declaration.declaration; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    slow = {"pandas", "numba", "catboost", "pyarrow", "scipy", "sklearn", "msgspec", "redis", "mlflow"}
    assert not slow & {name.partition(".")[0] for name in done.stdout.split()}
