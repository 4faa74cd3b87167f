"""The parts of a Steward without MLflow, for tests: versions lie here as if they had been downloaded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import msgspec
import numpy as np

from bentos.control.loop_parts import Charge, Parts, assemble
from bentos.home.rulings import Ruling, Rulings
from bentos.home.state import Home, write_atomically
from models.catalogue.catalogue import write_catalogue
from models.gate.verdict import Result
from tests.bentos.home.clock import Clock
from tests.bentos.home.verdicts import verdict

DOWN = "http://127.0.0.1:1"  # no MLflow answers here
DECLARED = {
    "ranker": {"name": "small"},
    "data": {"source": "t.csv", "group": "g", "label": "l"},
    "features": {"numeric": ["a"], "available_at": {"*": "0h"}},
}
TOML = """
[ranker]
name = "small"
[data]
source = "t.csv"
group = "g"
label = "l"
[features]
numeric = ["a"]
[features.available_at]
"*" = "0h"
"""


def charge(folder: Path, redis: str | None = None) -> Charge:
    """Of a ranker whose home is `folder`/home/small, with ranker.toml and live.yaml beside."""
    (folder / "ranker.toml").write_text(TOML)
    return Charge(
        "small", Home(folder / "home" / "small"), folder / "ranker.toml", folder / "live.yaml", DOWN, redis
    )


@contextmanager
def parts(folder: Path, redis: str | None = None) -> Iterator[Parts]:
    """A Steward's parts; the clock stands at 100."""
    with ThreadPoolExecutor(1) as pool:
        yield assemble(charge(folder, redis), pool, Clock())


def judged(home: Home, version: str, result: Result, champion: str | None = None) -> None:
    """A version's package and the ruling on it, which MLflow knows."""
    write_atomically(home.version(version) / "declaration.json", json.dumps(DECLARED).encode())
    found = msgspec.structs.replace(verdict(result, version), champion=champion)
    Rulings.of(home).put(Ruling(1.0, found, told=True))


def catalogue(home: Home, values: np.ndarray | None = None, created: float = 1.0) -> str:
    """A snapshot of three items, or of as many as there are values of the feature `a`; it is current."""
    numbers = np.zeros(3, np.float32) if values is None else values.astype(np.float32)
    items = [f"item-{place}" for place in range(len(numbers))]
    snapshot = write_catalogue(home.catalogue, items, {"a": numbers}, {}, created)
    write_atomically(home.current_catalogue, snapshot.encode())
    return snapshot
