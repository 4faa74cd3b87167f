"""The rules between a declaration's keys, each refused by file, key, value and rule. No table needed."""

from __future__ import annotations

import math
from collections.abc import Iterator

from models.declaration import availability
from models.declaration.invariant_sentence import InvariantError, parse
from models.declaration.refusal import DeclarationError, listing
from models.declaration.sections import (
    CLASSIFICATION,
    OWNED,
    RANKING,
    CorrectionSection,
    DataSection,
    ExpectSection,
    FeaturesSection,
    GuardSection,
    RankerSection,
    Sections,
)

Refusal = tuple[str, object, str]
"""A key, its value, and the sentence that goes on from there."""
RESERVED = ("request", "item", "time", "label", "score")  # columns of reference.parquet beside the features


def check(sections: Sections, file: str, resolved: bool = False) -> None:
    """Raise DeclarationError for the first rule that is broken; `file` is what the error names.

    Rules about names wait while globs among them stand for columns that only the table will tell. `resolved`:
    it has told, and a name with the marks of a glob is a column's.
    """
    for key, value, sentence in broken(sections, resolved):
        raise DeclarationError(file, key, value, sentence)


def broken(sections: Sections, resolved: bool = False) -> Iterator[Refusal]:
    """Every rule that is broken, one after the other."""
    ranker, data, features = sections.ranker, sections.data, sections.features
    yield from _objective(ranker, data)
    waits = not resolved and _open(features)
    yield from _order(features, waits)
    yield from _names(features)
    yield from _outcome(data, features)
    yield from _context(features, waits)
    yield from _special(features, waits)
    yield from _means(features, waits)
    yield from _cross(features)
    yield from _available(features, data, resolved)
    yield from _expect(sections.expect, features, ranker, waits)
    if sections.correction is not None:
        yield from _correction(sections.correction, ranker, data)
    yield from _guard(sections.guard, features, waits)
    yield from _window(data)
    yield from _csv(data)


def _objective(ranker: RankerSection, data: DataSection) -> Iterator[Refusal]:
    if ranker.loss not in (*RANKING, *CLASSIFICATION):
        known = listing((*RANKING, *CLASSIFICATION), 20)
        yield "ranker.objective", ranker.objective, f"is not a ranking or two-class loss of CatBoost: {known}"
    if ranker.ranks and ranker.named and data.group is None:
        rule = f"is missing: {ranker.loss} orders the rows of a group and needs its column"
        yield "data.group", None, rule
    for key in sorted(OWNED & set(ranker.params)):
        rule = "has a key of its own in [ranker], or is Ballast's to set"
        yield f"ranker.params.{key}", ranker.params[key], rule


def _order(features: FeaturesSection, waits: bool) -> Iterator[Refusal]:
    declared = (*features.numeric, *features.categorical)
    if features.order and not waits:
        for name in sorted({*features.order} ^ {*declared, *features.cross_names}):
            lacks = "is not a feature" if name in features.order else "is missing"
            yield "features.order", name, f"{lacks}: the order names every feature once"


def _names(features: FeaturesSection) -> Iterator[Refusal]:
    names = features.names
    if not names:
        yield "features", None, "is empty: a ranker needs at least one feature"
    for name in names:
        if names.count(name) > 1:
            yield "features", name, "is declared twice: a feature has one name and one kind"
        if name in RESERVED:
            yield "features", name, f"is a name that the reference window uses itself: {', '.join(RESERVED)}"


def _outcome(data: DataSection, features: FeaturesSection) -> Iterator[Refusal]:
    for key, column in (("label", data.label), ("label_time", data.label_time)):
        if column is not None and column in features.names:
            yield f"data.{key}", column, "is also a feature: the outcome cannot be known at the decision"
    if data.weight is not None and data.weight in features.names:
        yield "data.weight", data.weight, "is also a feature: a weight says how much a row counts"


def _context(features: FeaturesSection, waits: bool) -> Iterator[Refusal]:
    for name in features.context:
        if name not in (*features.numeric, *features.categorical) and not waits:
            yield "features.context", name, "is not among numeric or categorical, of which context is a part"


def _special(features: FeaturesSection, waits: bool) -> Iterator[Refusal]:
    for name, values in features.special.items():
        meant = [each for each in features.numeric if availability.entry({name: values}, each) is not None]
        if not meant and not waits:
            yield "features.special", name, f"is no numeric feature; they are {listing(features.numeric)}"
        if not values or not all(map(math.isfinite, values)):
            yield "features.special", name, "must be a list of finite numbers, such as [-7, -8, -9]"


