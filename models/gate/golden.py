"""Pairs that the ranker's owner knows the answer to: this one must outrank that one."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.features import ContextError, parse_context
from models.gate.subject import EvidenceError, Subject
from models.gate.verdict import Check, Result

SHOWN = 3  # pairs that a sentence names


@dataclass(frozen=True)
class Pair:
    """`better` must outrank `worse` under `context`; `line` is where the file says so."""

    line: int
    better: str
    worse: str
    context: dict[str, Any]


def golden(subject: Subject) -> Iterator[Check]:
    """Every pair of the file that [expect] golden names."""
    named = subject.served.expect.golden
    if named is None:
        return
    try:
        pairs = read_pairs(subject.served.folder / named)
        margins = [_margin(subject, pair) for pair in pairs]
    except (EvidenceError, ContextError) as error:
        yield Check("golden pairs", Result.HOLD, str(error), source="expect.golden")
        return
    unknown = [pair for pair, margin in zip(pairs, margins, strict=True) if margin is None]
    wrong = [pair for pair, margin in zip(pairs, margins, strict=True) if margin is not None and margin <= 0]
    if unknown:
        sentence = f"{_shown(named, unknown)} has an item that the catalogue does not know"
        yield Check("golden items", Result.HOLD, sentence, len(unknown), 0, "expect.golden", "pairs")
    result = Result.REJECT if wrong else Result.PASS
    sentence = f"{len(wrong)} of {len(pairs)} pairs are in the wrong order"
    if wrong:
        sentence = f"{sentence}: {_shown(named, wrong)}"
    yield Check("golden pairs", result, sentence, len(wrong), 0, "expect.golden", "pairs")


def read_pairs(path: Path) -> list[Pair]:
    """A CSV with the columns better, worse and perhaps context (a JSON object). Raises EvidenceError."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            lacking = {"better", "worse"} - {*(reader.fieldnames or ())}
            if lacking:
                raise EvidenceError(f"{path.name}: lacks the column {' and '.join(sorted(lacking))}")
            pairs = [_pair(path.name, reader.line_num, row) for row in reader]
    except OSError as error:
        raise EvidenceError(f"{path.name}: can't be read: {error.strerror}") from error
    if not pairs:
        raise EvidenceError(f"{path.name}: has no pair")
    return pairs


def _pair(file: str, line: int, row: dict[str, Any]) -> Pair:
    text = row.get("context") or "{}"
    try:
        context = json.loads(text)
    except ValueError as error:
        raise EvidenceError(f"{file}:{line}: context: {text!r} is not JSON: {error}") from error
    if not isinstance(context, dict):
        raise EvidenceError(f"{file}:{line}: context: {text!r} is not a JSON object")
    return Pair(line, str(row["better"]), str(row["worse"]), context)


def _margin(subject: Subject, pair: Pair) -> float | None:
    """By how much the better one is ahead; None where the catalogue lacks one of the two."""
    ids: Any = [pair.better, pair.worse]
    if subject.catalogue.id_type is int:
        ids = [int(each) if each.lstrip("-").isdigit() else -1 for each in ids]
    rows = subject.catalogue.rows(ids)
    if (rows < 0).any():
        return None
    scores = subject.engine.score(np.asarray(rows), parse_context(subject.engine.spec, pair.context))
    return float(scores[0] - scores[1])


def _shown(file: str, pairs: list[Pair]) -> str:
    named = ", ".join(f"{pair.better} over {pair.worse} (line {pair.line})" for pair in pairs[:SHOWN])
    return f"{file}: {named}{' and others' if len(pairs) > SHOWN else ''}"
