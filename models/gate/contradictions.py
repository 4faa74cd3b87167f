"""Do rows contradict each other? Rows alike in every feature with opposite outcomes, counted, with examples.

Rows that are alike may well have different outcomes: a few coarse columns don't tell everything. But their
outcomes can't be more unlike than those of rows drawn at random: products of two such labels, each less the
mean, add to 0 or more. Rows that stand twice, once with each outcome, make that sum negative.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.gate.labelled import LabelledRows
from models.gate.stats import Floats, Ints
from models.gate.stretches import bound
from models.gate.subject import Subject
from models.gate.verdict import Check, Result

SHOWN = 3
NAME = "contradictions"


def contradictions(subject: Subject) -> Iterator[Check]:
    """Rows that are alike in every feature have outcomes as like as those of any two rows, or more so."""
    if subject.rows is None:
        return
    rows = subject.rows.rows
    sets = alike(rows)
    if not sets:
        yield Check(
            NAME, Result.PASS, "no two rows are alike in every feature", source="rows drawn at random"
        )
        return
    value, error = likeness(rows, sets)
    told = f"their outcomes have the correlation {value:.2f}"
    sentence = f"{len(sets):,} sets of rows are alike in every feature; {told}"
    if not value < -bound(1) * error:
        yield Check(NAME, Result.PASS, sentence, value, 0.0, "rows drawn at random")
        return
    bad = [each for each in sets if len(np.unique(rows.label[each])) > 1]
    count = sum(len(each) for each in bad)
    examples = "; ".join(_shown(rows, each) for each in bad[:SHOWN])
    sentence = f"{count:,} rows contradict each other, such as {examples}: {sentence}: do rows stand twice?"
    yield Check(NAME, Result.HOLD, sentence, value, 0.0, "rows drawn at random")


def alike(rows: LabelledRows) -> list[Ints]:
    """The sets of several rows that are alike in every feature."""
    group = np.zeros(len(rows.label), np.int64)
    for column in rows.features.values():
        values = column.astype(str) if column.dtype == object else np.nan_to_num(column, nan=-1e30)
        codes = np.unique(values, return_inverse=True)[1]
        group = np.unique(group * (int(codes.max()) + 1) + codes, return_inverse=True)[1]
    order = np.argsort(group, kind="stable")
    return [each for each in np.split(order, np.flatnonzero(np.diff(group[order])) + 1) if len(each) > 1]


def alike_share(rows: LabelledRows) -> float:
    """The share of rows that are alike with another one, of the same request where requests have several."""
    sets = alike(rows)
    if rows.ordered:
        parts = [np.unique(rows.request[each], return_counts=True)[1] for each in sets]
        return float(sum(part[part > 1].sum() for part in parts)) / len(rows.label)
    return sum(len(each) for each in sets) / len(rows.label)


def likeness(rows: LabelledRows, sets: list[Ints]) -> tuple[float, float]:
    """The correlation of the outcomes of like rows, and its standard error where they are drawn at random.

    Where like rows mostly stand in one request, as two equal candidates do, outcomes are the request's: of m
    candidates two have the correlation -1 / (m - 1) by chance, which is taken off.
    """
    inside = (
        rows.ordered
        and float(np.mean([len({*rows.request[each].tolist()}) < len(each) for each in sets])) > 0.5
    )
    label = rows.label - rows.label.mean()
    chance = 0.0
    if inside:
        label = rows.centred(rows.label)
        chance = -1.0 / max(1.0, float(np.mean(np.diff(rows.starts))) - 1)
    variance = float(np.mean(label**2)) or 1.0
    products = sum(_products(label[each]) for each in sets) / variance
    pairs = sum(len(each) * (len(each) - 1) / 2 for each in sets)
    return products / pairs - chance, 1 / float(np.sqrt(pairs))


def _products(label: Floats) -> float:
    """The sum of the products of all pairs."""
    return float(label.sum() ** 2 - (label**2).sum()) / 2


def _shown(rows: LabelledRows, group: Ints) -> str:
    """One of a set's lowest and one of its highest outcomes."""
    low, high = group[np.argmin(rows.label[group])], group[np.argmax(rows.label[group])]
    return f"{rows.names[low]} ({rows.label[low]:g}) and {rows.names[high]} ({rows.label[high]:g})"
