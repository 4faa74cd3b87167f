"""Did training see the table as it is? Its reference rows against the same rows of the declared table.

The certificate proves that what training computed from a request is what serving computes. It can't see a
table that was already wrong when training read it: another hour, another request's context, a label turned
round. Those rows are still in the table that people keep.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.gate.birth import SHOWN, unequal
from models.gate.subject import Subject
from models.gate.verdict import Check, Result

LEAST = 50  # rows that both have
DAY = 86400.0
LATE = 1.0  # seconds that training may reach into the window it is evaluated on: none, but for rounding

Rows = NDArray[np.int64]


def table(subject: Subject) -> Iterator[Check]:
    """Every feature and label of the reference rows is the declared table's, where that is at hand."""
    declared = subject.table
    if declared is None:
        return
    own, its = _shared(subject, dict(_places(declared.keys, declared.window.ids)))
    if len(own) < LEAST:
        return  # another window of the table, or another table: nothing to compare row by row
    same = str(subject.manifest.get("data_digest", "")) == declared.digest
    found = _differing(subject, declared.features, own, its)
    labels = subject.frame["label"].to_numpy(np.float64)[own] != declared.window.labels[its]
    if labels.any():
        found["label"] = f"{labels.mean():.0%} of the labels are others"
    worst = Result.REJECT if same else Result.HOLD  # a table that was written since may say other things
    result = worst if found else Result.PASS
    named = "; ".join(f"{name}: {why}" for name, why in list(found.items())[:SHOWN])
    sentence = f"training saw {len(found)} of the columns otherwise than the declared table has it: {named}"
    if not found:
        sentence = f"{len(own):,} reference rows are the declared table's, in every feature and label"
    yield Check(
        "training data against the table", result, sentence, len(found), 0, "the declared table", "columns"
    )


def _places(keys: NDArray[np.str_], ids: object) -> Iterator[tuple[tuple[str, str], int]]:
    for place, (key, item) in enumerate(zip(keys.tolist(), ids, strict=True)):  # type: ignore[call-overload]
        yield (key, str(item)), place


def _shared(subject: Subject, places: Mapping[tuple[str, str], int]) -> tuple[Rows, Rows]:
    """Rows of the reference, and the same request's and item's rows of the table."""
    pairs = zip(subject.frame["request"].astype(str), subject.frame["item"].astype(str), strict=True)
    found = [(row, places[pair]) for row, pair in enumerate(pairs) if pair in places]
    both = np.array(found, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _differing(
    subject: Subject, features: Mapping[str, NDArray[np.generic]], own: Rows, its: Rows
) -> dict[str, str]:
    found = {}
    for name, column in subject.columns.items():
        if name in features and (wrong := unequal(column[own], features[name][its])).any():
            row = int(np.argmax(wrong))
            found[name] = f"{column[own[row]]!s} for {features[name][its[row]]!s}, {wrong.mean():.0%} of rows"
    return found


def window(subject: Subject) -> Iterator[Check]:
    """Training ended before the window begins that the version was evaluated on."""
    training = subject.training
    if training is None or training.get("to") is None:
        return
    first = float(np.nanmin(subject.frame["time"].to_numpy(np.float64)))
    ahead = float(training["to"]) - first
    result = Result.REJECT if ahead > LATE else Result.PASS
    sentence = "was trained on what came before the window it was evaluated on"
    if result:
        sentence = f"was trained on {ahead / DAY:.1f} days of the window that it was evaluated on"
    yield Check("training window", result, sentence, ahead / DAY, LATE / DAY, "time", "days")


def part(subject: Subject) -> Iterator[Check]:
    """Training had the declared table's training part: its rows, labels and weights, in all and by slice."""
    declared, own = subject.table, subject.training
    if declared is None or own is None or str(subject.manifest.get("data_digest", "")) != declared.digest:
        return  # a table that was written since has other rows
    if subject.declared.data != subject.served.data:
        return  # another split, or other slices, by the declaration
    wrong = [*_unlike("", own, declared.training)]
    sentence = (
        f"has the {declared.training['rows']:,} rows of the table's training part, their labels and weights"
    )
    if wrong:
        sentence = (
            f"was not trained on the training part of the declared table: {len(wrong)} figures differ: "
            f"{'; '.join(wrong[:SHOWN])}"
        )
    result = Result.REJECT if wrong else Result.PASS
    yield Check(
        "training part of the table", result, sentence, len(wrong), 0, "the declared table", "figures"
    )


def _unlike(where: str, own: Mapping[str, Any], its: Mapping[str, Any]) -> Iterator[str]:
    """Figures of the make-up that differ by more than the order of a sum can make."""
    for name, value in its.items():
        if isinstance(value, Mapping):
            yield from _unlike(f"{where}{name} ", own.get(name, {}), value)
        elif name in own and not math.isclose(own[name], value, rel_tol=1e-9):
            yield f"{where}{name.replace('_', ' ')} {own[name]:,.6g}, there {value:,.6g}"
