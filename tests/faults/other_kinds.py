"""More faults, of other kinds than `kinds`, for any declared ranker; each with the checks that may stop it.

`honest` ones leave training's proof healthy, as for a model that was trained elsewhere and adopted with
`ballast train --model`: then only the model itself and its order can show what it was fitted on.
"""

from __future__ import annotations

import dataclasses
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import catboost
import numpy as np

from models import package
from models.package import read_certificate, write_certificate
from models.table.dataset import Table
from tests.faults.kinds import (
    CERTIFIED,
    OUTCOMES,
    Fault,
    labels,
    most_missing,
    noted_anew,
    of_column,
    replace_train,
    scaled,
    skew,
)
from tests.faults.shop import Recipe, Shop, with_values

SEGMENTS = ("segments of", "slice ")
WRONG_FEATURE = ("borders of", *SEGMENTS, *OUTCOMES)
MAKE_UP = ("training part of the table",)
SCORES = ("certified scores",)


def flipped(where: Callable[[Shop, Table], Any]) -> Callable[[Shop, Table], Any]:
    """Labels turned round where `where` says."""
    return lambda shop, table: np.where(where(shop, table), table.label.max() - table.label, table.label)


def turned_inside(where: Callable[[Shop, Table], Any]) -> Callable[[Shop, Table], Any]:
    """Labels of each request turned round among the rows of a part: their make-up stays what it was."""

    def apply(shop: Shop, table: Table) -> Any:
        inside, found = where(shop, table), table.label.copy()
        for request in range(len(table.keys)):
            low, high = table.starts[request : request + 2].tolist()
            rows = low + np.flatnonzero(inside[low:high])
            worst_first = rows[np.argsort(table.label[rows], kind="stable")]
            found[worst_first] = table.label[worst_first[::-1]]
        return found

    return apply


def rarest(least: float) -> Callable[[Shop, Table], Any]:
    """The rarest value of the shop's category that has at least a share of the rows."""

    def apply(shop: Shop, table: Table) -> Any:
        values = table.values[shop.category].astype(str)
        known, counts = np.unique(values, return_counts=True)
        enough = counts >= least * len(values)
        return values == known[enough][np.argmin(counts[enough])]

    return apply


def above(share: float) -> Callable[[Shop, Table], Any]:
    """Rows whose most important number is in the top `share`."""

    def apply(shop: Shop, table: Table) -> Any:
        values = table.values[shop.top()]
        return values > np.nanquantile(values, 1 - share)

    return apply


def best_tenth(shop: Shop, table: Table) -> Any:
    """The rows that the champion scores highest."""
    model = catboost.CatBoost().load_model(str(shop.champion / package.MODEL))
    from models.training.fitting import frame

    scores = model.predict(frame(table.features(np.arange(len(table.label)))))
    return scores > np.quantile(scores, 0.9)


def another_horizon(_: Shop, table: Table) -> Any:
    """Only the best outcome counts, as if the time to wait for one had been too short; one in two of ones."""
    top = table.label == table.label.max()
    if table.declaration.ranks:
        return top.astype(float)
    return np.where(np.random.default_rng(4).random(len(top)) < 0.5, 0.0, top)


def weighted_wrongly(_: Shop, table: Table) -> Table:
    assert table.weight is not None
    changed = dataclasses.replace(table, weight=1 / table.weight)
    changed.__dict__["values"] = table.values
    return changed


def with_test_rows(_: Shop, table: Table) -> Table:
    """The evaluation rows are in the training part too; where there is a time, with times before it."""
    return replace_train(table, table.train | table.test)


def copied(shop: Shop, table: Table) -> Table:
    return with_values(table, **{shop.top(): table.values[shop.top(1)]})


def standardised(values: Any) -> Any:
    return ((values - np.nanmean(values)) / np.nanstd(values)).astype(np.float32)


def two_swapped(shop: Shop, table: Table) -> Table:
    """The two most common values of a category change places."""
    values = table.values[shop.category].astype(str)
    known, counts = np.unique(values, return_counts=True)
    one, other = known[np.argsort(-counts)[:2]]
    turned = np.where(values == one, other, np.where(values == other, one, values))
    return with_values(table, **{shop.category: turned.astype(object)})


def older_vocabulary(shop: Shop, table: Table) -> Table:
    """The catalogue's codes stand for the values of a list that has one more at its beginning."""
    values = table.values[shop.category].astype(str)
    known, place = np.unique(values, return_inverse=True)
    return with_values(table, **{shop.category: np.roll(known, 1)[place].astype(object)})


def shifted_rows(by: int) -> Callable[[Shop, Table], Table]:
    def apply(_: Shop, table: Table) -> Table:
        spec = table.declaration.spec
        names = (*spec.item_numeric, *spec.item_categorical)
        return with_values(table, **{name: np.roll(table.values[name], by) for name in names})

    return apply


def recertified(change: Callable[[Any, Any], Any]) -> Callable[[Shop, Path], None]:
    """Training (or what served it) computed other scores than the model gives: change(scores, starts)."""

    def apply(_: Shop, made: Path) -> None:
        found = read_certificate(made)
        write_certificate(made, dataclasses.replace(found, scores=change(found.scores, found.starts)))
        noted_anew(made)

    return apply


def sigmoid(values: Any) -> Any:
    return 1 / (1 + np.exp(-values))


def log_odds(values: Any, _: Any) -> Any:
    inside = np.clip(sigmoid(values) if np.ptp(values) > 1 else values, 1e-9, 1 - 1e-9)
    return np.log(inside / (1 - inside)) * 2


def rolled_within(scores: Any, starts: Any) -> Any:
    parts = np.split(scores, starts[1:-1])
    return np.concatenate([np.roll(part, 1) for part in parts]) if len(parts[0]) > 1 else np.roll(scores, 1)


