"""What speaks for and against versions that serve or served: the gate's verdict, the reference, outcomes."""

from __future__ import annotations

from contextlib import suppress

from bentos.control.guard.guards import Guards
from bentos.control.guard.pair import Repute
from bentos.control.guard.quantities import ORDER
from bentos.control.guard.watched_version import shows_lead
from bentos.home.rulings import Rulings
from bentos.home.state import Home
from models.gate.verdict import Result
from monitoring.errors import UserError


class Reputes:
    """Reads what is known of a version; the lead of a package that is not watched is read once."""

    def __init__(self, home: Home, guards: Guards) -> None:
        self._home, self._guards = home, guards
        self._leads: dict[str, bool] = {}

    def of(self, version: str) -> Repute:
        """What is known of a version now; of a package that can't be read, nothing speaks against it."""
        ruling = Rulings.of(self._home).get(version)
        passed = ruling is None or ruling.verdict.result is Result.PASS
        return Repute(version, passed, self._lead(version), self._guards.evidence(version, ORDER))

    def _lead(self, version: str) -> bool:
        watched = self._guards.versions.get(version)
        if watched is not None:
            return watched.leads
        if version not in self._leads:
            with suppress(OSError, UserError):  # it can't be compared then, and that is said
                self._leads[version] = shows_lead(self._home.version(version))
        return self._leads.get(version, True)
