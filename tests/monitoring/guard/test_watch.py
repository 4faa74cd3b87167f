"""One quantity under watch: what it goes on from, and what it shows."""

from __future__ import annotations

import json

import pytest

from monitoring.guard.quantity import Quantity
from monitoring.guard.watch import Watch

FALLBACK = Quantity("fallback", "seconds", 0.02, "none of 300 in the reference")


@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        (FALLBACK, 3),
        (Quantity("fallback", "seconds", 0.02, "none of 299 in the reference"), 3),
        (Quantity("fallback", "seconds", 0.03, "none of 200 in the reference"), 0),
        (Quantity("fallback", "seconds", 0.02, "none of 300 in the reference", against="3"), 0),
    ],
)
def test_evidence_against_one_limit_is_none_against_another(changed: Quantity, kept: int) -> None:
    """Wealth that was won against a lower limit would be too much against a higher one."""
    before, after = Watch(FALLBACK), Watch(changed)
    before.look([1.0, 0.0, 1.0])
    after.restore(json.loads(json.dumps(before.to_json())))
    assert after.evidence.observations == kept


def test_what_an_earlier_release_saved_goes_on() -> None:
    """It did not say against which limit."""
    before, after = Watch(FALLBACK), Watch(FALLBACK)
    before.look([1.0, 0.0, 1.0])
    after.restore(before.evidence.to_json())
    assert after.evidence.observations == 3


def test_a_watch_that_forgets_begins_anew() -> None:
    watch = Watch(FALLBACK)
    while not watch.look([1.0]):
        pass
    assert watch.trip("3", 7.0).time == 7.0
    watch.forget()
    assert (watch.report()["mean"], watch.report()["observations"]) == (None, 0)
