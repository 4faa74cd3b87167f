"""What decisions name is opened once, and what is gone is said of the decision that names it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bentos.home.state import Home
from bentos.offline.referenced import Referenced, exploration_under
from experiments.config.live import Exploration
from models.catalogue.catalogue import Catalogue


def test_what_a_decision_names_is_opened_once(copied: Home, explored: list[Any]) -> None:
    """Its version's declaration, its snapshot and how its live.yaml explores."""
    source = Referenced(copied)
    assert [source.refusal(row) for row in explored] == [None] * len(explored)
    declaration, catalogue, exploration = source.of(explored[0])
    assert declaration.name == "small"
    assert isinstance(catalogue, Catalogue)
    assert exploration == Exploration(share=0.4, salt="e-1")
    again = source.of(explored[0])
    assert again[0] is declaration
    assert again[1] is catalogue


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"scores": np.full(8, np.nan)}, "without scores: under a fallback"),
        ({"known_items": None}, "without outcomes"),
        ({"whole": False}, "with a reduced record"),
        ({"experiments": "gone"}, "whose live.yaml is gone"),
        ({"experiments": ""}, "whose live.yaml is gone"),
        ({"model": "small/9"}, "whose version is not here"),
        ({"model": "no version"}, "whose version is not here"),
        ({"snapshot": "gone"}, "whose catalogue snapshot is gone"),
        ({"fallback": "arm unavailable: @challenger"}, None),
    ],
)
def test_why_a_decision_cannot_be_exported(
    copied: Home, explored: list[Any], changes: dict[str, Any], reason: str | None
) -> None:
    """An answer that has scores is exported also where another arm was asked for."""
    assert Referenced(copied).refusal(explored[0]._replace(**changes)) == reason


def test_a_damaged_live_file_is_one_that_is_gone(copied: Home, explored: list[Any]) -> None:
    """Nobody knows how it explored; a live.yaml without exploration did not."""
    digest = explored[0].experiments
    assert exploration_under(copied, digest) == Exploration(share=0.4, salt="e-1")
    copied.compiled(digest).unlink()
    copied.compiled(digest).write_text("{")
    assert exploration_under(copied, digest) is None
    assert exploration_under(copied, "gone") is None
    assert exploration_under(copied, "") is None
