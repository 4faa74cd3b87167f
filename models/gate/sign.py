"""Is it the right way up? Directions that people declared, outcomes, and the champion's order."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from models.gate import stats
from models.gate.scarcity import LEAST, REQUESTS, too_few, undecided, unsure
from models.gate.stats import Floats
from models.gate.subject import Subject
from models.gate.verdict import SHARE, Check, Result

FEW = 10  # distinct values: as many are tried from each to the next; of more, neighbours differ too little
PROBES = 2000  # rows on which a direction is tried
WRONG_REJECT = 0.5  # a majority that responds the wrong way
WRONG_HOLD = 0.35
LIKE_HOLD = 0.25  # healthy retrains of the flights are at .70 to .93, shuffled labels at −.08


def outcomes(subject: Subject) -> Iterator[Check]:
    """Scores go with outcomes on every window."""
    for comparison in subject.comparisons:
        found, where = comparison.agreement, comparison.window.source
        if found.n < (LEAST if comparison.window.as_asked else 1):
            continue  # `random order` says that there is too little
        result = Result.PASS if found.low > 0 else Result.REJECT if found.high < 0 else Result.HOLD
        if unsure(comparison.window, found, subject.comparisons[0].agreement.value):
            yield undecided(f"sign on {where}", comparison.window, found, "rank correlation", "outcomes")
            continue
        word = {Result.PASS: "go with", Result.HOLD: "do not clearly go with", Result.REJECT: "go against"}
        sentence = f"scores {word[result]} the outcomes of {where}: rank correlation {found}"
        if result is Result.REJECT:
            sentence = f"upside down: {sentence}"
        yield Check(f"sign on {where}", result, sentence, found.value, 0.0, "outcomes")


def likeness(subject: Subject) -> Iterator[Check]:
    """Its order is not the opposite of the champion's, nor foreign to it."""
    for comparison in subject.comparisons:
        found, where = comparison.likeness, comparison.window.source
        if comparison.champion is None or found.n == 0:
            continue
        name = f"order against the champion's on {where}"
        if few := too_few(name, comparison.window, comparison.window.requests, REQUESTS):
            yield few
            continue
        if found.high < 0:
            result, word = Result.REJECT, "upside down against the champion"
        elif found.high < LIKE_HOLD:
            result, word = Result.HOLD, "has next to nothing in common with the champion"
        else:
            result, word = Result.PASS, "goes with the champion"
        sentence = f"{word} on {where}: rank correlation {found}"
        yield Check(name, result, sentence, found.value, LIKE_HOLD)


def directions(subject: Subject) -> Iterator[Check]:
    """Each declared direction, tried on real rows by moving the one feature to a higher value that occurs."""
    for feature, sign in subject.served.expect.sign.items():
        name = f"direction of {feature}"
        if feature not in subject.declared.numeric:
            sentence = f"{feature} is no numeric feature of this version: its declared sign can't be tried"
            yield Check(name, Result.HOLD, sentence, source="expect.sign")
        elif subject.declared.ranks and feature in subject.declared.context:
            sentence = (
                f"{feature} is the same for all candidates of a request and {subject.declared.ranker.loss} "
                "compares only those: no direction to try"
            )
            yield Check(name, Result.PASS, sentence, source="expect.sign")
        else:
            yield direction(subject, feature, sign)


def direction(subject: Subject, feature: str, sign: str) -> Check:
    """The direction `sign` ("+" or "-") of a numeric feature, tried on the probed rows."""
    responses = _responses(subject, feature, 1.0 if sign == "+" else -1.0)
    return _direction(f"direction of {feature}", feature, sign, responses)


def _responses(subject: Subject, feature: str, sign: float) -> Floats:
    """How much each probed row's score moves in the declared direction when the feature moves up."""
    frame = subject.probes
    special = subject.served.features.special_of(feature)
    column = frame[feature].to_numpy(np.float32)
    known = subject.columns[feature].astype(np.float32)
    target = higher(stats.amounts(column, special), stats.amounts(known, special))
    tried = np.isfinite(target)
    moved = frame.assign(**{feature: np.where(tried, target, column)})
    responses: Floats = sign * (subject.predict(moved) - subject.predict(frame))
    return np.asarray(responses[tried])


def higher(column: NDArray[np.float32], known: NDArray[np.float32]) -> NDArray[np.float32]:
    """Where each value is moved to: a higher one that occurs; NaN where there is none, or it is missing.

    Of FEW values or less it is the next one; else the first that is half the interquartile range away. Values
    between those that occur, such as half a year, have no border in the model and move nothing.

    >>> higher(np.float32([0, 1, 4, np.nan]), np.float32([4, 0, 1, 1])).tolist()
    [1.0, 4.0, nan, nan]
    """
    values = np.unique(known[np.isfinite(known)])
    low, high = np.quantile(known[np.isfinite(known)], [0.25, 0.75]) if len(values) else (0.0, 0.0)
    step = np.float32((high - low) / 2) if len(values) > FEW else np.float32(0)
    place = np.searchsorted(values, column + step, side="left" if step > 0 else "right")
    found = np.append(values, np.float32(np.nan))[np.minimum(place, len(values))]
    return np.where(np.isfinite(column), found, np.float32(np.nan))


def _direction(name: str, feature: str, sign: str, responses: Floats) -> Check:
    moving = responses[responses != 0]
    least = max(20, 0.01 * len(responses))
    if len(moving) < least:
        sentence = f"scores do not respond to {feature}: {len(moving)} of {len(responses)} probed rows move"
        return Check(name, Result.HOLD, sentence, len(moving), least, "expect.sign", "rows")
    wrong = int((moving < 0).sum())
    low, high = stats.wilson(wrong, len(moving))
    result = Result.PASS
    if low > WRONG_HOLD:
        result = Result.REJECT if low > WRONG_REJECT else Result.HOLD
    sentence = (
        f"declared {sign}: {wrong / len(moving):.0%} (99% {low:.0%} to {high:.0%}) of {len(moving):,} "
        f"responses to a higher {feature} go the wrong way"
    )
    return Check(name, result, sentence, wrong / len(moving), WRONG_HOLD, "expect.sign", SHARE)
