"""The declared table itself, read by the gate: what people keep, not what a training run noted of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.declaration.declaration import Declaration
from models.declaration.refusal import DeclarationError
from models.gate.compare import usable_slices
from models.gate.encoded import closeness
from models.gate.fits import Design
from models.gate.labelled import LabelledRows, kept_rows
from models.gate.window import RequestWindow
from models.table import dataset
from models.table.dataset import Table, starts_of
from models.table.requests import context_of
from models.training.makeup import training

logger = logging.getLogger(__name__)

REQUESTS = 1500  # scoring them takes a tenth of a second; they show the loss of a tenth of an advantage
ROWS = 20_000


@dataclass(frozen=True, eq=False)
class Declared:
    """Requests of the table's evaluation part: labelled, with every feature of every row as it is there.

    `keys` names the request of each row; `digest` is the table's, as training notes it; `training` is the
    make-up of its training part, `closeness` of the whole table's labels to each number (`encoded`).
    """

    window: RequestWindow
    keys: NDArray[Any]
    features: Mapping[str, NDArray[Any]]
    digest: str
    training: Mapping[str, Any]
    closeness: Mapping[str, float]
    labelled: LabelledRows

    @cached_property
    def rows(self) -> Design:
        """The table's rows, training part and evaluation part, as the fits of the gate take them."""
        return Design.of(self.labelled)


def declared_table(declared: Declaration, home: Path) -> Declared | None:
    """Requests of the table's evaluation part, evenly spread; None where the table can't be had here.

    A server need not have the table that training had. What was read is kept for the next version.
    """
    if not _at_hand(declared, home):
        return None
    return _read(declared.to_json(), declared.origin, _changed(declared), home)


def _at_hand(declared: Declaration, home: Path) -> bool:
    """A file that is there, or a function's table that training has kept: making one can take a minute."""
    source = declared.data.source
    if ":" in source:
        return any((home / "data").glob(f"{source.replace(':', '.')}-*.parquet"))
    return (declared.folder / source).is_file()


def _changed(declared: Declaration) -> float:
    """When the table's file was changed (unix seconds); 0 for one that a function makes."""
    path = declared.folder / declared.data.source
    return path.stat().st_mtime if path.is_file() else 0.0


@lru_cache(maxsize=2)
def _read(text: str, origin: Path | None, changed: float, home: Path) -> Declared | None:
    declared = Declaration.model_validate_json(text).model_copy(update={"origin": origin})
    try:
        return _sampled(dataset.read(declared, home))
    except (DeclarationError, OSError, ImportError) as error:
        logger.info("the declared table can't be read here: %s", error)
        return None


def _sampled(table: Table) -> Declared:
    requests = _chosen(table)
    parts = [np.arange(table.starts[each], table.starts[each + 1]) for each in requests.tolist()]
    parts = [part[table.test[part]] for part in parts]
    rows = np.concatenate(parts)
    return Declared(
        window=_window(table, parts, rows),
        keys=table.keys[table.request[rows]].astype(str),
        features=table.features(rows),
        digest=table.digest,
        training=training(table),
        closeness=closeness(table.values, table.label, table.starts),
        labelled=_labelled(table),
    )


def _labelled(table: Table) -> LabelledRows:
    """The rows of both parts, thinned where they are many."""
    import pandas as pd

    rows = np.flatnonzero(table.train | table.test)
    recurs = not pd.Index(table.items[rows]).is_unique
    kept = kept_rows(starts_of(table.request[rows]), len(table.features(rows[:1])))
    rows = rows if kept is None else rows[kept]
    items, keys = table.items[rows], table.keys[table.request[rows]]
    names = np.array([f"{key}/{item}" for key, item in zip(keys, items, strict=True)]) if recurs else items
    return LabelledRows(
        features=table.features(rows),
        label=table.label[rows],
        starts=starts_of(table.request[rows]),
        names=names,
        timed=table.time is not None,
        items=items if recurs else None,
    )


def _window(table: Table, parts: list[NDArray[np.int64]], rows: NDArray[np.int64]) -> RequestWindow:
    labels = table.label[rows]
    return RequestWindow(
        source="the declared table",
        ids=table.items[rows].tolist(),
        starts=np.cumsum([0, *map(len, parts)]).astype(np.int64),
        contexts=[context_of(table, int(part[0])) for part in parts],
        labels=labels,
        positive=None if table.declaration.ranks else labels > 0,
        slices=_slices(table, rows),
        gain=table.declaration.data.gain,
    )


def _chosen(table: Table) -> NDArray[np.int64]:
    found = np.flatnonzero(np.bincount(table.request[table.test]))
    most = REQUESTS if table.declaration.data.group is not None else ROWS
    return np.asarray(found[:: -(-len(found) // most)])


def _slices(table: Table, rows: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    declared = table.declaration.data.slices
    columns = {name: table.slice_of(name)[rows] for name in declared}
    columns |= {name: table.values.at(name, rows) for name in table.declaration.categorical}
    return usable_slices(columns, declared)
