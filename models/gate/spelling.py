"""Categories spelled as the model knows them: one that was trained elsewhere may have had them otherwise."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from models.engine import known
from models.features import MISSING
from models.gate.subject import Subject
from models.gate.verdict import SHARE, Check, Result

COUNTED = 0.1  # share of the rows whose value a model that counts all values must know; new ones are normal
SHOWN = 3  # values that a sentence names
TRIED = 50  # values whose other spellings are looked for


def spelling(subject: Subject) -> Iterator[Check]:
    """Of each category that the model asks for, some of the reference window's values are known to it."""
    if not subject.declared.categorical:
        return
    model = as_json(subject.model)
    for feature in subject.declared.categorical:
        yield from _judged(subject, model, feature)


def _judged(subject: Subject, model: dict[str, Any], feature: str) -> Iterator[Check]:
    column = subject.columns[feature].astype(str)
    values, counts = np.unique(column[column != MISSING], return_counts=True)
    found = known(model, subject.declared.feature_names.index(feature), values.tolist())
    if found is None or not len(values):
        return
    share = float(counts[found.mask].sum() / counts.sum())
    least = COUNTED if found.counted else 0.0  # splits ask for some of the values only
    name = f"spelling of {feature}"
    if found.mask.any() and share >= least:
        sentence = f"{share:.0%} of the rows have a value that the model knows"
        yield Check(name, Result.PASS, sentence, share, least, "the model", SHARE)
        return
    often = values[np.argsort(np.where(found.mask, 0, -counts), kind="stable")].tolist()
    sentence = (
        f"the model knows the {feature} of {share:.0%} of the rows: the table has "
        f"{', '.join(map(repr, often[:SHOWN]))}, {_otherwise(model, subject, feature, often)}"
    )
    yield Check(name, Result.HOLD, sentence, share, least, "the model", SHARE)


def as_json(model: Any) -> dict[str, Any]:
    """A CatBoost model's own JSON."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "model.json"
        model.save_model(str(path), format="json")
        found: dict[str, Any] = json.loads(path.read_bytes())
        return found


def _otherwise(model: dict[str, Any], subject: Subject, feature: str, values: list[str]) -> str:
    """How the model has them, where one of the usual other spellings is known to it."""
    place = subject.declared.feature_names.index(feature)
    for value in values[:TRIED]:
        tried = spellings(value)
        found = known(model, place, tried)
        if found is not None and found.mask.any():
            return f"the model {tried[int(np.argmax(found.mask))]!r} for {value!r}"
    return "the model none of the usual other spellings of them"


def spellings(value: str) -> list[str]:
    """Other ways in which tools write the same value.

    >>> spellings("t5")[:4], "5.0" in spellings("5"), "7" in spellings("007")
    (['5', 'T5', '5.0', 't5.0'], True, True)
    """
    digits = value.lstrip("_-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz ")
    bare = value.removesuffix(".0")
    made = [digits, value.upper(), f"{digits}.0", f"{value}.0", bare, bare.lstrip("0"), value.lower()]
    made += [value.title(), value.strip(), f"'{value}'", f'"{value}"']
    made += [value.replace("_", " "), value.replace(" ", "_")]
    return [each for each in dict.fromkeys(made) if each and each != value]
