"""One correction, fitted anew on outcomes that had their time to come."""

from __future__ import annotations

from bentos.home.corrections import kept
from bentos.offline.correction_rows import Span, matured
from tests.bentos.corrected import Place


def test_immature_decisions_are_never_looked_at(place: Place) -> None:
    """Their outcomes may be there: only the punctual ones are."""
    place.live(range(150), 0.0, 9.0)
    place.refit()
    fitted = kept(place.home, "1")[-1].fitted
    last = float(place.rows().time.max())
    assert fitted.until == last - 6 * 3600
    seen = matured(place.home, "small", "1", Span(fitted.since, fitted.until, last)).rows
    assert seen.time.max() < fitted.until
    assert len(seen.time) == fitted.rows + fitted.judged.rows


def test_too_little_data_is_said_and_keeps_nothing(place: Place) -> None:
    place.live(range(20), 0.0, 9.0)
    assert "matured outcomes, and at least 300 are needed" in place.refit()
    assert kept(place.home) == []
