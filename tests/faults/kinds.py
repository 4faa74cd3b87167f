"""The faults, each made the way the world makes it, with the words by which its verdict must name it.

*Skew* faults change what a version is fitted on while the catalogue serves the healthy values. *Label* and
*training* faults leave the features alone. *File* faults come after training. Each is a Recipe, and the
beginnings of the names of the checks of which one must stop it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import catboost
import numpy as np

from models import package
from models.declaration.declaration import Declaration
from models.package import read_manifest, write_manifest
from models.table.dataset import Table
from tests.faults.shop import Recipe, Shop, with_labels, with_values

CERTIFIED = ("certified features",)
TABLE = ("training data against the table",)
MAKE_UP = ("training data against the champion",)
OUTCOMES = ("sign on", "quality on", "against the champion", "order against", "slice ", "direction of")


@dataclass(frozen=True)
class Fault:
    """A kind of fault; `caught` holds beginnings of the names of checks that are right to stop it."""

    name: str
    recipe: Recipe
    caught: tuple[str, ...]


def of_column(change: Callable[[Any], Any], name: Callable[[Shop], str] = lambda shop: shop.top()) -> Any:
    """A change of one feature column, in the data that training sees."""

    def apply(shop: Shop, table: Table) -> Table:
        column = name(shop)
        return with_values(table, **{column: np.asarray(change(table.values[column].copy()))})

    return apply


def context_name(shop: Shop) -> str:
    return shop.table.declaration.spec.context_numeric[0]


def most_missing(shop: Shop) -> str:
    values = shop.table.values
    return max(shop.table.declaration.numeric, key=lambda name: float(np.isnan(values[name]).mean()))


def fractional(shop: Shop) -> str:
    """The item feature that matters most of those that have other than whole numbers."""
    for name in shop.ranked():
        values = shop.table.values[name]
        known = values[np.isfinite(values)]
        if (known != np.round(known)).any():
            return name
    raise LookupError("all of the items' numbers are whole")


def category(shop: Shop) -> str:
    return shop.category


def skew(name: str, change: Callable[[Any], Any], column: Callable[[Shop], str] | None = None) -> Fault:
    made = of_column(change) if column is None else of_column(change, column)
    return Fault(name, Recipe(fitted=made), CERTIFIED)


def swapped(shop: Shop, table: Table) -> Table:
    one, other = shop.top(), shop.top(1)
    return with_values(table, **{one: table.values[other], other: table.values[one]})


def permuted(shop: Shop, table: Table) -> Table:
    names = table.declaration.spec.item_numeric
    return with_values(
        table, **{name: table.values[names[(place + 1) % len(names)]] for place, name in enumerate(names)}
    )


def remapped(values: Any) -> Any:
    known = np.unique(values.astype(str))
    turned = dict(zip(known.tolist(), np.roll(known, 1).tolist(), strict=True))
    return np.array([turned[value] for value in values.astype(str).tolist()], dtype=object)


def swapped_case(values: Any) -> Any:
    return np.array([value.swapcase() for value in values], dtype=object)


def frozen(values: Any) -> Any:
    return np.full_like(values, np.nanmedian(values))


def rolled(values: Any) -> Any:
    return np.roll(values, 997)


def labels(change: Callable[[Shop, Table], Any]) -> Any:
    return lambda shop, table: with_labels(table, change(shop, table))


def inverted(_: Shop, table: Table) -> Any:
    return table.label.max() - table.label


def inverted_slice(shop: Shop, table: Table) -> Any:
    return np.where(one_slice(table), table.label.max() - table.label, table.label)


def one_slice(table: Table) -> Any:
    values = table.frame[table.declaration.data.slices[0]].to_numpy().astype(str)
    known, counts = np.unique(values, return_counts=True)
    return values == known[np.argmax(counts)]


def shuffled(_: Shop, table: Table) -> Any:
    return np.random.default_rng(1).permutation(table.label)


def shuffled_within(_: Shop, table: Table) -> Any:
    draw = np.random.default_rng(2).random(len(table.label))
    return table.label[np.lexsort((draw, table.request))]


def leaky(shop: Shop, table: Table) -> Table:
    """A feature that is the outcome with a little noise: the delay at departure, a closed account."""
    noise = np.random.default_rng(3).normal(0, 0.1, len(table.label))
    return with_values(table, **{shop.top(1): (table.label + noise).astype(np.float32)})


def only_slice(_: Shop, table: Table) -> Table:
    return replace_train(table, table.train & one_slice(table))


def on_the_future(_: Shop, table: Table) -> Table:
    return replace_train(table, table.train | table.test)


def a_few_rows(_: Shop, table: Table) -> Table:
    requests = np.unique(table.request[table.train])
    return replace_train(table, table.train & np.isin(table.request, requests[:: len(requests) // 15]))


def replace_train(table: Table, train: Any) -> Table:
    changed = replace(table, train=train)
    changed.__dict__["values"] = table.values
    return changed


def scaled(scale: float, bias: float) -> Callable[[Shop, Any], Any]:
    def apply(_: Shop, model: Any) -> Any:
        model.set_scale_and_bias(float(scale), float(bias))
        return model

    return apply


def trees(first: float, last: float) -> Callable[[Shop, Any], Any]:
    def apply(_: Shop, model: Any) -> Any:
        count = model.tree_count_
        model.shrink(ntree_end=int(last * count), ntree_start=int(first * count))
        return model

    return apply


def not_a_number(_: Shop, made: Path) -> None:
    """Two leaves are NaN: rows that reach one have no score."""
    model = catboost.CatBoost().load_model(str(made / package.MODEL))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json")
        document = json.loads(path.read_text())
        for tree in document["oblivious_trees"]:
            tree["leaf_values"][0] = 1e308  # two of them are infinite, and infinity less infinity is NaN
            tree["leaf_values"][-1] = -1e308
        path.write_text(json.dumps(document))
        catboost.CatBoost().load_model(str(path), format="json").save_model(str(made / package.MODEL))
    noted_anew(made)


def truncated(_: Shop, made: Path) -> None:
    content = (made / package.MODEL).read_bytes()
    (made / package.MODEL).write_bytes(content[: len(content) // 2])


def noted_anew(made: Path, **changes: str) -> None:
    """Write the manifest again, as if training had written these files; no registry knows better."""
    (made / ".logged_digest").unlink()
    write_manifest(made, replace(read_manifest(made), **changes))


def truncated_and_noted(shop: Shop, made: Path) -> None:
    truncated(shop, made)
    noted_anew(made)


def one_byte(_: Shop, made: Path) -> None:
    content = bytearray((made / package.MODEL).read_bytes())
    content[-20] ^= 1
    (made / package.MODEL).write_bytes(bytes(content))


def renoted(_: Shop, made: Path) -> None:
    """The registry still knows the digest of the manifest that training wrote."""
    logged = (made / ".logged_digest").read_text()
    (made / package.EVALUATION).write_text('{"ndcg_10": {"value": 0.99}}')
    noted_anew(made)
    (made / ".logged_digest").write_text(logged)


def without(name: str) -> Callable[[Shop, Path], None]:
    return lambda _, made: (made / name).unlink()


def of_another_ranker(_: Shop, made: Path) -> None:
    noted_anew(made, ranker="another")


def champions_model(shop: Shop, made: Path) -> None:
    """The files of two versions mixed: this one's proof, the champion's model."""
    (made / package.MODEL).write_bytes((shop.champion / package.MODEL).read_bytes())
    noted_anew(made)


def other_declaration(change: Callable[[dict[str, Any]], None]) -> Callable[[Shop, Path], None]:
    def apply(_: Shop, made: Path) -> None:
        document = json.loads((made / package.DECLARATION).read_text())
        change(document)
        (made / package.DECLARATION).write_text(json.dumps(document))
        noted_anew(made)

    return apply


def reversed_features(document: dict[str, Any]) -> None:
    document["features"]["numeric"].reverse()


def late_feature(document: dict[str, Any]) -> None:
    document["features"]["available_at"] = {"*": "+1h"}


def stale(shop: Shop, table: Table) -> Table:
    """The catalogue was written from values that are a few thousand rows old."""
    names = table.declaration.spec.item_numeric
    return with_values(table, **{name: np.roll(table.values[name], 1001) for name in names})


def lost_items(_: Shop, table: Table) -> Table:
    kept = np.arange(len(table.label)) < 0.7 * len(table.label)
    return Table(
        declaration=table.declaration,
        frame=table.frame[kept],
        items=table.items[kept],
        request=table.request[kept],
        keys=table.keys[: int(table.request[kept].max()) + 1],
        time=None if table.time is None else table.time[kept],
        label=table.label[kept],
        label_time=None if table.label_time is None else table.label_time[kept],
        train=table.train[kept],
        test=table.test[kept],
        digest=table.digest,
    )


def reseeded(declared: Declaration) -> Declaration:
    return declared.with_ranker(seed=9)


FAULTS: tuple[Fault, ...] = (
    Fault("sign of the scores inverted", Recipe(model=scaled(-1, 0)), OUTCOMES),
    Fault("labels inverted in training", Recipe(fitted=labels(inverted), honest=True), OUTCOMES),
    Fault("labels inverted, evaluation too", Recipe(fitted=labels(inverted)), OUTCOMES),
    Fault("inverted for one slice", Recipe(fitted=labels(inverted_slice), honest=True), ("slice ",)),
    Fault("inverted for one slice, evaluation too", Recipe(fitted=labels(inverted_slice)), ("slice ",)),
    Fault("labels shuffled", Recipe(fitted=labels(shuffled), honest=True), OUTCOMES),
    Fault("labels shuffled, evaluation too", Recipe(fitted=labels(shuffled)), OUTCOMES),
    Fault("labels shuffled inside requests", Recipe(fitted=labels(shuffled_within), honest=True), OUTCOMES),
    Fault(
        "labels shifted by one row",
        Recipe(fitted=labels(lambda _, table: np.roll(table.label, 1)), honest=True),
        OUTCOMES,
    ),
    Fault("scores scaled", Recipe(model=scaled(100, 0)), ("width of scores",)),
    Fault("scores shrunk", Recipe(model=scaled(0.01, 0)), ("width of scores",)),
    Fault("scores shifted", Recipe(model=scaled(1, 1000)), ("middle of scores",)),
    Fault("scores constant", Recipe(model=scaled(0, 1)), ("ties on",)),
    Fault("NaN for some rows", Recipe(files=not_a_number), ("finite scores", "engine", "certified")),
    Fault("columns permuted", Recipe(fitted=permuted), CERTIFIED),
    Fault("two features swapped", Recipe(fitted=swapped), CERTIFIED),
    skew("minutes for hours", lambda values: values / 60),
    skew("cents for dollars", lambda values: values * 100),
    skew("miles for kilometres", lambda values: values * 1.609),
    skew("log1p on one feature", np.log1p),
    skew("rounded on one side", np.round, fractional),
    skew("half precision on one side", lambda v: v.astype(np.float16).astype(np.float32), fractional),
    skew("missing read as zero", np.nan_to_num, most_missing),
    skew("a feature frozen", frozen),
    skew("a feature filled with zero", np.zeros_like),
    skew("a feature lagged by a day", lambda values: np.roll(values, 57)),
    skew("categorical codes remapped", remapped, category),
    skew("category in another case", swapped_case, category),
    Fault("time zone shifted", Recipe(fitted=of_column(lambda v: v + 5, context_name)), TABLE),
    Fault("context of another request", Recipe(fitted=of_column(rolled, context_name)), TABLE),
    Fault("catalogue stale", Recipe(catalogue=stale), CERTIFIED),
    Fault("catalogue without some items", Recipe(catalogue=lost_items), ("birth certificate",)),
    Fault("trained on a leaked column", Recipe(fitted=leaky, catalogue=leaky), ("single features",)),
    Fault(
        "trained on one slice only",
        Recipe(fitted=only_slice, honest=True),
        MAKE_UP,
    ),
    Fault("trained on the future", Recipe(fitted=on_the_future), ("training window",)),
    Fault(
        "trained on a few requests",
        Recipe(fitted=a_few_rows, honest=True),
        MAKE_UP,
    ),
    Fault("first half of the trees lost", Recipe(model=trees(0.5, 1)), ("model",)),
    Fault("last half of the trees lost", Recipe(model=trees(0, 0.5)), ("model",)),
    Fault("model file truncated", Recipe(files=truncated), ("files",)),
    Fault("model file truncated before it was noted", Recipe(files=truncated_and_noted), ("model",)),
    Fault("one byte of the model flipped", Recipe(files=one_byte), ("files",)),
    Fault("manifest written anew", Recipe(files=renoted), ("files",)),
    Fault("certificate missing", Recipe(files=without(package.CERTIFICATE)), ("files",)),
    Fault("manifest missing", Recipe(files=without(package.MANIFEST)), ("files",)),
    Fault("package of another ranker", Recipe(files=of_another_ranker), ("ranker",)),
    Fault(
        "model of another version",
        Recipe(files=champions_model, declared=reseeded),
        ("certified",),
    ),
    Fault("features in another order", Recipe(files=other_declaration(reversed_features)), ("model",)),
    Fault("a feature of the future", Recipe(files=other_declaration(late_feature)), ("declaration",)),
)
