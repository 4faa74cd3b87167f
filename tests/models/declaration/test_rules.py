"""The rules between keys: each broken one has its sentence, and what waits for the table is let through."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from models.declaration.declaration import DeclarationError, read
from models.declaration.rules import RESERVED, broken, check
from models.declaration.sections import Sections
from tests.models.tables import DECLARED

NAMED = 'expect = { calibration = { max_ece = 0.1 } }\n[ranker]\nobjective = "QueryRMSE"'

REFUSED = [
    ("trees = 20", 'objective = "Ranky"', "ranker.objective: 'Ranky' is not a ranking or two-class loss"),
    ("trees = 20", 'objective = "MultiClass"', "ranker.objective: 'MultiClass' is not a ranking"),
    ("trees = 20", "params = { depth = 9 }", "ranker.params.depth: 9 has a key of its own in [ranker]"),
    ("[ranker]", NAMED, "expect.calibration: 'QueryRMSE'"),
    ('time = "at"', 'from = "2024-01-01"', "data.time: is missing: from and until are bounds on it"),
    ('time = "at"', 'time = "at"\nfrom = 2024-02-01\nuntil = 2024-01-01', "data.until: '2024-01-01T00:00"),
    ('"price", "age"', '"price", "price"', "features: 'price' is declared twice"),
    ('"price", "age"', '"price", "stars"', "data.label: 'stars' is also a feature"),
    ('"price", "age"', '"price", "score"', "features: 'score' is a name that the reference"),
    ('context = ["load"]', 'context = ["lood"]', "features.context: 'lood' is not among numeric"),
    ('context = ["load"]', 'cross = "m:f"', "features.cross_names: [] must name what"),
    ('"*" = "0h"', 'price = "0h"', "features.available_at: 'age' has no entry: say when"),
    ('"*" = "0h"', '"*" = "0h", age = "+2h"', "features.available_at: 'age' is available at +2h"),
    ("[features]", "[expect]\nsign={prise='+'}\n[features]", "expect.sign: 'prise' is not a feature"),
    ('label = "stars"', 'label = "stars"\nlabel_time = "age"', "data.label_time: 'age' is also a feature"),
    ('label = "stars"', 'label = "stars"\nweight = "age"', "data.weight: 'age' is also a feature: a weight"),
    ("[features]", '[features]\ncross = "m.f"\ncross_names = ["x"]', "features.cross: 'm.f' must read"),
    ("[features]", '[features]\norder = ["price", "x"]', "features.order: 'age' is missing: the order names"),
    ("[features]", "[features]\nspecial = { prise = [-9] }", "features.special: 'prise' is no numeric"),
    ("[features]", "[features]\nspecial = { price = [] }", "features.special: 'price' must be a list"),
    ("[features]", "[features]\nspecial = { price = [nan] }", "features.special: 'price' must be a list of"),
    ("[features]", "[guard]\nfallback='-cost'\n[features]", "guard.fallback: '-cost' is neither"),
    ("[features]", "[guard]\nfallback='load'\n[features]", "guard.fallback: 'load' is neither"),
    ("[features]", "[guard]\nmatured_after='-1h'\n[features]", "guard.matured_after: '-1h' is no time after"),
    (DECLARED[DECLARED.index("numeric =") : DECLARED.index("available_at")], "", "features: is empty"),
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


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ('kind = "additive"', "correction.matured: is missing: say how long outcomes take to come"),
        ('kind = "additive"\nmatured = "0h"', "correction.matured: '0h' is not a duration"),
        ('kind = "additive"\nmatured = "6h"\nevery = "daily"', "correction.every: 'daily' is not a duration"),
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


def sections(**features: Any) -> Sections:
    """A small declaration's sections, with keys of [features]."""
    return Sections.model_validate(
        {
            "ranker": {"name": "shop"},
            "data": {"source": "shop.csv", "label": "stars", "group": "query"},
            "features": {"numeric": ["price"], "available_at": {"*": "0h"}} | features,
        }
    )


def test_sections_that_keep_every_rule_are_let_through() -> None:
    assert list(broken(sections())) == []
    check(sections(), "shop.toml")


def test_every_broken_rule_is_found_and_the_first_is_raised() -> None:
    wrong = sections(numeric=["price", "stars", "score"], available_at={"price": "+1h", "s*": "0h"})
    found = [(key, value) for key, value, _ in broken(wrong)]
    assert found == [("features", "score"), ("data.label", "stars"), ("features.available_at", "price")]
    with pytest.raises(DeclarationError, match=r"^shop\.toml: features: 'score' is a name that"):
        check(wrong, "shop.toml")


@pytest.mark.parametrize("name", RESERVED)
def test_the_reference_windows_own_columns_are_no_features(name: str) -> None:
    assert [value for _, value, _ in broken(sections(numeric=[name]))] == [name]


def test_names_wait_while_a_glob_stands_for_columns_of_the_table() -> None:
    """The context, a sign, a fallback may be one of those that the glob will match."""
    open_ = sections(numeric=["f*"], context=["f7"], available_at={})
    raw = open_.model_dump() | {"expect": {"sign": {"f3": "+"}}, "guard": {"fallback": "-f2"}}
    assert list(broken(Sections.model_validate(raw))) == []
    closed = raw | {"features": raw["features"] | {"numeric": ["f1"], "available_at": {"f1": "0h"}}}
    found = [(key, value) for key, value, _ in broken(Sections.model_validate(closed))]
    assert found == [("features.context", "f7"), ("expect.sign", "f3"), ("guard.fallback", "-f2")]


def test_availability_in_a_column_needs_the_decisions_time() -> None:
    wrong = sections(available_at={"price": "sold_at"})
    [(key, value, rule)] = broken(wrong)
    assert (key, value) == ("features.available_at", "price")
    assert rule == "is available at column 'sold_at', which needs data.time to be compared with"
    raw = wrong.model_dump()
    assert list(broken(Sections.model_validate(raw | {"data": raw["data"] | {"time": "at"}}))) == []


def test_an_objective_that_is_named_needs_its_groups_and_one_that_is_not_waits(tmp_path: Path) -> None:
    """Without one, the model may be trained elsewhere and bring its own: training one asks again."""
    text = DECLARED.replace('group = "query"\n', "")
    path = tmp_path / "shop.toml"
    path.write_text(text.replace('name = "shop"', 'name = "shop"\nobjective = "QueryRMSE"'))
    with pytest.raises(DeclarationError) as refused:
        read(path)
    sentence = "shop.toml: data.group: is missing: QueryRMSE orders the rows of a group"
    assert str(refused.value).startswith(sentence)
    path.write_text(text)
    assert not read(path).ranks
    with pytest.raises(DeclarationError, match=r"data\.group: is missing"):
        read(path).with_ranker(objective="QueryRMSE")
