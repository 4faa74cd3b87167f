"""The evidence about a version: read when it is asked for, and which windows it is compared on."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from models.gate.subject import PROBES, SPREAD, EvidenceError, read_json
from models.gate.window import score
from tests.faults.shop import Shop
from tests.models.gate.subjects import copied, logged, subject, with_evidence


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (None, "evaluation.json can't be read: No such file or directory"),
        ("{", "evaluation.json is not JSON: "),
        ("[]", "evaluation.json is not a JSON object"),
    ],
)
def test_evidence_that_is_none_is_named(tmp_path: Path, content: str | None, rule: str) -> None:
    """By the name of its file."""
    path = tmp_path / "evaluation.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(EvidenceError) as refused:
        read_json(path)
    assert str(refused.value).startswith(rule)


def test_a_version_is_compared_on_every_window(shop: Shop, version: Path, tmp_path: Path) -> None:
    """Its own, the table's and the log's; the champion's only where that is another one."""
    judged = subject(shop, version, log=logged(tmp_path / "log", shop, version))
    assert [(each.window.source, each.trusted) for each in judged.comparisons] == [
        (f"version {version.name}'s reference window", False),
        ("the declared table", True),
        ("recent decisions", True),
    ]
    assert judged.before is not None
    assert judged.before.before is None
    for each in judged.comparisons:
        assert each.champion is not None
        np.testing.assert_array_equal(
            each.champion, score(each.window, judged.before.engine, judged.before.catalogue)
        )
    other = dataclasses.replace(judged.before.reference, ids=judged.reference.ids[::-1])
    with_evidence(judged.before, reference=other)
    with_evidence(judged).__dict__.pop("comparisons")
    assert judged.comparisons[1].window.source == f"version {shop.champion.name}'s reference window"
    assert judged.comparisons[1].trusted


def test_a_first_version_is_compared_with_nobody(shop: Shop, version: Path) -> None:
    """On its own window alone where neither table nor log is at hand."""
    judged = subject(shop, version, champion=None, declaration=None)
    assert (judged.before, judged.table, judged.recent) == (None, None, None)
    (only,) = judged.comparisons
    assert only.champion is None
    assert judged.served is judged.declared
    assert judged.other_columns == {}


def test_only_items_that_both_know_are_compared(shop: Shop, version: Path) -> None:
    """An unknown item goes; a window without a known one is no comparison."""
    judged = subject(shop, version)
    whole = judged.reference
    with_evidence(judged, reference=dataclasses.replace(whole, ids=["nowhere", *whole.ids[1:]]), table=None)
    own = judged.comparisons[0]
    assert len(own.own) == len(whole.ids) - 1
    nobody = subject(shop, version, champion=None)
    with_evidence(nobody, reference=dataclasses.replace(whole, ids=["nowhere"] * len(whole.ids)), table=None)
    assert nobody.comparisons == []


def test_a_window_without_the_context_does_not_suit(shop: Shop, version: Path) -> None:
    """A version that was trained with an hour is not judged without one, unless clients ask it so."""
    judged = subject(shop, version, champion=None)
    bare = dataclasses.replace(judged.reference, contexts=[{}] * judged.reference.requests)
    with_evidence(judged, reference=bare, table=None)
    assert judged.comparisons == []
    asked = subject(shop, version, champion=None)
    with_evidence(asked, reference=dataclasses.replace(bare, as_asked=True), table=None)
    assert len(asked.comparisons) == 1


def test_the_catalogue_is_scored_as_well(shop: Shop, version: Path) -> None:
    """Rows spread over all of it, without context."""
    judged = subject(shop, version)
    found = judged.scored["the catalogue, without context"]
    assert SPREAD * 0.9 < len(found) <= SPREAD
    assert len(judged.scored) == len(judged.comparisons) + 1


def test_probes_are_predicted_as_catboost_does(shop: Shop, version: Path) -> None:
    """Some rows of the reference window, features only, in the model's order."""
    judged = subject(shop, version)
    assert len(judged.probes) <= PROBES
    assert tuple(judged.probes) == tuple(judged.model.feature_names_)
    assert len(judged.predict(judged.probes)) == len(judged.probes)
    np.testing.assert_array_equal(judged.columns["price"][:3], judged.frame["price"][:3])
    assert judged.columns["shop"].dtype == object


def test_columns_to_be_held_to(shop: Shop, version: Path, tmp_path: Path) -> None:
    """The champion's, and those that were served lately, of items that are still known."""
    judged = subject(shop, version, log=logged(tmp_path / "log", shop, version))
    names = [f"version {shop.champion.name}'s reference window", "recent decisions"]
    assert list(judged.other_columns) == names
    assert judged.recent is not None
    assert len(judged.other_columns["recent decisions"]["price"]) == len(judged.recent.ids)


def test_a_make_up_that_is_not_told_is_none(shop: Shop, version: Path, tmp_path: Path) -> None:
    """Evaluations of earlier releases have none; neither has a package its sample."""
    folder = copied(version, tmp_path)
    judged = subject(shop, version, package=folder)
    assert judged.training is not None
    assert not judged.sample.empty
    (folder / "evaluation.json").write_text(json.dumps({"training": "unknown"}))
    (folder / "training.parquet").unlink()
    later = subject(shop, version, package=folder)
    assert later.training is None
    assert later.sample.empty
