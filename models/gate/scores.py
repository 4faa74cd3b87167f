"""Are these scores at all: finite, different from one another, and of the size that they were?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.declaration.sections import RankerSection
from models.gate.compare import Comparison
from models.gate.contradictions import alike_share
from models.gate.outcome_slope import log_odds, outcome_slope
from models.gate.scarcity import REQUESTS, too_few
from models.gate.stats import Floats
from models.gate.subject import Subject
from models.gate.verdict import SHARE, Check, Result

# Share of rows that share a score inside their request, beyond the champion's and rows that are alike.
TIES_HOLD = 0.5
WIDTH_HOLD = 3.0  # times the champion's spread, either way; healthy retrains of one loss stay within 1.5
OF_LABELS = {
    "Logloss",
    "CrossEntropy",
    "QueryRMSE",
    "RMSE",
}  # losses whose scores are of the size of outcomes
SHIFT_HOLD = 2.0  # spreads, of the wider one, that the middle moves


def finite(subject: Subject) -> Iterator[Check]:
    """No score of any window, nor of the catalogue's items, is NaN or infinite."""
    for source, scores in subject.scored.items():
        bad = int((~np.isfinite(scores)).sum())
        sentence = f"{bad:,} of {len(scores):,} scores of {source} are not finite" if bad else "all finite"
        result = Result.REJECT if bad else Result.PASS
        yield Check(f"finite scores on {source}", result, sentence, bad, 0, "rule", "scores")


def constant(subject: Subject) -> Iterator[Check]:
    """Scores tell candidates apart: not all equal, and not tied far more often than the champion's."""
    alike = 0.0 if subject.rows is None else alike_share(subject.rows.rows)  # they have one score, and should
    for comparison in subject.comparisons:
        name = f"ties on {comparison.window.source}"
        if few := too_few(name, comparison.window, comparison.window.requests, REQUESTS):
            yield few
            continue
        own = _tied(comparison, comparison.own)
        if own == 1:
            sentence = f"all scores of {comparison.window.source} are equal inside their request"
            yield Check(name, Result.REJECT, sentence, 1.0, TIES_HOLD, "rule", SHARE)
            continue
        its = 0.0 if comparison.champion is None else _tied(comparison, comparison.champion)
        limit = min(1.0, its + alike + TIES_HOLD)
        result = Result.HOLD if own > limit else Result.PASS
        sentence = f"{own:.0%} of the candidates share their score with another of the request"
        more = [*["the champion's"] * (its > 0), *["rows that are alike"] * (alike > 0)]
        yield Check(name, result, sentence, own, limit, ", ".join([*more, "a half"]), SHARE)


def _tied(comparison: Comparison, scores: Floats) -> float:
    """Share of rows whose score another row of the request has too; over all rows where it has but one."""
    window = comparison.window
    request = window.request_of_row if window.ordered else np.zeros(len(scores), np.int64)
    order = np.lexsort((scores, request))
    same = (np.diff(scores[order]) == 0) & (np.diff(request[order]) == 0)
    tied = np.zeros(len(scores), bool)
    tied[order[1:]] |= same
    tied[order[:-1]] |= same
    several = np.bincount(request)[request] > 1
    return float(tied[several].mean()) if several.any() else 0.0


def spread(subject: Subject) -> Iterator[Check]:
    """Scores have the middle and the width of the champion's, where both were trained on one loss.

    Probabilities are compared as log-odds: near 0 and 1 they have no room to show that they are too sure.
    """
    champion = subject.before
    if champion is None or champion.declared.ranker.loss != subject.declared.ranker.loss:
        return
    for comparison in subject.comparisons:
        if comparison.champion is None:
            continue
        name = f"width of scores on {comparison.window.source}"
        if few := too_few(name, comparison.window, comparison.window.requests, REQUESTS):
            yield few
            continue
        pair = comparison.own, comparison.champion
        own, its = (_quartiles(scores if subject.declared.ranks else log_odds(scores)) for scores in pair)
        wide, its_wide = float(own[2] - own[0]), float(its[2] - its[0])
        limit = WIDTH_HOLD * _trained_more(subject.declared.ranker, champion.declared.ranker)
        yield from _width(comparison, wide, its_wide, subject.declared.ranks, limit)
        yield from _shift(comparison.window.source, float(own[1] - its[1]), max(wide, its_wide))


def _quartiles(scores: Floats) -> Floats:
    return np.quantile(scores[np.isfinite(scores)], [0.1, 0.5, 0.9])


def _trained_more(own: RankerSection, its: RankerSection) -> float:
    """How many times as much one was trained as the other, where scores grow with that and have no scale."""
    if own.loss in OF_LABELS:
        return 1.0
    times = own.trees * own.learning_rate / (its.trees * its.learning_rate)
    return max(times, 1 / times)


def _width(comparison: Comparison, own: float, its: float, ranks: bool, limit: float) -> Iterator[Check]:
    """A champion that was hardly trained is narrow: what outcomes confirm is no fault of its successor's."""
    if its <= 0 or own <= 0:
        return  # ties say that
    ratio = own / its
    sentence = f"scores are {ratio:.2f} times as wide as the champion's (10% to 90%)"
    result = Result.PASS
    if max(ratio, 1 / ratio) > limit:
        found = outcome_slope(comparison.own, comparison.window, ranks)
        right = found.low > 1 / WIDTH_HOLD and found.high < WIDTH_HOLD
        result = Result.PASS if right else Result.HOLD
        said = "as wide as" if right else "and are not surely as wide as"
        sentence = f"{sentence}, {said} outcomes: these change by {found} for 1 of the score"
    name = f"width of scores on {comparison.window.source}"
    yield Check(name, result, sentence, ratio, limit, "the champion's, or outcomes", "times")


def _shift(source: str, moved: float, wide: float) -> Iterator[Check]:
    """How far the middle has moved, in widths of the wider one of both."""
    if wide <= 0:
        return
    shift = abs(moved) / wide
    result = Result.HOLD if shift > SHIFT_HOLD else Result.PASS
    way = "above" if moved > 0 else "below"
    sentence = f"the middle score lies {shift:.2f} of the scores' widths {way} the champion's"
    yield Check(
        f"middle of scores on {source}", result, sentence, shift, SHIFT_HOLD, "the champion's", "widths"
    )
