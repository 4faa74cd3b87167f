"""A person strikes a window of the log from evidence, or restores it: what rested on it is judged anew.

The Steward sees the changed file, and counts outcomes anew without what was struck.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

from bentos.home import corrections
from bentos.home.journal import Event, append
from bentos.home.lock import exclusive
from bentos.home.rulings import Rulings
from bentos.home.state import Home
from bentos.home.stops import Stops
from monitoring.log import struck
from monitoring.log.struck import StruckError, StruckWindow

LABELLED = frozenset({"order against outcomes", "scores too low", "scores too high"})
"""Quantities that rest on outcomes; names as stops have them."""


class JudgedAnew(NamedTuple):
    """What rested on a window: stops that end, versions that are judged again, corrections taken back."""

    released: tuple[str, ...]
    versions: tuple[str, ...]
    corrections: tuple[str, ...]


def strike(home: Home, window: StruckWindow) -> JudgedAnew:
    """Strike a window; what was suspected of it is decided. Raises StruckError for one that means nothing."""
    if not window.why.strip() or not window.by.strip():
        raise StruckError(
            "evidence strike: it needs a reason (--why), and the name of who answers for it (--by)"
        )
    if window.until is not None and window.until <= window.since:
        raise StruckError(f"evidence strike: --to {window.until:.0f} is not after --from {window.since:.0f}")
    with exclusive(home.log):
        every = struck.read(home.log, suspected=True)
        kept = [each for each in every if not each.suspected or (window.until or inf) <= each.since]
        struck.write(home.log, [*kept, window])
    return _judge_anew(home, window, Event.EVIDENCE_STRUCK, window)


def restore(home: Home, number: int, by: str, why: str, now: float) -> JudgedAnew:
    """Take a strike back, by its number from 1 as they are listed. Raises StruckError for another number."""
    if not why.strip() or not by.strip():
        raise StruckError(
            "evidence unstrike: it needs a reason (--why), and the name of who answers for it (--by)"
        )
    with exclusive(home.log):
        every = struck.read(home.log, suspected=True)
        known = [each for each in every if not each.suspected]
        if not 1 <= number <= len(known):
            raise StruckError(
                f"evidence unstrike: {number}: there are {len(known)} struck windows: ballast evidence"
            )
        gone = known[number - 1]
        struck.write(home.log, [each for each in every if each is not gone])
    word = StruckWindow(gone.since, gone.until, why, by, now)
    return _judge_anew(home, gone, Event.EVIDENCE_RESTORED, word)


def follow(home: Home, windows: Sequence[StruckWindow], host: str, now: float) -> None:
    """Strike and restore until the windows are those of `host`, which leads: what rests on them here, too.

    Raises StruckError for what is no window.
    """
    for window in windows:
        if window not in struck.read(home.log):
            strike(home, window)
    for window in struck.read(home.log):
        if window not in windows:
            number = struck.read(home.log).index(window) + 1
            restore(home, number, host, "it is evidence on the host that leads", now)


def _judge_anew(home: Home, window: StruckWindow, event: Event, word: StruckWindow) -> JudgedAnew:
    found = JudgedAnew(
        tuple(_release(home, window)),
        tuple(Rulings.of(home).judge_anew()),
        tuple(_take_back(home, window, word)),
    )
    facts = {"since": window.since, "until": window.until} | found._asdict()
    append(home, event, f"{word.by}: {word.why}", word.made, facts)
    return found


def _release(home: Home, window: StruckWindow) -> list[str]:
    """End stops that rest on outcomes of the window; where it is the version's fault, others will tell."""
    stops = Stops.of(home)
    found = [
        each.subject
        for each in stops.all()
        if each.cleared is None
        and {*each.quantity.split(", ")} & LABELLED
        and (window.until is None or each.since < window.until)
    ]
    for subject in found:
        stops.drop(subject)
    return found


def _take_back(home: Home, window: StruckWindow, word: StruckWindow) -> list[str]:
    """Take back corrections that serve and were fitted or judged in the window."""
    found: list[str] = []
    serving = corrections.serving(corrections.kept(home))
    for version, each in serving.items():
        fitted = each.fitted
        if fitted.until > window.since and (window.until is None or fitted.since < window.until):
            found.append(corrections.drop(home, version, word.by, word.why, word.made).digest)
    return found
