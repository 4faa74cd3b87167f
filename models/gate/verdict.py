"""What the gate says: checks, each with figure, limit and where the limit comes from; the worst wins."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import msgspec

SHARE = "share"


class Result(IntEnum):
    """Ordered by severity. `hold` is "too little to say" or "a person should look"; `reject` is "wrong"."""

    PASS = 0
    HOLD = 1
    REJECT = 2

    @property
    def word(self) -> str:
        """As tags, pages and commands write it."""
        return self.name.lower()


class Check(msgspec.Struct, frozen=True, rename={"result": "outcome"}):
    """One check's finding.

    `figure` is what was measured and `limit` what it was compared with, both in `unit`, as the sentence has
    them; either may be None where a check has nothing to count. `source` says where the limit comes from.
    The unit SHARE is of 1, and shown in percent; "" is a number without a unit.
    """

    name: str
    result: Result
    sentence: str
    figure: float | None = None
    limit: float | None = None
    source: str = ""
    unit: str = ""

    def shown(self, value: float | None) -> str:
        """The figure or the limit, with the unit.

        >>> Check("size", Result.HOLD, "21.3 MB, expected at most 20 MB", 21.3, 20, unit="MB").shown(21.3)
        '21.3 MB'
        """
        if value is None:
            return ""
        return f"{value:.1%}" if self.unit == SHARE else f"{value:.4g} {self.unit}".rstrip()

    def to_builtins(self) -> dict[str, Any]:
        """For JSON: the result as a word; JSON calls it "outcome"."""
        return dict(msgspec.to_builtins(self), outcome=self.result.word)


class Override(msgspec.Struct, frozen=True):
    """A named person lets a held or rejected version serve until `until` (unix seconds), for a reason."""

    by: str
    reason: str
    made: float
    until: float


class Verdict(msgspec.Struct, frozen=True):
    """The gate's word on one version: `time` in unix seconds, `seconds` that it took.

    `basis` says what a pass rests on and what the data could not have shown, `lines` what people may paste
    into `ranker.toml` and its golden pairs, once they have looked at it. `left_out` says which outcomes it
    does not rest on, and why.
    """

    ranker: str
    version: str
    checks: tuple[Check, ...]
    time: float
    seconds: float
    champion: str | None = None
    basis: str = ""
    lines: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def result(self) -> Result:
        """The worst of its checks."""
        return max((check.result for check in self.checks), default=Result.REJECT)

    @property
    def reasons(self) -> str:
        """What was not passed, the worst first, a line each; else what the pass rests on, and what passed.

        Then which outcomes are left out.
        """
        bad = sorted((each for each in self.checks if each.result), key=lambda each: -each.result)
        found = [f"{check.result.word}: {check.name}: {check.sentence}" for check in bad] or self._passed()
        return "\n".join([*found, *self.left_out])

    def _passed(self) -> list[str]:
        passed = ", ".join(check.name for check in self.checks)
        return [f"pass: {self.basis}", f"passed: {passed}"] if self.basis else [f"pass: {passed}"]

    def to_builtins(self) -> dict[str, Any]:
        """For JSON: the result ("outcome") with its reasons first, then every check."""
        checks = [check.to_builtins() for check in self.checks]
        rest = dict(msgspec.to_builtins(self), checks=checks)
        return {"outcome": self.result.word, "reasons": self.reasons, **rest}
