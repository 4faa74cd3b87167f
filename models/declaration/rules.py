"""The rules between a declaration's keys, each refused by file, key, value and rule. No table needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from models.declaration import availability
from models.declaration.refusal import DeclarationError, listing
from models.declaration.sections import CLASSIFICATION, OWNED, RANKING

if TYPE_CHECKING:
    from models.declaration.declaration import Declaration

Refusal = tuple[str, object, str]
RESERVED = ("request", "item", "time", "label", "score")  # columns of reference.parquet beside the features


def check(declaration: Declaration) -> None:
    """Raise DeclarationError for the first rule that is broken; globs wait until the table is known."""
    rules = (
        _objective,
        _order,
        _names,
        _outcome,
        _context,
        _cross,
        _available,
        _expect,
        _correction,
        _guard,
        _window,
    )
    for rule in rules:
        for key, value, sentence in rule(declaration):
            raise DeclarationError(declaration.file, key, value, sentence)


def _objective(declaration: Declaration) -> Iterator[Refusal]:
    ranker = declaration.ranker
    if ranker.loss not in (*RANKING, *CLASSIFICATION):
        known = listing((*RANKING, *CLASSIFICATION), 20)
        yield "ranker.objective", ranker.objective, f"is not a ranking or two-class loss of CatBoost: {known}"
    if declaration.ranks and declaration.data.group is None:
        yield (
            "data.group",
            None,
            f"is missing: {ranker.loss} orders the rows of a group and needs its column",
        )
    for key in sorted(OWNED & set(ranker.params)):
        yield (
            f"ranker.params.{key}",
            ranker.params[key],
            "has a key of its own in [ranker], or is Ballast's to set",
        )


def _names(declaration: Declaration) -> Iterator[Refusal]:
    names = declaration.feature_names
    if not names:
        yield "features", None, "is empty: a ranker needs at least one feature"
    for name in names:
        if names.count(name) > 1:
            yield "features", name, "is declared twice: a feature has one name and one kind"
        if name in RESERVED:
            yield "features", name, f"is a name that the reference window uses itself: {', '.join(RESERVED)}"


def _order(declaration: Declaration) -> Iterator[Refusal]:
    own = declaration.features
    if own.order and not any(map(availability.is_glob, (*own.numeric, *own.categorical))):
        for name in sorted({*own.order} ^ {*own.numeric, *own.categorical, *own.cross_names}):
            lacks = "is not a feature" if name in own.order else "is missing"
            yield "features.order", name, f"{lacks}: the order names every feature once"


def _outcome(declaration: Declaration) -> Iterator[Refusal]:
    for key in ("label", "label_time"):
        column = getattr(declaration.data, key)
        if column is not None and column in declaration.feature_names:
            yield f"data.{key}", column, "is also a feature: the outcome cannot be known at the decision"
    if declaration.data.weight is not None and declaration.data.weight in declaration.feature_names:
        yield "data.weight", declaration.data.weight, "is also a feature: a weight says how much a row counts"


def _context(declaration: Declaration) -> Iterator[Refusal]:
    own = declaration.features
    for name in own.context:
        if name not in (*own.numeric, *own.categorical) and not _open(declaration):
            yield "features.context", name, "is not among numeric or categorical, of which context is a part"


def _open(declaration: Declaration) -> bool:
    """Whether globs stand for names that only the table will tell."""
    return any(availability.is_glob(name) for name in (*declaration.feature_names, *declaration.context))


def _cross(declaration: Declaration) -> Iterator[Refusal]:
    own = declaration.features
    if own.cross is not None and ":" not in own.cross:
        yield "features.cross", own.cross, 'must read "module:function"'
    if (own.cross is None) != (not own.cross_names):
        yield (
            "features.cross_names",
            list(own.cross_names),
            "must name what features.cross returns",
        )


def _available(declaration: Declaration) -> Iterator[Refusal]:
    # A cross feature sees declared features only, so it is available when the last of them is.
    for name in (*declaration.numeric, *declaration.categorical):
        if availability.is_glob(name):
            continue
        when = availability.entry(declaration.features.available_at, name)
        if when is None:
            rule = 'has no entry: say when it becomes available ("-1d", "0h" or a column of timestamps)'
            yield "features.available_at", name, rule
        elif (availability.offset_seconds(when) or 0.0) > 0:
            rule = f"is available at {when}, after the decision: a feature must be known by then"
            yield "features.available_at", name, rule
        elif availability.offset_seconds(when) is None and declaration.data.time is None:
            rule = f"is available at column {when!r}, which needs data.time to be compared with"
            yield "features.available_at", name, rule


def _expect(declaration: Declaration) -> Iterator[Refusal]:
    for name in declaration.expect.sign:
        if name not in declaration.feature_names and not _open(declaration):
            yield (
                "expect.sign",
                name,
                f"is not a feature; they are {listing(declaration.feature_names)}",
            )
    if declaration.expect.calibration is not None and declaration.ranks:
        yield "expect.calibration", declaration.ranker.loss, "gives no probability: calibration needs Logloss"


def _correction(declaration: Declaration) -> Iterator[Refusal]:
    own = declaration.correction
    if own is None:
        return
    if declaration.ranks:
        rule = f"corrects probabilities, and {declaration.ranker.loss} gives none: it needs Logloss"
        yield "correction.kind", own.kind, rule
    for key in ("every", "window", "matured"):
        value = getattr(own, key)
        if value is not None and not (own.seconds(key) or 0) > 0:
            yield f"correction.{key}", value, 'is not a duration: a number above 0 with s, m, h or d ("14d")'
    if own.matured is None and declaration.data.label_time is None:
        rule = "is missing: say how long outcomes take to come, or name data.label_time"
        yield "correction.matured", None, rule


def _guard(declaration: Declaration) -> Iterator[Refusal]:
    own, numbers = declaration.guard, declaration.spec.item_numeric
    if own.feature is not None and own.feature not in numbers and not _open(declaration):
        rule = f'is neither "as given" nor a number of the items: {listing(numbers, 40)}'
        yield "guard.fallback", own.fallback, rule
    if own.matured_after is not None and (availability.offset_seconds(own.matured_after) or -1.0) < 0:
        yield "guard.matured_after", own.matured_after, 'is no time after the decision, such as "36h"'


def _window(declaration: Declaration) -> Iterator[Refusal]:
    data = declaration.data
    if (data.from_ or data.until) and data.time is None:
        yield "data.time", None, "is missing: from and until are bounds on it"
    if data.from_ and data.until and data.from_ >= data.until:
        yield "data.until", data.until.isoformat(), f"must be later than from, {data.from_.isoformat()}"
