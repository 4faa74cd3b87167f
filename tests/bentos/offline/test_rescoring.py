"""Decisions scored again come out bit for bit, and what does not is seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bentos.home.corrections import CorrectionUnreadable
from bentos.home.state import Home
from bentos.offline.rescoring import Rescorer, Uncorrected, candidates_of, logged, on_snapshots
from models.catalogue.catalogue import CatalogueError
from models.features import ContextError


@pytest.fixture
def row(explored: list[Any]) -> Any:
    """A decision of version 1."""
    return next(each for each in explored if each.model == "small/1")


def test_every_score_comes_out_again(copied: Home, explored: list[Any]) -> None:
    """By the version that served; the other version's scores are others."""
    own, other = Rescorer(copied, copied.version("1")), Rescorer(copied, copied.version("2"))
    rows = [row for row in explored if row.model == "small/1"][:50]
    for row in rows:
        again = own.score(logged(row))
        assert again.same
        assert again.known == 8
        assert again.raw.tolist() == list(row.scores)
        assert not other.score(logged(row)).same


def test_the_last_bit_of_one_score_counts(copied: Home, row: Any) -> None:
    """A record whose score is the next number up was not made by this package."""
    scores = np.array(row.scores)
    scores[3] = np.nextafter(scores[3], np.inf)
    assert not Rescorer(copied, copied.version("1")).score(logged(row._replace(scores=scores))).same


def test_an_unknown_candidate_has_no_score(copied: Home, row: Any) -> None:
    """It stands at the end as the record has it, and does not count as known."""
    longer = row._replace(
        candidates=[*row.candidates, "nowhere"],
        slate=np.append(row.slate, 8),
        scores=np.append(row.scores, np.nan),
    )
    again = Rescorer(copied, copied.version("1")).score(logged(longer))
    assert (again.known, again.same) == (8, True)
    assert np.isnan(again.raw).tolist() == [False] * 8 + [True]


def test_what_the_record_names_must_be_here(copied: Home, row: Any) -> None:
    """A correction that is gone makes nothing come out again; a snapshot or a context value is an error."""
    rescorer = Rescorer(copied, copied.version("1"))
    assert not rescorer.score(logged(row._replace(correction="0" * 64))).same
    with pytest.raises(CatalogueError):
        rescorer.score(logged(row._replace(snapshot="gone")))
    with pytest.raises(ContextError, match="hour"):
        rescorer.score(logged(row._replace(context='{"hour": "noon"}')))


def test_a_package_is_loaded_once_for_each_snapshot(copied: Home, row: Any) -> None:
    """Its engine scores rows of the catalogue; -1, an item that the catalogue lacks, has no score."""
    on = on_snapshots(copied, copied.version("1"))
    version = on(row.snapshot)
    assert on(row.snapshot) is version
    rows = version.catalogue.rows(candidates_of(row))
    scores = version.score(np.append(rows, -1), {"hour": 20, "not a feature": 3})
    assert np.isnan(scores[-1])
    assert scores[row.slate].tolist() == list(row.scores)


def test_ids_are_as_the_catalogue_has_them(row: Any) -> None:
    """The log has text for both kinds."""
    assert candidates_of(row._replace(integer_ids=True, candidates=["7", "-3"])) == [7, -3]
    assert candidates_of(row._replace(integer_ids=False, candidates=["7", "x"])) == ["7", "x"]


def test_without_a_correction_served_scores_are_the_models_own(copied: Home, row: Any) -> None:
    """Null stays missing; a correction that nobody has is an error."""
    own = Uncorrected(copied)
    assert own.of([0.5, 0.25], None) == [0.5, 0.25]
    assert np.isnan(own.of([None, 1.0], float("nan"))[0])  # type: ignore[list-item, arg-type]
    with pytest.raises(CorrectionUnreadable):
        own.of([0.5], "0" * 64)