def _means(features: FeaturesSection, waits: bool) -> Iterator[Refusal]:
    for name in features.means:
        if name not in features.names and not waits:
            yield "features.means", name, f"is no feature; they are {listing(features.names)}"


def _open(features: FeaturesSection) -> bool:
    """Whether globs stand for names that only the table will tell."""
    return any(availability.is_glob(name) for name in (*features.names, *features.context))


def _cross(features: FeaturesSection) -> Iterator[Refusal]:
    if features.cross is not None and ":" not in features.cross:
        yield "features.cross", features.cross, 'must read "module:function"'
    for each in features.cross_before:
        if ":" not in each:
            yield "features.cross_before", each, 'must read "module:function"'
    if (features.cross is None) != (not features.cross_names):
        yield "features.cross_names", list(features.cross_names), "must name what features.cross returns"


def _available(features: FeaturesSection, data: DataSection, resolved: bool) -> Iterator[Refusal]:
    # A cross feature sees declared features only, so it is available when the last of them is.
    for name in (*features.numeric, *features.categorical):
        if availability.is_glob(name) and not resolved:
            continue
        when = availability.entry(features.available_at, name)
        if when is None:
            rule = 'has no entry: say when it becomes available ("-1d", "0h" or a column of timestamps)'
            yield "features.available_at", name, rule
        elif (availability.offset_seconds(when) or 0.0) > 0:
            rule = f"is available at {when}, after the decision: a feature must be known by then"
            yield "features.available_at", name, rule
        elif availability.offset_seconds(when) is None and data.time is None:
            rule = f"is available at column {when!r}, which needs data.time to be compared with"
            yield "features.available_at", name, rule


def _expect(
    expect: ExpectSection, features: FeaturesSection, ranker: RankerSection, waits: bool
) -> Iterator[Refusal]:
    for name in expect.sign:
        if name not in features.names and not waits:
            yield "expect.sign", name, f"is not a feature; they are {listing(features.names)}"
    for sentence in expect.invariants:
        trouble = _untrue(sentence, features, waits)
        if trouble is not None:
            yield "expect.invariants", sentence, trouble
    if expect.calibration is not None and ranker.ranks and ranker.named:
        yield "expect.calibration", ranker.loss, "gives no probability: calibration needs Logloss"


def _untrue(sentence: str, features: FeaturesSection, waits: bool) -> str | None:
    """Why a sentence is no invariant of these features."""
    try:
        invariant = parse(sentence)
    except InvariantError as error:
        return str(error)
    return None if waits else invariant.trouble(features.spec)


def _correction(own: CorrectionSection, ranker: RankerSection, data: DataSection) -> Iterator[Refusal]:
    if ranker.ranks and ranker.named:
        rule = f"corrects probabilities, and {ranker.loss} gives none: it needs Logloss"
        yield "correction.kind", own.kind, rule
    for key in ("every", "window", "matured"):
        value = getattr(own, key)
        if value is not None and not (own.seconds(key) or 0) > 0:
            yield f"correction.{key}", value, 'is not a duration: a number above 0 with s, m, h or d ("14d")'
    if own.matured is None and data.label_time is None:
        rule = "is missing: say how long outcomes take to come, or name data.label_time"
        yield "correction.matured", None, rule


def _guard(own: GuardSection, features: FeaturesSection, waits: bool) -> Iterator[Refusal]:
    numbers = features.spec.item_numeric
    if own.feature is not None and own.feature not in numbers and not waits:
        rule = f'is neither "as given" nor a number of the items: {listing(numbers, 40)}'
        yield "guard.fallback", own.fallback, rule
    if own.matured_after is not None and (availability.offset_seconds(own.matured_after) or -1.0) < 0:
        yield "guard.matured_after", own.matured_after, 'is no time after the decision, such as "36h"'


def _window(data: DataSection) -> Iterator[Refusal]:
    if (data.from_ or data.until) and data.time is None:
        yield "data.time", None, "is missing: from and until are bounds on it"
    if data.from_ and data.until and data.from_ >= data.until:
        yield "data.until", data.until.isoformat(), f"must be later than from, {data.from_.isoformat()}"


def _csv(data: DataSection) -> Iterator[Refusal]:
    if data.csv.separator == data.csv.decimal:
        rule = "is the decimal point too: fields and fractions need different marks"
        yield "data.csv.separator", data.csv.separator, rule
