"""Sections: what their values mean. docs/ranker.md names every key, and its examples are files that train."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from models.declaration.declaration import read
from models.declaration.refusal import DeclarationError
from models.declaration.sections import (
    CalibrationLimit,
    CorrectionSection,
    DataSection,
    ExpectSection,
    FeaturesSection,
    GuardSection,
    RankerSection,
    Section,
)
from tests.models.small import declare

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


def test_times_without_a_zone_are_utc_and_others_are_turned_into_it() -> None:
    zone = timezone(timedelta(hours=2))
    found = DataSection.model_validate(
        {
            "source": "a",
            "label": "y",
            "from": datetime(2024, 1, 1),
            "until": datetime(2024, 2, 1, tzinfo=zone),
        }
    )
    assert found.from_ == datetime(2024, 1, 1, tzinfo=UTC)
    assert found.until == datetime(2024, 1, 31, 22, tzinfo=UTC)
    assert found.until.tzinfo is UTC


@pytest.mark.parametrize(("objective", "loss", "ranks"), [
    ("YetiRank:mode=NDCG", "YetiRank", True), ("RMSE", "RMSE", True), ("Logloss", "Logloss", False),
])  # fmt: skip
def test_an_objective_is_a_loss_and_its_parameters(objective: str, loss: str, ranks: bool) -> None:
    section = RankerSection(name="shop", objective=objective)
    assert (section.loss, section.ranks) == (loss, ranks)


def test_features_come_from_the_items_the_request_and_the_cross_function() -> None:
    section = FeaturesSection(
        numeric=("a", "b"), categorical=("c", "d"), context=("b", "d"), cross_names=("x",)
    )
    spec = section.spec
    assert (spec.item_numeric, spec.item_categorical) == (("a",), ("c",))
    assert (spec.context_numeric, spec.context_categorical) == (("b",), ("d",))
    assert (spec.cross_names, spec.names) == (("x",), ("a", "b", "c", "d", "x"))
    assert section.model_copy(update={"order": ("x", "a", "b", "c", "d")}).spec.names[0] == "x"


@pytest.mark.parametrize(
    ("fallback", "feature"), [("as given", None), ("price", "price"), ("-price", "price"), ("--x", "-x")]
)
def test_a_fallback_orders_by_a_feature_or_leaves_the_order(fallback: str, feature: str | None) -> None:
    assert GuardSection(fallback=fallback).feature == feature


def test_durations_are_seconds_and_none_where_they_are_none() -> None:
    section = CorrectionSection(kind="additive", every="90s", window="weekly")
    assert section.seconds("every") == 90.0
    assert section.seconds("window") is None
    assert section.seconds("matured") is None


@pytest.mark.parametrize("limit", [0, 1.01, -0.1])
def test_a_calibration_limit_is_an_error_above_zero(limit: float) -> None:
    with pytest.raises(ValidationError, match="max_ece"):
        CalibrationLimit(max_ece=limit)


@pytest.mark.parametrize(
    ("key", "written", "meant"),
    [
        ("size", "20MB", 2e7),
        ("size", "1.5 kB", 1500.0),
        ("latency", "5ms", 5e-3),
        ("latency", "250us", 250e-6),
    ],
)
def test_budgets_have_units(key: Any, written: str, meant: float) -> None:
    assert ExpectSection(**{key: written}).budget(key) == pytest.approx(meant)
    assert ExpectSection().budget(key) is None


@pytest.mark.parametrize(
    ("key", "written"), [("size", "20"), ("size", "5ms"), ("latency", "fast"), ("latency", "1MB")]
)
def test_a_budget_without_its_unit_is_refused(key: str, written: str) -> None:
    with pytest.raises(ValidationError, match="is no number with one of the units"):
        ExpectSection(**{key: written})


def test_sections_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        RankerSection(name="shop").trees = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        (
            "fallback",
            '"prize"',
            "guard.fallback: 'prize' is neither \"as given\" nor a number of the items: price",
        ),
        ("fallback", '"-hour"', "guard.fallback: '-hour'"),
        ("matured_after", '"-1h"', "guard.matured_after: '-1h'"),
        ("share", "2", "guard.share: 2"),
        ("when_shared", '"stop"', "guard.when_shared: 'stop'"),
        ("slack", "1", "guard.slack: 'slack' is not a key here"),
    ],
)
def test_what_guard_declares_is_checked(tmp_path: Path, key: str, value: str, said: str) -> None:
    """By key, value and rule; a feature that is no number of the items by its name."""
    text = (declare(tmp_path / "declared").folder / "ranker.toml").read_text()
    path = tmp_path / "ranker.toml"
    path.write_text(f"{text}\n[guard]\n{key} = {value}\n")
    with pytest.raises(DeclarationError) as refused:
        read(path)
    assert said in str(refused.value)


@pytest.mark.parametrize("least", [0, 1, -0.1])
def test_a_lead_is_a_share(least: float) -> None:
    """Of NDCG or AUC, above a random order's: more than nothing and less than all."""
    assert ExpectSection(least=0.1).least == 0.1
    with pytest.raises(ValidationError):
        ExpectSection(least=least)


def test_special_values_are_found_by_name_before_glob() -> None:
    features = FeaturesSection(special={"bureau_*": (-7, -8), "bureau_age": (-1,), "x": (0,)})
    assert features.special_of("bureau_age") == (-1.0,)
    assert features.special_of("bureau_sum") == (-7.0, -8.0)
    assert features.special_of("income") == ()
