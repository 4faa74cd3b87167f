"""Arms are told with the shares they had, and drawn once more."""

from __future__ import annotations

import msgspec
import pytest

from bentos.home.live_files import live_under
from bentos.home.state import Home
from bentos.offline.explanation.assigned import explained_arms
from experiments.config.live import Live
from monitoring.log.record import Decision


@pytest.fixture
def live(told: Home, record: Decision) -> Live:
    return live_under(told, record.experiments)


def test_the_same_arm_is_drawn_again(live: Live, record: Decision) -> None:
    (arm,) = explained_arms(record, live)
    assert (arm.variant, arm.model, arm.again) == ("one", "@champion", True)
    assert arm.shares == pytest.approx({"one": 0.5, "other": 0.5}, abs=1e-3)


def test_a_record_that_was_changed_is_seen(live: Live, record: Decision) -> None:
    """Another unit, or an arm that this unit never had."""
    others = [msgspec.structs.replace(record, unit=f"somebody else {number}") for number in range(20)]
    assert all(arm.again is False for each in others for arm in explained_arms(each, live))
    arms = [msgspec.structs.replace(arm, variant="other") for arm in record.arms]  # type: ignore[type-var]
    assert [arm.again for arm in explained_arms(msgspec.structs.replace(record, arms=arms), live)] == [False]


def test_without_the_file_nothing_is_drawn(record: Decision) -> None:
    (arm,) = explained_arms(record, None)
    assert (arm.again, arm.shares, arm.variant) == (None, {}, "one")
