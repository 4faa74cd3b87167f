"""Does it know what it can't know? Features of the future, and quality too good to be true."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.declaration.availability import entry, offset_seconds
from models.gate import encoded
from models.gate.compare import LEAST, Comparison
from models.gate.stats import Floats
from models.gate.subject import Subject
from models.gate.verdict import SHARE, Check, Result
from models.gate.window import RequestWindow

# Shares of what there is to gain between a random order and a perfect one. A flights ranker has 0.2, one of
# the learning-to-rank set 0.45, of German Credit 0.58 (2 AUC − 1); the actual departure delay alone has 0.85.
ALONE_HOLD, ALONE_REJECT = 0.8, 0.93
TOO_GOOD = 0.9
AHEAD = 0.2  # more than the champion has on the version's own window
SOURCE = "healthy rankers stay well below"


def available(subject: Subject) -> Iterator[Check]:
    """No feature is declared to be known only after the decision."""
    declared = subject.declared.features.available_at
    offsets = {name: offset_seconds(entry(declared, name) or "") for name in subject.declared.feature_names}
    found = [name for name, offset in offsets.items() if offset is not None and offset > 0]
    sentence = f"known only after the decision: {', '.join(found)}" if found else "all known at the decision"
    yield Check(
        "availability", Result.REJECT if found else Result.PASS, sentence, len(found), 0, unit="features"
    )


def alone(subject: Subject) -> Iterator[Check]:
    """No single feature orders outcomes nearly as well as the outcomes themselves would."""
    window = subject.reference
    gains = {
        name: max(
            _gained(window, sign * np.nan_to_num(column.astype(np.float64), nan=-1e30)) for sign in (1, -1)
        )
        for name, column in subject.columns.items()
        if column.dtype != object
    }
    if not gains or window.requests < LEAST:
        return
    best = max(gains, key=lambda name: gains[name])
    result = _result_of(gains[best])
    sentence = f"{best} alone has {gains[best]:.0%} of what there is to gain over a random order"
    if result:
        sentence = f"{sentence}: it must be known only when the outcome is"
    yield Check("single features", result, sentence, gains[best], ALONE_HOLD, SOURCE, SHARE)


def _result_of(gained: float) -> Result:
    if gained > ALONE_REJECT:
        return Result.REJECT
    return Result.HOLD if gained > ALONE_HOLD else Result.PASS


def _gained(window: RequestWindow, scores: Floats) -> float:
    """The share of what there is to gain between chance and a perfect order."""
    quality, chance = window.quality(scores), window.chance
    return float(np.nanmean(quality - chance)) / max(float(np.nanmean(1 - chance)), 1e-9)


def labels_inside(subject: Subject) -> Iterator[Check]:
    """No feature is a mean of the labels that it is to predict."""
    if subject.table is None:
        return
    found = {
        name: value
        for name, value in subject.table.closeness.items()
        if name in subject.declared.feature_names
    }
    bad = {name: value for name, value in found.items() if value < encoded.LOW}
    result = Result.HOLD if bad else Result.PASS
    sentence = f"labels lie about {len(found)} numbers as chance has them"
    if bad:
        sentence = (
            f"mean labels follow {', '.join(bad)} more closely than chance allows "
            f"({min(bad.values()):.1f} standard deviations): made of the labels themselves, over all rows?"
        )
    least = min(found.values(), default=0.0)
    unit = "standard deviations"
    yield Check("labels in features", result, sentence, least, encoded.LOW, "chance", unit)


def too_good(subject: Subject) -> Iterator[Check]:
    """Its quality on the window that it was evaluated on is one that can be had."""
    for comparison in subject.comparisons:
        if comparison.trusted or comparison.quality.n < LEAST:
            continue
        gained = _gained(comparison.window, comparison.own)
        limit, source = _expected(comparison)
        result = Result.HOLD if gained > limit else Result.PASS
        sentence = f"has {gained:.0%} of what there is to gain on the window it was evaluated on"
        if result:
            sentence = (
                f"too good to be true: {sentence}; was it trained on it, or on what is known afterwards?"
            )
        yield Check("plausible quality", result, sentence, gained, limit, source, SHARE)


def _expected(comparison: Comparison) -> tuple[float, str]:
    if comparison.champion is None:
        return TOO_GOOD, "rule"
    return min(TOO_GOOD, _gained(comparison.window, comparison.champion) + AHEAD), "the champion's, and 0.2"
