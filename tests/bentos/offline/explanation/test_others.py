"""What the other arms would have answered, by the versions that they had then."""

from __future__ import annotations

import shutil

import numpy as np

from bentos.home.journal import Event, append
from bentos.home.live_files import live_under
from bentos.home.state import Home
from bentos.offline.explanation.others import other_orders
from bentos.offline.rescoring import on_snapshots
from monitoring.log.record import Decision


def test_the_other_arm_orders_the_same_candidates(told: Home, record: Decision) -> None:
    """By its own scores, best first, and no more than are asked for."""
    (other,) = other_orders(told, record, live_under(told, record.experiments), 3)
    assert (other.variant, other.model, other.why_not) == ("other", "small/2", "")
    version = on_snapshots(told, told.version("2"))(record.snapshot)
    scores = version.score(version.catalogue.rows(record.candidates), record.context)
    best = np.argsort(-scores, kind="stable")[:3]
    assert other.items == [record.candidates[at] for at in best]


def test_aliases_are_those_of_that_time(told: Home, record: Decision) -> None:
    """A later promotion changes nothing about an earlier answer."""
    later = {"reference": "@challenger", "version": "7", "epoch": record.epoch + 1}
    append(told, Event.PROMOTED, "passed the gate", 1.0, later)
    (other,) = other_orders(told, record, live_under(told, record.experiments), 3)
    assert other.model == "small/2"
    gone = {"reference": "@challenger", "before": "2", "epoch": record.epoch}
    append(told, Event.WITHDRAWN, "is gone", 2.0, gone)
    (other,) = other_orders(told, record, live_under(told, record.experiments), 3)
    assert (other.items, other.why_not) == ([], "no version had that name then")


def test_a_package_that_is_gone_is_said(told: Home, record: Decision) -> None:
    path = told.folder / "versions" / "2"
    path.unlink() if path.is_symlink() else shutil.rmtree(path)
    (other,) = other_orders(told, record, live_under(told, record.experiments), 3)
    assert other.items == []
    assert "model.cb" in other.why_not
    assert other_orders(told, record, None, 3) == []
