"""Versions that a live.yaml names and this home has never heard of: said before it is live."""

from __future__ import annotations

from bentos.home.state import Home, read_state
from experiments.config.live import Live


def unknown_versions(home: Home, live: Live) -> list[str]:
    """A sentence for each. It may still be in MLflow: nobody is asked over a network.

    A home that knows no version at all (before the first start, or of a pipeline) says nothing.
    """
    known = _known(home)
    numbers = ", ".join(sorted(known, key=int))
    return [
        f"version {version} is not known here (known: {numbers}): unless MLflow has it and the gate "
        "passes it, every answer of its arms is in the fallback order"
        for version in live.models
        if known and not version.startswith("@") and version not in known
    ]


def _known(home: Home) -> set[str]:
    """Numbers of the versions that were downloaded, judged or served here."""
    state = read_state(home.state)
    served = set() if state is None else set(state.versions.values())
    judged = {path.stem for path in (home.folder / "gate").glob("*.json")}
    downloaded = {path.name for path in home.versions.glob("*")}
    return {version for version in served | judged | downloaded if version.isdecimal()}
