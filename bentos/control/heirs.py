"""Who serves in the place of a version that may not, where nobody went wrong: the newest that passed."""

from __future__ import annotations

from collections.abc import Set

from bentos.home.rulings import Rulings
from bentos.home.state import Home, State
from models.gate.verdict import Result


def heirs(home: Home, state: State, gone: Set[str]) -> list[str]:
    """Of those that serve or have served as champion, the versions that passed the gate, newest first."""
    known = {*state.versions.values(), *(each.version for each in state.previous)} - gone
    rulings = {version: Rulings.of(home).get(version) for version in known}
    passed = [version for version, each in rulings.items() if each and each.verdict.result is Result.PASS]
    return sorted(passed, key=int, reverse=True)
