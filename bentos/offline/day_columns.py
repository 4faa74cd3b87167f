"""The columns of a version that closed days are sketched by, and what each of them counts in its model."""

from __future__ import annotations

import pandas as pd

from bentos.home.state import Home
from models.declaration.declaration import Declaration
from models.engine import open_model
from models.package import MODEL, read_declaration
from monitoring.drift.columns import Kind
from monitoring.drift.family import apart
from monitoring.drift.sketches import ColumnSketch
from monitoring.log.version_name import VersionName

MOST_COLUMNS = 2_000  # columns that are watched, the first ones of the declaration
SPECIAL = ", special"  # follows a column's name where its special values are compared


def declared(home: Home, model: str) -> Declaration:
    """The declaration in a version's package. Raises UserError where that is not here."""
    return read_declaration(home.version(VersionName.parse(model).number))


def kinds(declaration: Declaration) -> dict[str, Kind]:
    """The score, at most `MOST_COLUMNS` features, and which of their special values a row has."""
    found: dict[str, Kind] = {"score": "numeric"}
    for name in declaration.feature_names[:MOST_COLUMNS]:
        found[name] = "categorical" if name in declaration.categorical else "numeric"
        if found[name] == "numeric" and declaration.features.special_of(name):
            found[name + SPECIAL] = "categorical"
    return found


def column_of(rows: pd.DataFrame, name: str, kind: Kind, declaration: Declaration) -> ColumnSketch:
    """The sketch of a column of `kinds` in rows that have its features and `score`."""
    of = name.removesuffix(SPECIAL) if name not in rows else name
    special = declaration.features.special_of(of) if of not in declaration.categorical else ()
    sketch = ColumnSketch(kind)
    sketch.update(apart(rows[of], kind, special) if special else rows[of])
    return sketch


def importances(home: Home, version: str) -> dict[str, float]:
    """By column the share, 0 to 1, that it has of how the model's prediction changes; the score has all.

    Raises OSError or UserError where the version's model is not here.
    """
    path = home.version(VersionName.parse(version).number) / MODEL
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not here")
    model = open_model(path)
    shares = model.get_feature_importance(type="PredictionValuesChange")
    named = dict(
        zip(declared(home, version).feature_names, (float(each) / 100 for each in shares), strict=True)
    )
    return {"score": 1.0} | named | {name + SPECIAL: share for name, share in named.items()}
