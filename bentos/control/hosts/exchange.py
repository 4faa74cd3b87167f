"""The files that a state names: into Redis from who leads, and from there to the other hosts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from bentos.control.hosts.judged_packages import JudgedPackages
from bentos.control.hosts.redis_state import Document, Shared
from bentos.home.rollouts import as_served
from bentos.home.state import Home, State, write_atomically
from bentos.home.struck_evidence import follow
from experiments.config.check import parse
from monitoring.log import struck
from monitoring.log.struck import StruckError, StruckWindow


@dataclass(frozen=True)
class Exchange:
    """One host's. `live` is its live.yaml."""

    home: Home
    live: Path
    shared: Shared
    packages: JudgedPackages

    def document(self, state: State) -> Document:
        """The state with the files that it came from.

        live.yaml and the rollouts are left out while they say something else than the state.
        """
        fitted = {digest: _text(self._correction(digest)) or "" for digest in state.corrections.values()}
        judged = self.packages.digests(state.versions.values())
        try:
            text = self.live.read_text(encoding="utf-8")
            rollouts = _text(self.home.rollouts)
            if as_served(self.home, parse(text)).digest == state.experiments:
                return Document(state, text, rollouts, fitted, self.struck(), judged)
        except (OSError, ValueError):
            pass  # it is gone, or no live.yaml at the moment
        return Document(state, corrections=fitted, struck=self.struck(), packages=judged)

    def struck(self) -> tuple[StruckWindow, ...] | None:
        """The windows that people have struck here; None where the file can't be read."""
        try:
            return struck.read(self.home.log)
        except StruckError:
            return None

    def follow_strikes(self, there: Document, host: str, now: float) -> None:
        """Have the windows struck here that are on `host`, which leads. Raises StruckError."""
        if there.struck is not None and there.struck != self.struck():
            follow(self.home, there.struck, host, now)

    def complete(self, there: Document) -> State:
        """Have everything that a state names here, packages, experiments, corrections; the state to serve.

        It names this host's own catalogue where the snapshot is not here. Raises SharedUnavailable,
        RegistryError or OSError for what can't be had.
        """
        state = there.state
        self.packages.have(state.versions.values(), there.packages)
        compiled = self.home.compiled(state.experiments)
        if state.experiments and not compiled.exists():
            write_atomically(compiled, self.shared.compiled(state.experiments))
        for digest, text in there.corrections.items():
            if text and not self._correction(digest).exists():
                write_atomically(self._correction(digest), text.encode())
        if (self.home.catalogue / state.snapshot).is_dir():
            return state
        own = self.home.current_catalogue.read_text().strip()
        return msgspec.structs.replace(state, snapshot=own, distrusted="")

    def replace_files(self, there: Document) -> None:
        """live.yaml and the rollouts as who leads has them, so that leading can pass to this host."""
        if there.live is not None and there.live != _text(self.live):
            write_atomically(self.live.resolve(), there.live.encode())
        if there.rollouts is not None and there.rollouts != _text(self.home.rollouts):
            write_atomically(self.home.rollouts, there.rollouts.encode())

    def _correction(self, digest: str) -> Path:
        return self.home.corrections / f"{digest}.json"


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return None
