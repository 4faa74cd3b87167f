"""What a version knows of healthy contexts: learnt at training, kept as plain data, read with numpy alone.

`contexts.npz` has the layout of requests, small forests, and for everything that is tested what it shows of
held-out requests: as they are, and with a fault planted. What could not be learnt says why.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.contexts.forest import PlainForest
from models.contexts.layout import RequestLayout
from models.package import PackageError, bounded

CONTEXTS = "contexts.npz"
JOINT, OWN, LATE, CHANGE = "joint", "own", "late", "change"
"""What is tested: fields that go together, with their own candidates, in time, from one to the next."""

_UNREADABLE = (
    OSError,
    EOFError,
    ValueError,
    KeyError,
    TypeError,
    RecursionError,
    MemoryError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True)
class Shown:
    """Mean observations of one test on held-out requests: `healthy`, and `faulty` with its fault planted.

    `limit` is what healthy means stay under; `requests` is within how many different ones nine of ten planted
    faults are named, None where not within 2,000.
    """

    healthy: float
    faulty: float
    limit: float
    held_out: int
    requests: int | None

    @property
    def source(self) -> str:
        """Where the limit is from, in words."""
        soon = "not soon" if self.requests is None else f"within {self.requests} different requests"
        return f"{self.healthy:.2f} of {self.held_out} held out, {self.faulty:.2f} if broken: named {soon}"


@dataclass(frozen=True)
class FieldShare:
    """How often something was so of a field: `count` of `requests`, and the limit of a healthy share.

    Without a limit, `why` says why more of it could not be told.
    """

    count: int
    requests: int
    limit: float | None
    why: str = ""


@dataclass(frozen=True, eq=False)
class ContextReference:
    """What is known of healthy contexts.

    `shown` and `unlearnt` (why not) are by test, `missing` and `repeats` by field of the context, `unknown`
    by category: its value is none of the commonest. `gone` says how often a request lacks more fields than
    `most` of training's did, and `together` which share of its fields repeats values. `every` is the usual
    time between two requests of a kind, in seconds; None without times.
    """

    layout: RequestLayout
    forests: Mapping[str, PlainForest]
    shown: Mapping[str, Shown]
    unlearnt: Mapping[str, str]
    missing: Mapping[str, FieldShare]
    repeats: Mapping[str, FieldShare]
    gone: FieldShare
    together: FieldShare
    most: int
    every: float | None
    unknown: Mapping[str, FieldShare] = field(default_factory=dict)


def write_contexts(folder: Path, reference: ContextReference) -> None:
    """Write contexts.npz, which loads without pickle."""
    document = {
        "layout": asdict(reference.layout),
        "shown": {name: asdict(each) for name, each in reference.shown.items()},
        "unlearnt": dict(reference.unlearnt),
        "missing": {name: asdict(each) for name, each in reference.missing.items()},
        "repeats": {name: asdict(each) for name, each in reference.repeats.items()},
        "unknown": {name: asdict(each) for name, each in reference.unknown.items()},
        "gone": asdict(reference.gone),
        "together": asdict(reference.together),
        "most": reference.most,
        "every": reference.every,
        "forests": list(reference.forests),
    }
    text = np.frombuffer(json.dumps(document, allow_nan=False).encode(), np.uint8)
    arrays: dict[str, NDArray[Any]] = {"document": text}
    for name, forest in reference.forests.items():
        arrays |= {f"{name}_{part}": array for part, array in forest.arrays().items()}
    np.savez_compressed(folder / CONTEXTS, allow_pickle=False, **arrays)


def read_contexts(folder: Path) -> ContextReference | None:
    """contexts.npz of a package, None for a package without it. Raises PackageError for a damaged one."""
    path = folder / CONTEXTS
    if not path.exists():
        return None
    try:
        bounded(path)
        with np.load(path, allow_pickle=False) as found:
            document = json.loads(found["document"].tobytes())
            forests = {name: _forest(found, name) for name in document["forests"]}
        return _of(document, forests)
    except _UNREADABLE as error:
        raise PackageError(f"{path}: is no reference of contexts: {error}") from error


def _forest(found: Any, name: str) -> PlainForest:
    parts = ("features", "borders", "leaves", "bias")
    return PlainForest.of_arrays({part: found[f"{name}_{part}"] for part in parts})


def _of(document: dict[str, Any], forests: Mapping[str, PlainForest]) -> ContextReference:
    layout = document["layout"]
    tuples = {key: tuple(value) for key, value in layout.items() if isinstance(value, list)}
    counted = {
        key: {name: FieldShare(**each) for name, each in document.get(key, {}).items()}
        for key in ("missing", "repeats", "unknown")
    }
    return ContextReference(
        layout=RequestLayout(**layout | tuples),
        forests=forests,
        shown={name: Shown(**each) for name, each in document["shown"].items()},
        unlearnt=document["unlearnt"],
        gone=FieldShare(**document["gone"]),
        together=FieldShare(**document["together"]),
        most=int(document["most"]),
        every=document["every"],
        **counted,
    )
