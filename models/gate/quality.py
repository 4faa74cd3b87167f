"""Does it order outcomes, better than chance, and not worse than the champion, everywhere?"""

from __future__ import annotations

from collections.abc import Iterator

from models.gate.basis import SMALL, enough, round_up, training, whole
from models.gate.compare import LEAST, Comparison
from models.gate.scarcity import REQUESTS, too_few, undecided, unsure
from models.gate.subject import Subject
from models.gate.verdict import SHARE, Check, Result

# Of the champion's advantage over a random order. On the flights healthy retrains keep 87% to 103%, a model
# three months stale 84%; the mildest fault that outcomes can show at all (one feature frozen) keeps 75%.
KEEP_REJECT = 0.70
KEEP_HOLD = 0.80
KEEP_SOURCE = "healthy retrains of the flights keep 84% and more"
# A slice is smaller and a healthy retrain may lose more on one of many: only a surely large loss counts.
SLICE_REJECT = 0.0
SLICE_HOLD = 0.35
FEWER = "an interval from fewer says little"


def random_order(subject: Subject) -> Iterator[Check]:
    """On every window the version beats a random order of the candidates."""
    for comparison in subject.comparisons:
        gain, measure = comparison.advantage, comparison.window.measure
        name, where = f"quality on {comparison.window.source}", comparison.window.source
        if few := too_few(name, comparison.window, gain.n, f"{REQUESTS} with outcomes"):
            yield few
            continue
        if unsure(comparison.window, gain, subject.comparisons[0].advantage.value):
            yield undecided(
                name, comparison.window, gain, f"{measure} above a random order", "a random order"
            )
            continue
        if gain.n < LEAST:
            sentence = (
                f"{gain.n} requests of {where} have outcomes to judge an order by: {LEAST} are needed "
                f"({_lacking(comparison)}, or a larger data.test_share)"
            )
            yield Check(name, Result.HOLD, sentence, gain.n, LEAST, FEWER, "requests")
            continue
        yield _beaten(subject, comparison, name)


def _beaten(subject: Subject, comparison: Comparison, name: str) -> Check:
    """The lead over a random order against the bar: 0, or what [expect] asks for."""
    gain, window = comparison.advantage, comparison.window
    least = None if window.as_asked else subject.served.expect.least
    bar, bar_name = (0.0, "a random order") if least is None else (least, "expect.least")
    result = Result.PASS if gain.low > bar else Result.HOLD
    if gain.high < 0 or (gain.value <= 0 and gain.high < SMALL):
        result = Result.REJECT
    verb = {Result.PASS: "beats", Result.HOLD: "does not clearly beat", Result.REJECT: "does not beat"}
    by = f" by {least:g}" if least is not None and gain.low > 0 else ""
    sentence = f"{window.measure} {comparison.quality} {verb[result]} a random order{by}: {gain} above it"
    needed = enough(gain, bar)
    if result is Result.HOLD and needed is not None:
        unit = "requests" if window.ordered else "rows"
        lead = "as seen" if gain.value > bar + SMALL else f"of {bar + SMALL:g}"
        more = whole(needed, gain.n, training(subject), unit)
        sentence = f"{sentence}; {round_up(needed)} {unit} to judge by would show a lead {lead}{more}"
    return Check(name, result, sentence, gain.value, bar, bar_name)


def _lacking(comparison: Comparison) -> str:
    """How many requests there would have to be for LEAST of them to have outcomes."""
    requests, known = comparison.window.requests, comparison.advantage.n
    if not known:
        return "outcomes that differ inside a request"
    return f"about {round_up(-(-LEAST * requests // known))} requests instead of {requests:,}"


def champion(subject: Subject) -> Iterator[Check]:
    """On every window the version keeps most of what the champion has over chance."""
    for comparison in subject.comparisons:
        if comparison.champion is None:
            continue
        name, kept = f"against the champion on {comparison.window.source}", comparison.kept
        counted = comparison.advantage.n
        if few := too_few(name, comparison.window, counted, f"{REQUESTS} with outcomes"):
            yield few
            continue
        if kept.n == 0:
            sentence = (
                f"the champion itself does not clearly beat a random order on {comparison.window.source}"
            )
            yield Check(name, Result.PASS, f"{sentence}: there is nothing to fall behind")
            continue
        result = _kept_result(kept.high, KEEP_REJECT, KEEP_HOLD)
        sentence = (
            f"has {kept.value:.0%} (99% {kept.low:.0%} to {kept.high:.0%}) of the champion's advantage over "
            f"a random order; {comparison.window.measure} differs by {comparison.difference}"
        )
        yield Check(name, result, sentence, kept.value, KEEP_HOLD, KEEP_SOURCE, SHARE)


def _kept_result(high: float, reject: float, hold: float) -> Result:
    if high < reject:
        return Result.REJECT
    return Result.HOLD if high < hold else Result.PASS


def slices(subject: Subject) -> Iterator[Check]:
    """No part of the traffic is ordered the wrong way round, or far worse than the champion does it."""
    for comparison in subject.comparisons:
        found = [_slice(where, part) for where, part in comparison.slices()]
        judged = [check for check in found if check is not None]
        bad = [check for check in judged if check.result]
        yield from bad
        if judged and not bad:
            few = len(found) - len(judged)
            note = f"; {few} have too few outcomes to say" if few else ""
            sentence = f"{len(judged)} slices of {comparison.window.source} go with their outcomes{note}"
            yield Check(f"slices of {comparison.window.source}", Result.PASS, sentence)


def _slice(where: str, part: Comparison) -> Check | None:
    """The finding on one slice; None where it is too small to say."""
    agreement = part.agreement
    if agreement.n < LEAST:
        return None
    name = f"slice {where}"
    if agreement.high < 0:
        sentence = f"upside down where {where}: scores go against outcomes, correlation {agreement}"
        return Check(name, Result.REJECT, sentence, agreement.value, 0.0, "sign")
    likeness = part.likeness
    if likeness.n >= LEAST and likeness.high < 0:
        sentence = f"upside down where {where}: scores go against the champion's, correlation {likeness}"
        return Check(name, Result.REJECT, sentence, likeness.value, 0.0, "the champion")
    kept = part.kept
    if kept.n >= LEAST and kept.high < SLICE_HOLD:
        result = Result.REJECT if kept.high < SLICE_REJECT else Result.HOLD
        sentence = (
            f"where {where} it has {kept.value:.0%} of the champion's advantage, at most {kept.high:.0%}"
        )
        return Check(name, result, sentence, kept.high, SLICE_HOLD, KEEP_SOURCE, SHARE)
    return Check(name, Result.PASS, f"correlation with outcomes {agreement}", agreement.value, 0.0)
