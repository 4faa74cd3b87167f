"""Rulings on disk: a version's verdict, kept so that it is not judged again, with or without MLflow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bentos.home.lock import exclusive
from bentos.home.state import Home, write_atomically
from bentos.home.steward_report import FailedCheck, OverrideReport, RulingReport
from models.gate.verdict import Override, Result, Verdict


class Ruling(msgspec.Struct, frozen=True):
    """A verdict on the version that MLflow made at `created` (unix seconds).

    The time tells it from a version of the same number in a registry that was emptied and filled again.
    `told` says whether MLflow has the verdict yet. `override` lets a version serve that did not pass.
    `anew`: evidence that it rests on was struck, so that the version is to be judged again.
    """

    created: float
    verdict: Verdict
    told: bool = False
    override: Override | None = None
    anew: bool = False

    def serves(self, now: float) -> bool:
        """Whether the version may serve: it passed, or a named person answers for it until a given time."""
        return self.verdict.result is Result.PASS or self.overridden(now)

    def overridden(self, now: float) -> bool:
        """Whether an override is in force."""
        return self.override is not None and now < self.override.until

    def ground(self, now: float) -> str:
        """Why the version may serve, as the journal has it; "" where it may not."""
        if self.verdict.result is Result.PASS:
            return "passed the gate"
        return (
            f"the gate said {self.verdict.result.word}; {self.override_line}" if self.overridden(now) else ""
        )

    def refusal(self, now: float) -> str:
        """Why the version may not serve, in one line: what did not pass, and an override that has ended."""
        reasons = self.verdict.reasons.replace("\n", "; ")
        if self.override is None or self.overridden(now):
            return reasons
        end = "" if self.override.until <= self.override.made else ", has ended"
        return f"{self.override_line}{end}; {reasons}"

    @property
    def override_line(self) -> str:
        """Who answers for it, until when and why, as MLflow's tag has it; "" where nobody does."""
        if self.override is None:
            return ""
        made = self.override
        if made.until <= made.made:
            return f"the override by {made.by} was withdrawn"
        until = datetime.fromtimestamp(made.until, UTC).isoformat(timespec="minutes")
        return f"overridden by {made.by} until {until}: {made.reason}"

    def report(self, now: float) -> RulingReport:
        """For steward.json: the result, what did not pass, and an override that is in force at `now`."""
        failed = (check.to_builtins() for check in self.verdict.checks if check.result)
        override = msgspec.structs.asdict(self.override) if self.override and self.overridden(now) else None
        return RulingReport(
            outcome=self.verdict.result.word,
            reasons=self.verdict.reasons,
            time=self.verdict.time,
            seconds=round(self.verdict.seconds, 3),
            against=self.verdict.champion,
            failed=tuple(FailedCheck(**each) for each in failed),
            override=None if override is None else OverrideReport(**override),
        )


@dataclass(frozen=True)
class Rulings:
    """All rulings of one ranker, a file each: `gate/<version>.json`."""

    folder: Path

    @classmethod
    def of(cls, home: Home) -> Rulings:
        """The rulings below a ranker's home."""
        return cls(home.folder / "gate")

    def get(self, version: str) -> Ruling | None:
        """The ruling on a version; None before it is judged, and for a file that is not a ruling."""
        try:
            content = (self.folder / f"{version}.json").read_bytes()
            return msgspec.json.decode(content, type=Ruling)
        except (FileNotFoundError, msgspec.MsgspecError):
            return None  # judging again is the remedy for a file of another release

    def all(self) -> list[Ruling]:
        """Every ruling there is."""
        found = (self.get(path.stem) for path in sorted(self.folder.glob("[!.]*.json")))
        return [ruling for ruling in found if ruling is not None]

    def put(self, ruling: Ruling) -> None:
        """Write a ruling, replacing the version's earlier one."""
        content = msgspec.json.format(msgspec.json.encode(ruling), indent=1)
        write_atomically(self.folder / f"{ruling.verdict.version}.json", content)

    def judged(self, created: float, verdict: Verdict) -> Ruling:
        """Keep a new verdict; an override that somebody has put on the same version by now stays in force."""
        with exclusive(self.folder):
            before = self.get(verdict.version)
            override = before.override if before is not None and before.created == created else None
            ruling = Ruling(created=created, verdict=verdict, override=override)
            self.put(ruling)
        return ruling

    def told(self, ruling: Ruling) -> Ruling:
        """Keep that MLflow has this ruling, unless it was changed meanwhile; returns what is on record."""
        with exclusive(self.folder):
            now = self.get(ruling.verdict.version)
            if now != ruling:
                return ruling if now is None else now
            told = msgspec.structs.replace(ruling, told=True)
            self.put(told)
        return told

    def overridden(self, version: str, override: Override) -> Ruling | None:
        """Put an override on a version's ruling; None where it has no ruling."""
        with exclusive(self.folder):
            ruling = self.get(version)
            if ruling is None:
                return None
            changed = msgspec.structs.replace(ruling, override=override, told=False)
            self.put(changed)
        return changed

    def judge_anew(self) -> list[str]:
        """Have every version judged again that did not pass, and was judged on recent decisions too."""
        found = [each for each in self.all() if each.verdict.result is not Result.PASS and _lately(each)]
        for each in found:
            self.put(msgspec.structs.replace(each, anew=True))
        return [each.verdict.version for each in found]

    def drop(self, version: str) -> None:
        """Forget a ruling, so that the Steward judges the version again."""
        (self.folder / f"{version}.json").unlink(missing_ok=True)


def _lately(ruling: Ruling) -> bool:
    """Whether a check that did not pass looked at recent decisions."""
    failed = (check for check in ruling.verdict.checks if check.result)
    return any("recent decisions" in f"{check.name} {check.sentence} {check.source}" for check in failed)
