"""Lines to paste into `ranker.toml` and golden.csv, for a person to look at: which way up is right?

The table says which columns have a clear direction, and the version which items it puts first and last.
Both may be upside down together. A person who reads these lines sees it, and declared they hold every later
version.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from models.gate.compare import Comparison
from models.gate.fits import agreement, ranks
from models.gate.sign import direction
from models.gate.stretches import side
from models.gate.subject import Subject
from models.gate.verdict import Result

COLUMNS, PAIRS, TOLD = 3, 10, 3  # columns and pairs that are proposed; values of an item that are told
CLEAR = 4.0  # standard errors of a direction that is clear


def proposals(subject: Subject) -> tuple[str, ...]:
    """The lines, with a word before each part; none where [expect] has a sign and golden pairs already."""
    lines: list[str] = []
    expect = subject.served.expect
    if not expect.sign and (signs := clear_directions(subject)):
        inside = ", ".join(f'{_key(name)} = "{sign}"' for name, sign in signs.items())
        lines += ["[expect]  # columns with the clearest direction: +: higher values, higher outcomes; true?"]
        lines += [f"sign = {{ {inside} }}"]
    if expect.golden is None and (pairs := [*ten_pairs(subject)]):
        lines += [] if lines else ["[expect]"]
        lines += [
            'golden = "golden.csv"',
            "# golden.csv, once somebody has looked at each pair: does the first deserve the higher score?",
        ]
        lines += _written(pairs)
    return tuple(lines)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)


def clear_directions(subject: Subject) -> dict[str, str]:
    """The numbers whose direction is clear in the table, and the version's too; the clearest first."""
    design = subject.rows
    if design is None:
        return {}
    every = np.ones(len(design.rows.starts) - 1, bool)
    found: dict[str, float] = {}
    for name in subject.declared.numeric:
        if name in design.rows.features and not (subject.declared.ranks and name in subject.declared.context):
            own = side(agreement(design.rows, design.rows.centred(ranks(design.rows.features[name]))), every)
            found[name] = own.mean / own.error if own.error > 0 else 0.0
    clear = sorted((name for name in found if abs(found[name]) > CLEAR), key=lambda name: -abs(found[name]))
    signs = {name: "+" if found[name] > 0 else "-" for name in clear}
    healthy = [name for name in signs if direction(subject, name, signs[name]).result is Result.PASS]
    return {name: signs[name] for name in healthy[:COLUMNS]}


def ten_pairs(subject: Subject) -> Iterator[tuple[str, str, str, str]]:
    """better, worse, context and what differs, of items that the version puts far apart."""
    comparison = subject.comparisons[0]
    seen: set[str] = set()
    for better, worse in _far_apart(comparison):
        ids = str(comparison.window.ids[better]), str(comparison.window.ids[worse])
        if ids[0] == ids[1] or seen & {*ids}:
            continue
        seen |= {*ids}
        context = comparison.window.contexts[int(comparison.window.request_of_row[better])]
        yield *ids, json.dumps(context) if context else "", _differing(subject, better, worse)
        if len(seen) == 2 * PAIRS:
            return


def _far_apart(comparison: Comparison) -> Iterator[tuple[int, int]]:
    """Rows of one request, the first and the last; of single rows, the highest with the lowest."""
    scores, window = comparison.own, comparison.window
    if not window.ordered:
        order = np.argsort(-scores, kind="stable")
        yield from zip(order[: 5 * PAIRS].tolist(), order[::-1][: 5 * PAIRS].tolist(), strict=True)
        return
    found = []
    for low, high in pairwise(window.starts.tolist()):
        first, last = low + int(np.argmax(scores[low:high])), low + int(np.argmin(scores[low:high]))
        found.append((float(scores[first] - scores[last]), first, last))
    for _, first, last in sorted(found, reverse=True):
        yield first, last


def _differing(subject: Subject, better: int, worse: int) -> str:
    """The features in which two rows of the reference window differ, those that matter most first."""
    names = list(subject.declared.feature_names)
    importance = np.asarray(subject.model.get_feature_importance(type="PredictionValuesChange"))
    said = []
    for place in np.argsort(-importance, kind="stable").tolist():
        column = subject.frame[names[place]]
        one, other = column.iloc[better], column.iloc[worse]
        if one != other:
            said.append(f"{names[place]} {_plain(one)} against {_plain(other)}")
    return "; ".join(said[:TOLD])


def _plain(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, (float, np.floating)) else str(value) or "(missing)"


def _written(pairs: list[tuple[str, str, str, str]]) -> list[str]:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([("better", "worse", "context", "why"), *pairs])
    return file.getvalue().splitlines()
