"""Labelled requests straight from the declared table: what people keep, not what a training run noted."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.gate.compare import usable_slices
from models.gate.window import Window
from models.refusal import DeclarationError

if TYPE_CHECKING:
    from models.dataset import Table
    from models.declaration import Declaration

logger = logging.getLogger(__name__)

REQUESTS = 1000  # enough to see a tenth of a ranker's advantage; scoring them takes a tenth of a second
ROWS = 20_000


def table_window(declared: Declaration, home: Path) -> Window | None:
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
def _read(text: str, origin: Path | None, changed: float, home: Path) -> Window | None:
    from models import dataset
    from models.declaration import Declaration

    declared = Declaration.model_validate_json(text).model_copy(update={"origin": origin})
    try:
        return _window(dataset.read(declared, home))
    except (DeclarationError, OSError, ImportError) as error:
        logger.info("the declared table can't be read here: %s", error)
        return None


def _window(table: Table) -> Window:
    from models.requests import context_of

    requests = _chosen(table)
    parts = [np.arange(table.starts[each], table.starts[each + 1]) for each in requests.tolist()]
    parts = [part[table.test[part]] for part in parts]
    rows = np.concatenate(parts)
    labels = table.label[rows]
    return Window(
        source="the declared table",
        ids=table.items[rows].tolist(),
        starts=np.cumsum([0, *map(len, parts)]).astype(np.int64),
        contexts=[context_of(table, int(part[0])) for part in parts],
        labels=labels,
        positive=None if table.declaration.ranks else labels > 0,
        slices=_slices(table, rows),
    )


def _chosen(table: Table) -> NDArray[np.int64]:
    found = np.unique(table.request[table.test])
    most = REQUESTS if table.declaration.data.group is not None else ROWS
    return np.asarray(found[:: -(-len(found) // most)])


def _slices(table: Table, rows: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    declared = table.declaration.data.slices
    columns = {name: table.frame[name].to_numpy()[rows].astype(str).astype(object) for name in declared}
    columns |= {name: table.values[name][rows] for name in table.declaration.categorical}
    return usable_slices(columns, declared)
