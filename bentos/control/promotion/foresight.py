"""What will serve once a person has moved an alias or overridden a ruling: said before it is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from bentos.home.rulings import Ruling, Rulings
from bentos.home.state import Home, State, read_state
from bentos.home.stops import Stops


class Foresight(NamedTuple):
    """What a promotion leads to, as a sentence; `refused` where the version may not serve as things stand."""

    sentence: str
    refused: bool = False


def of_promotion(home: Home, version: str, alias: str, now: float) -> Foresight:
    """What serves as `alias` once it points at a version; `now` is in unix seconds."""
    stop = Stops.of(home).active("version").get(version)
    if stop is not None:
        end = f"`ballast guard clear {version}` ends that"
        return Foresight(f"version {version} will not serve: the guard stopped it: {stop.why}; {end}", True)
    state = read_state(home.state)
    place, ruling = _place(state, alias, version), standing(home, state, version)
    if ruling is None:
        serves = f"version {version} will serve {place} if it passes the gate, which has yet to judge it"
        return Foresight(f"{serves}; if not, the alias goes back")
    if ruling.serves(now):
        return Foresight(f"version {version} will serve {place}: {ruling.ground(now)}")
    said = f"the gate said {ruling.verdict.result.word}"
    end = f'`ballast override {version} --why "…"`, then `ballast promote {version}`, let it serve'
    return Foresight(f"version {version} will not serve: {said}; the alias {alias} stays. {end}", True)


def of_override(home: Home, version: str, aliases: Mapping[str, str]) -> str:
    """What serves once a version is overridden, where the registry has these aliases."""
    state = read_state(home.state)
    stop = Stops.of(home).active("version").get(version)
    if stop is not None:
        return f"version {version} stays out all the same: the guard stopped it: {stop.why}"
    named = [alias for alias, number in sorted(aliases.items()) if number == version]
    if named:
        places = " and ".join(_place(state, alias, version) for alias in named)
        return f"version {version} will serve at once {places}: the alias points at it already"
    return f"no alias points at version {version}: nothing else serves before `ballast promote {version}`"


def standing(home: Home, state: State | None, version: str) -> Ruling | None:
    """The ruling that holds for a version as things are; None where the gate has yet to judge it (again).

    That of a version that serves or has served holds; any other was made against the present champion.
    """
    ruling = Rulings.of(home).get(version)
    if ruling is None or state is None or not home.version(version).is_dir():
        return ruling
    if ruling.anew:
        return None
    known = {*state.versions.values(), *(each.version for each in state.previous)}
    return ruling if version in known or ruling.verdict.champion == state.champion else None


def _place(state: State | None, alias: str, version: str) -> str:
    """ "as champion instead of version 2"."""
    before = None if state is None else state.versions.get(f"@{alias}")
    return f"as {alias}" + (f" instead of version {before}" if before not in {None, version} else "")
