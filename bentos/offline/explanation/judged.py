"""What was said of the version that answered: by the gate, by who overrode it, by the guard."""

from __future__ import annotations

from bentos.home.rulings import Rulings
from bentos.home.state import Home, StateError
from bentos.home.stops import Stop, Stops
from bentos.offline.explanation.parts import VersionWord
from monitoring.dates import to_minute
from monitoring.log.record import Decision
from monitoring.log.version_name import VersionName


def word_on_version(home: Home, decision: Decision) -> VersionWord:
    """As it is on record now; a version may have been judged again since it answered."""
    number = VersionName.parse(decision.model).number
    ruling = Rulings.of(home).get(number)
    if ruling is None:
        return VersionWord(
            gate="", sentence="no verdict is on record", override="", stops=_stops(home, number)
        )
    return VersionWord(
        gate=ruling.verdict.result.word,
        sentence=ruling.verdict.reasons.splitlines()[0],
        override=ruling.override_line,
        stops=_stops(home, number),
    )


def _stops(home: Home, number: str) -> list[str]:
    try:
        found = [each for each in Stops.of(home).all() if each.subject == number]
    except StateError as error:
        return [str(error)]
    return [_said(each) for each in found]


def _said(stop: Stop) -> str:
    at = to_minute(stop.time)
    cleared = "" if stop.cleared is None else f"; {stop.cleared.by} cleared it: {stop.cleared.reason}"
    return f"stopped at {at}: {stop.why}{cleared}"
