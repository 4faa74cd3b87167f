"""Corrections on disk: `corrections/<digest>.json` each, never changed; the digest is of the content.

The Steward writes them, workers read the one that the state names. A person drops one by a file beside it,
`<digest>.dropped`; the one before then serves again. This module imports nothing slow: workers read it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from bentos.home.state import Home, StateError, write_atomically
from monitoring.calibration.correction import Correction
from monitoring.calibration.judgement import Judged


class FittedCorrection(msgspec.Struct, frozen=True):
    """A correction of version `version`, and the judgement on it.

    It was fitted on `rows` outcomes of `requests` explored decisions made from `since`, and judged on later
    ones up to `until`, against `before`, which served then (None: the model's own scores). Times are unix
    seconds; `made` is the clock's, the others are of events.
    """

    version: str
    correction: Correction
    since: float
    until: float
    rows: int
    requests: int
    judged: Judged
    before: str | None
    made: float


class Dropped(msgspec.Struct, frozen=True):
    """Who took a correction back, why, and when (unix seconds)."""

    by: str
    reason: str
    time: float


class Published(NamedTuple):
    """What a worker needs of a correction."""

    digest: str
    correction: Correction


class KeptCorrection(NamedTuple):
    """A correction on disk."""

    digest: str
    fitted: FittedCorrection
    dropped: Dropped | None

    @property
    def serves(self) -> bool:
        """Whether it may: it passed and nobody dropped it."""
        return self.fitted.judged.passed and self.dropped is None


class CorrectionUnreadable(StateError):  # noqa: N818 - what it is
    """A correction that the state names and that is not on disk as it was written."""


def read_correction(home: Home, digest: str) -> Published:
    """The correction of a digest, proven by it. Raises CorrectionUnreadable."""
    return Published(digest, _read(home, digest).correction)


def keep(home: Home, fitted: FittedCorrection) -> str:
    """Write a correction, passed or refused, and return its digest."""
    content = msgspec.json.format(msgspec.json.encode(fitted), indent=1)
    digest = _digest(content)
    write_atomically(home.corrections / f"{digest}.json", content)
    return digest


def kept(home: Home, version: str | None = None) -> list[KeptCorrection]:
    """All corrections, or those of a version, oldest first; files that can't be read are left out."""
    return sorted(_kept(home, version), key=lambda each: (each.fitted.made, each.digest))


def serving(history: list[KeptCorrection]) -> dict[str, KeptCorrection]:
    """Of a history, the correction that each version is to serve with: the last that may."""
    return {each.fitted.version: each for each in history if each.serves}


def drop(home: Home, version: str, by: str, reason: str, now: float) -> KeptCorrection:
    """Take back the correction that a version serves with; the Steward goes back to the one before.

    Raises StateError where there is none, and for an empty name or reason.
    """
    if not by.strip() or not reason.strip():
        raise StateError("correction: dropping one needs the name of who answers for it, and a reason")
    found = serving(kept(home, version)).get(version)
    if found is None:
        raise StateError(f"correction: version {version!r} has none that could be dropped")
    write_atomically(_dropped(home, found.digest), msgspec.json.encode(Dropped(by, reason, now)))
    return found


def _kept(home: Home, version: str | None) -> Iterator[KeptCorrection]:
    for path in home.corrections.glob("*.json"):
        try:
            fitted = _read(home, path.stem)
        except CorrectionUnreadable:
            continue  # the Steward then names another one, or none
        if version in (None, fitted.version):
            yield KeptCorrection(path.stem, fitted, _read_dropped(home, path.stem))


def _read(home: Home, digest: str) -> FittedCorrection:
    path = home.corrections / f"{digest}.json"
    try:
        content = path.read_bytes()
        if _digest(content) != digest:
            raise CorrectionUnreadable(f"{path}: its content is another than its name says")
        return msgspec.json.decode(content, type=FittedCorrection)
    except FileNotFoundError as error:
        raise CorrectionUnreadable(f"{path}: is missing: the state names it") from error
    except (OSError, msgspec.MsgspecError) as error:
        raise CorrectionUnreadable(f"{path}: is no correction: {error}") from error


def _read_dropped(home: Home, digest: str) -> Dropped | None:
    try:
        return msgspec.json.decode(_dropped(home, digest).read_bytes(), type=Dropped)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError:
        return Dropped("nobody", "the file that says who is unreadable", 0.0)  # that it was dropped stands


def _dropped(home: Home, digest: str) -> Path:
    return home.corrections / f"{digest}.dropped"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
