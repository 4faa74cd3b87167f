"""A CatBoost model that was trained elsewhere, in place of training one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import catboost

from models.declaration.declaration import Declaration
from models.declaration.refusal import DeclarationError, listing
from models.engine import parameters

KEY = "--model"
EXPORTS = {"onnx", "mlmodel", "coreml", "pmml", "cpp", "py", "json.gz"}


def open_foreign(path: Path) -> Any:
    """A CatBoost model file, .cbm or .json. DeclarationError: another kind, or features not served here."""
    kind = path.suffix.lstrip(".").lower()
    if kind in EXPORTS:
        rule = f"is an export of a model ({kind}): give the model itself, saved as .cbm or .json"
        raise DeclarationError(path.name, KEY, str(path), rule)
    try:
        model = catboost.CatBoost().load_model(str(path), format="json" if kind == "json" else "cbm")
    except catboost.CatBoostError as error:
        reason = str(error).strip().splitlines()[-1]
        raise DeclarationError(
            path.name, KEY, str(path), f"is no model that CatBoost loads: {reason}"
        ) from error
    _served_kinds(path, model)
    return model


def _served_kinds(path: Path, model: Any) -> None:
    names = list(model.feature_names_)
    for kind, places in (
        ("text", model.get_text_feature_indices()),
        ("embedding", model.get_embedding_feature_indices()),
    ):
        if places:
            rule = f"is a feature of kind {kind} in the model: only numbers and categories are served"
            raise DeclarationError(path.name, KEY, names[places[0]], rule)
    if "loss_function" not in parameters(model):
        rule = "does not tell its loss function (models of different losses summed?): it can't be served"
        raise DeclarationError(path.name, KEY, str(path), rule)


def as_trained(declaration: Declaration, model: Any) -> Declaration:
    """[ranker] as the model's own parameters say; what a summed model has forgotten stays as declared."""
    params = parameters(model)
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
