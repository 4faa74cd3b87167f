"""What gate, people and guard have said of the version that answered."""

from __future__ import annotations

import msgspec

from bentos.home.rulings import Ruling, Rulings
from bentos.home.state import Home
from bentos.home.stops import Cleared, Stop, Stops
from bentos.offline.explanation.judged import word_on_version
from models.gate.verdict import Check, Override, Result, Verdict
from monitoring.log.record import Decision


def test_a_version_that_nobody_judged_says_so(told: Home, record: Decision) -> None:
    found = word_on_version(told, record)
    assert (found.gate, found.sentence, found.override, found.stops) == (
        "",
        "no verdict is on record",
        "",
        [],
    )


def test_verdict_override_and_stops_are_told(told: Home, record: Decision) -> None:
    """Those of this version alone, with who let it serve and who cleared it."""
    check = Check("sign", Result.HOLD, "is the other way round")
    verdict = Verdict("small", "1", (check,), time=1.0, seconds=2.0)
    override = Override(by="ann", reason="looked at", until=2e9, made=1.0)
    Rulings.of(told).put(Ruling(created=0.0, verdict=verdict, override=override))
    stops = Stops.of(told)
    stop = Stop("version", "1", "order", "inverted since noon", "champion serves", 86400.0)
    stops.put(msgspec.structs.replace(stop, cleared=Cleared("bob", "was a test", 9e4)))
    stops.put(msgspec.structs.replace(stop, subject="2"))
    found = word_on_version(told, record)
    assert (found.gate, found.sentence) == ("hold", "hold: sign: is the other way round")
    assert "overridden by ann until 2033" in found.override
    (said,) = found.stops
    assert "stopped at 1970-01-02 00:00 UTC: order: inverted since noon" in said
    assert "bob cleared it: was a test" in said


def test_a_damaged_stop_is_said(told: Home, record: Decision) -> None:
    stops = Stops.of(told)
    stops.folder.mkdir(parents=True)
    (stops.folder / "1.json").write_text("{")
    (said,) = word_on_version(told, record).stops
    assert "1.json" in said