def half_precision_leaves(_: Shop, made: Path) -> None:
    """Leaves as float16, to save memory, after training had computed its proof."""
    half_precision(_, catboost.CatBoost().load_model(str(made / package.MODEL))).save_model(
        str(made / package.MODEL)
    )
    noted_anew(made)


def half_precision(_: Shop, model: Any) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json")
        document = json.loads(path.read_text())
        for tree in document["oblivious_trees"]:
            tree["leaf_values"] = np.float16(tree["leaf_values"]).astype(float).tolist()
        path.write_text(json.dumps(document))
        return catboost.CatBoost().load_model(str(path), format="json")


def honest(name: str, change: Callable[[Any], Any], caught: tuple[str, ...] = WRONG_FEATURE) -> Fault:
    return Fault(name, Recipe(fitted=of_column(change), honest=True), caught)


def inverted_where(name: str, where: Callable[[Shop, Table], Any]) -> tuple[Fault, Fault]:
    """Once with healthy evaluation rows, once with those turned round as well."""
    return (
        Fault(name, Recipe(fitted=labels(flipped(where)), honest=True), (*SEGMENTS, *MAKE_UP)),
        Fault(
            f"{name}, evaluation too",
            Recipe(fitted=labels(flipped(where))),
            (*SEGMENTS, "training data against the table"),
        ),
    )


# For every ranker that has numbers.
NUMBERS: tuple[Fault, ...] = (
    *inverted_where("inverted where a number is high", above(0.25)),
    *inverted_where("inverted for the best tenth", best_tenth),
    Fault(
        "another horizon of the label",
        Recipe(fitted=labels(another_horizon), honest=True),
        (*MAKE_UP, "calibration", *OUTCOMES),
    ),
    Fault(
        "another horizon, evaluation too",
        Recipe(fitted=labels(another_horizon)),
        ("training data against the table",),
    ),
    Fault("evaluation rows trained on", Recipe(fitted=with_test_rows), ("training window", *MAKE_UP)),
    Fault("two numbers are one", Recipe(fitted=copied), CERTIFIED),
    skew("truncated to whole numbers", np.trunc),
    skew("off by one per cent", lambda values: values * np.float32(1.01)),
    skew("standardised on one side", standardised),
    skew("rounded to bins of a hundredth", lambda values: values + np.float32(0.01)),
    honest("fitted on standardised numbers", standardised),
    honest("fitted on hundredfold numbers", lambda values: values * 100),
    Fault("catalogue joined one row off", Recipe(catalogue=shifted_rows(1)), CERTIFIED),
    Fault("sigmoid twice", Recipe(files=recertified(lambda scores, _: sigmoid(scores))), SCORES),
    Fault("log-odds for probabilities", Recipe(files=recertified(log_odds)), SCORES),
    Fault("scores one place off", Recipe(files=recertified(rolled_within)), SCORES),
    Fault(
        "scores of the request before",
        Recipe(files=recertified(lambda s, starts: np.roll(s, int(starts[1])))),
        SCORES,
    ),
    Fault("leaves in half precision", Recipe(files=half_precision_leaves), SCORES),
)
MISSING: tuple[Fault, ...] = (
    skew(
        "missing is −999 in training", lambda values: np.where(np.isnan(values), -999, values), most_missing
    ),
)
CATEGORIES: tuple[Fault, ...] = (
    *inverted_where("inverted for a rare category", rarest(0.03)),
    Fault("two categories swapped", Recipe(fitted=two_swapped), CERTIFIED),
    Fault("fitted on swapped categories", Recipe(fitted=two_swapped, honest=True), WRONG_FEATURE),
    Fault("an older vocabulary", Recipe(catalogue=older_vocabulary), CERTIFIED),
)
WEIGHTS: tuple[Fault, ...] = (
    Fault("weighted the wrong way round", Recipe(fitted=weighted_wrongly), MAKE_UP),
)
TWO_CLASSES: tuple[Fault, ...] = (
    Fault("overconfident", Recipe(model=scaled(4, 0)), ("confidence", "calibration", "width of scores")),
    Fault("underconfident", Recipe(model=scaled(0.2, 0)), ("confidence", "calibration", "width of scores")),
    Fault(
        "the other class is positive", Recipe(fitted=labels(lambda _, t: 1 - t.label), honest=True), OUTCOMES
    ),
)

# Where requests have several candidates.
SEVERAL: tuple[Fault, ...] = (
    Fault(
        "turned round inside a part",
        Recipe(fitted=labels(turned_inside(above(0.25))), honest=True),
        SEGMENTS,
    ),
)
# For a version without a champion: what outcomes and the table alone must show.
FIRST: tuple[Fault, ...] = (
    *inverted_where("inverted where a number is high", above(0.25)),
    *inverted_where("inverted for a rare category", rarest(0.03)),
    Fault("sign of the scores inverted", Recipe(model=scaled(-1, 0)), OUTCOMES),
    honest("fitted on standardised numbers", standardised),
    *WEIGHTS,
)
# Leaves that were rounded before training computed its proof are what is served: the proof holds.
HARMLESS: tuple[Fault, ...] = (
    Fault("leaves in half precision from the start", Recipe(model=half_precision), ()),
)


def other_kinds(ranker: str) -> tuple[Fault, ...]:
    """The kinds that a ranker's data can have."""
    whole = ("truncated to whole numbers",) if ranker == "german" else ()  # its numbers are whole ones
    own = {
        "bazaar": (*SEVERAL, *MISSING, *CATEGORIES, *WEIGHTS),
        "german": (*CATEGORIES, *TWO_CLASSES),
        "ltr": SEVERAL,
    }
    return (*(fault for fault in NUMBERS if fault.name not in whole), *own[ranker])
