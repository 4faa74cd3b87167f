"""A CatBoost model that was trained elsewhere, in place of training one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import catboost

from models.declaration.declaration import Declaration
from models.declaration.refusal import DeclarationError, listing

KEY = "--model"


def open_foreign(path: Path) -> Any:
    """A CatBoost model file of any of CatBoost's formats. Raises DeclarationError."""
    kind = path.suffix.lstrip(".").lower()
    try:
        return catboost.CatBoost().load_model(str(path), format=kind if kind in {"json", "onnx"} else "cbm")
    except catboost.CatBoostError as error:
        reason = str(error).strip().splitlines()[-1]
        raise DeclarationError(
            path.name, KEY, str(path), f"is no model that CatBoost loads: {reason}"
        ) from error


def as_trained(declaration: Declaration, model: Any) -> Declaration:
    """[ranker] as the model's own parameters say; what a summed model has forgotten stays as declared."""
    params = model.get_all_params()
    own = declaration.ranker
    trees = int(params.get("iterations", model.tree_count_))
    stopped = {} if trees == model.tree_count_ else {"use_best_model": True}
    return declaration.with_ranker(
        objective=str(params.get("loss_function", own.objective)),
        trees=trees,
        depth=int(params.get("depth", own.depth)),
        learning_rate=min(1.0, float(params.get("learning_rate", own.learning_rate))),
        seed=int(params.get("random_seed", own.seed)),
        params=stopped,
    )


def in_its_order(declaration: Declaration, model: Any, path: Path) -> Declaration:
    """The declaration with the model's order of features, once its globs are resolved.

    A model that was trained on an unnamed matrix is given the declared names, in the declared order.

    Raises DeclarationError where model and declaration do not have the same features.
    """
    names = list(model.feature_names_)
    if names == [str(place) for place in range(len(declaration.spec.names))]:
        names = list(declaration.spec.names)
        model.set_feature_names(names)
    _same_features(path, names, declaration)
    _same_kinds(path, [names[place] for place in model.get_cat_feature_indices()], declaration)
    return declaration.with_features(order=tuple(names))


def _same_features(path: Path, names: list[str], declared: Declaration) -> None:
    own, other = set(names), set(declared.spec.names)
    if own - other:
        missing = sorted(own - other)
        rule = (
            f"is a feature of the model that {declared.file} does not declare; there are {listing(missing)}"
        )
        raise DeclarationError(path.name, KEY, missing[0], rule)
    if other - own:
        missing = sorted(other - own)
        rule = f"is declared in {declared.file} but is no feature of the model; it has {listing(names)}"
        raise DeclarationError(path.name, KEY, missing[0], rule)


def _same_kinds(path: Path, categorical: list[str], declared: Declaration) -> None:
    for name in sorted({*categorical} ^ {*declared.spec.categorical}):
        kind, other = ("categorical", "numeric") if name in categorical else ("numeric", "categorical")
        raise DeclarationError(path.name, KEY, name, f"is {kind} in the model and {other} in {declared.file}")
