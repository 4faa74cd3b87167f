"""What `ballast up` waits for until a version serves, why, and what to do; and what is wrong later."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bentos.commands.console import err, three_lines
from bentos.home.saved_status import saved_status
from bentos.home.state import Home, StateError
from bentos.home.steward_report import LastWord, RulingReport, StewardReport, last_word
from bentos.settings import Settings

WHOLE = "ballast status --json"
_DIGITS = re.compile(r"[0-9]+")


@dataclass
class Awaited:
    """Says what is waited for, each thing once; `say` prints a sentence."""

    home: Home
    say: Callable[[str], None]
    _said: set[str] = field(default_factory=set)

    def look(self) -> bool:
        """Say what is new; whether there is a reason to wait, other than that processes are starting."""
        try:
            word = last_word(self.home, time.time())
        except (OSError, StateError):
            return False
        sentences = awaited(word)
        for sentence in sentences:
            if _form(sentence) not in self._said:
                self._said.add(_form(sentence))
                self.say(sentence)
        return bool(sentences)


@dataclass
class Problems:
    """Says every problem of the status once while it lasts, and when the last one has gone."""

    config: Settings
    _said: frozenset[str] = frozenset()

    def look(self) -> None:
        """Print what is new since the last look."""
        problems = saved_status(self.config)["problems"]
        for problem in problems:
            if _form(problem) not in self._said:
                say(f"! {problem}")
        if self._said and not problems:
            say("! nothing is wrong any more")
        self._said = frozenset(map(_form, problems))


def awaited(word: LastWord) -> tuple[str, ...]:
    """Why no version serves yet, as the Steward knows it; nothing while it only starts."""
    report = word.report
    if report is None or not word.alive:
        return ()
    judged = tuple(
        f"version {version} is being judged by the gate; it serves if it passes"
        for version in report.examining
    )
    return judged or _ruled(report) or report.problems


def _ruled(report: StewardReport) -> tuple[str, ...]:
    champion = report.aliases.get("champion", "")
    ruling = report.rulings.get(champion)
    if ruling is None or ruling.outcome == "pass" or ruling.override is not None:
        return ()
    return (_kept_out(champion, ruling),)


def _kept_out(version: str, ruling: RulingReport) -> str:
    """What the gate found, and what can be done about it."""
    if ruling.outcome == "hold":
        do = f"to serve it all the same, in your name: ballast override {version} --why WHY"
        said = "held"
    else:
        mend = "mend the table or the training, then: ballast train --alias champion"
        do = f"ballast gate {version} shows every check; {mend}"
        said = "rejected"
    return f"version {version} is {said}, and nothing else can serve. To do: {do}. Why: {ruling.reasons}"


def say(sentence: str) -> None:
    """On standard error, in three lines at the most."""
    err.print(three_lines(sentence, err.width, WHOLE), style="yellow", highlight=False, markup=False)


def _form(sentence: str) -> str:
    """A sentence without its numbers, which change while it stays the same: seconds, mostly."""
    return _DIGITS.sub("#", sentence)
