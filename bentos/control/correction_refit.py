"""One version's correction fitted anew, where that is due, on outcomes that had their time to come."""

from __future__ import annotations

from dataclasses import dataclass

from bentos.control.outcome_delay import outcome_delay
from bentos.home.corrections import FittedCorrection, KeptCorrection, kept, serving
from bentos.home.state import Home
from bentos.offline.correction_rows import Matured, Span, matured
from models.declaration.sections import CorrectionSection
from monitoring.calibration.calibration import TooLittleData
from monitoring.calibration.refit import Refitted, refit
from monitoring.log.version_name import VersionName


@dataclass(frozen=True)
class NotRefitted:
    """Why there is no new correction; `refused` where what is on disk is not what it was."""

    why: str
    refused: bool = False


NO_DELAY = NotRefitted("nobody said how long outcomes take: set correction.matured")


def refit_version(
    home: Home, name: VersionName, section: CorrectionSection, now: float, made: float
) -> FittedCorrection | NotRefitted | None:
    """The correction of a version as `section` declares it; None: it is not due.

    `now` is the log's time, `made` the clock's (unix seconds). Raises what `matured` and `outcome_delay` do.
    """
    delay = outcome_delay(home.version(name.number), section.seconds("matured"))
    if delay is None:
        return NO_DELAY
    history, until = kept(home, name.number), now - delay
    if history and until < history[-1].fitted.until + (section.seconds("every") or 0.0):
        return None
    span = Span(until - (section.seconds("window") or 0.0), until, now)
    found = matured(home, name.ranker, name.number, span)
    if found.differing:
        return NotRefitted(_differing(found), refused=True)
    before = serving(history).get(name.number)
    applied = None if before is None else before.fitted.correction
    fitted = refit(found.rows, section.kind, applied, section.least, section.most)
    if isinstance(fitted, TooLittleData):
        return NotRefitted(f"{fitted.reason}{_left_out(found)}")
    return _made(name.number, fitted, span, before, made)


def _made(
    version: str, fitted: Refitted, span: Span, before: KeptCorrection | None, made: float
) -> FittedCorrection:
    return FittedCorrection(
        version=version,
        correction=fitted.correction,
        since=span.since,
        until=span.until,
        rows=fitted.rows,
        requests=fitted.requests,
        judged=fitted.judged,
        before=None if before is None else before.digest,
        made=made,
    )


def _differing(found: Matured) -> str:
    return (
        f"{found.differing} of {found.decisions} explored decisions do not give again the scores they were "
        "served with: the package, the catalogue or a correction on disk is not what it was"
    )


def _left_out(found: Matured) -> str:
    if not found.skipped:
        return ""
    return "; left out: " + ", ".join(f"{count} decisions {why}" for why, count in found.skipped.items())
