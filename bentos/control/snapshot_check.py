"""Checks a new catalogue snapshot before workers take it: are its columns like those that are served?

Items that are in both should have about the same features. A snapshot is refused if a column's order has
turned round, if it is in another unit, or if it is frozen or emptied. Then the snapshot that serves stays. A
person can accept it with `ballast guard clear`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.catalogue.catalogue import Catalogue
from models.gate.reading import reference_frame
from models.gate.skew import differences
from models.package import REFERENCE, read_declaration
from monitoring.guard.bounds import Bounds
from monitoring.guard.ordering import ranks

SAMPLE = 20_000  # items of each
SAID = 3  # reasons that are named; a broken feed has one for every column
LEAST = 200  # items that both have, below which their order is not compared
TURNED = -0.3  # a column's rank correlation with itself, item by item, from which on it is upside down
ALIKE = 0.2  # and under which it has little to do with what it was, as one that moves fast may
OUTSIDE = 0.25  # the largest share of values that training's range, widened, does not hold


def why_not(new: Catalogue, served: Catalogue, packages: list[Path]) -> str | None:
    """What is wrong with the columns that the served versions read, in a sentence; None: nothing."""
    specs = [read_declaration(package).spec for package in packages]
    numeric = dict.fromkeys(name for spec in specs for name in spec.item_numeric)
    words = dict.fromkeys(name for spec in specs for name in spec.item_categorical)
    pairs = _common(new, served)
    found = [why for name in (*numeric, *words) for why in _column(name, new, served, pairs)]
    found += _orders(tuple(numeric), new, served, pairs)
    found += [why for package in packages for why in _outside(new, package)]
    distinct = list(dict.fromkeys(found))
    more = [f"and {len(distinct) - SAID} more"] if len(distinct) > SAID else []
    return "; ".join([*distinct[:SAID], *more]) or None


def _common(new: Catalogue, served: Catalogue) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of the same items in both."""
    rows = _rows(new)
    if new.id_type is not served.id_type:
        return rows[:0], rows[:0]
    its = served.rows(new.ids(rows))
    return rows[its >= 0], its[its >= 0]


def _rows(catalogue: Catalogue) -> NDArray[np.int64]:
    every = max(1, -(-catalogue.size // SAMPLE))
    return np.arange(0, catalogue.size, every)


def _column(
    name: str, new: Catalogue, served: Catalogue, pairs: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> Iterator[str]:
    if len(pairs[0]) < LEAST:
        yield from differences(name, _values(served, name, _rows(served)), _values(new, name, _rows(new)))
        return
    own, its = _values(new, name, pairs[0]), _values(served, name, pairs[1])
    yield from differences(name, its, own)


def _orders(
    names: tuple[str, ...],
    new: Catalogue,
    served: Catalogue,
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> Iterator[str]:
    """Columns that are upside down; and where most have another order, items got each other's values."""
    alike = {name: _alike(_values(new, name, pairs[0]), _values(served, name, pairs[1])) for name in names}
    known = {name: value for name, value in alike.items() if value is not None}
    for name, value in known.items():
        if value < TURNED:
            yield f"{name}: it is upside down: rank correlation {value:.2f} with what is served"
    others = [name for name, value in known.items() if TURNED <= value < ALIKE]
    if len(others) > len(known) / 2:
        yield f"{len(others)} of {len(known)} columns have another order than what is served: {others[0]}, …"


def _alike(own: NDArray[Any], its: NDArray[Any]) -> float | None:
    """Rank correlation over the items that both have; None where that says nothing."""
    both = np.isfinite(own) & np.isfinite(its)
    if both.sum() < LEAST or not np.ptp(own[both]) or not np.ptp(its[both]):
        return None
    return float(np.corrcoef(ranks(own[both].astype(float)), ranks(its[both].astype(float)))[0, 1])


def _outside(new: Catalogue, package: Path) -> Iterator[str]:
    if not (package / REFERENCE).is_file():
        return
    declared = read_declaration(package)
    frame, rows = reference_frame(package, declared), _rows(new)
    for name in declared.spec.item_numeric:
        known, values = frame[name].to_numpy(float), _values(new, name, rows)
        known, values = known[np.isfinite(known)], values[np.isfinite(values)]
        if len(known) < LEAST or not len(values):
            continue
        bounds = Bounds.of(known.tolist())
        share = float(((values < bounds.low) | (values > bounds.high)).mean())
        if share > OUTSIDE:
            yield f"{name}: {share:.0%} of the values are outside {bounds.low:.4g} to {bounds.high:.4g}"


def _values(catalogue: Catalogue, name: str, rows: NDArray[np.int64]) -> NDArray[Any]:
    if name in catalogue.numeric_names:
        numbers: NDArray[Any] = catalogue.numeric[catalogue.numeric_names.index(name)][rows]
        return numbers
    place = catalogue.categorical_names.index(name)
    words: NDArray[Any] = np.array([*catalogue.vocabularies[place], ""], object)
    return np.asarray(words[catalogue.codes[place][rows]])
