"""What valuing a version on the log costs as the log grows, before any of it is compacted."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from bentos.home.state import Home
from bentos.offline.version_value import value
from models.catalogue.catalogue import Catalogue
from tests.bentos.decisions.deciding import make_home
from tests.growth.apart import apart, counted
from tests.growth.core import Cost, Curve, Measure
from tests.growth.long_log import write_log


def valued(decisions: int, folder: Path) -> Cost:
    """Of ten candidates each; the first call, which loads libraries and compiles, isn't counted."""
    home, snapshot = Home(folder / "small"), (folder / "snapshot").read_text()
    catalogue = Catalogue.open(home.catalogue / snapshot)
    ids = [str(each) for each in catalogue.ids(np.arange(catalogue.size))]
    for count in (100, decisions):
        shutil.rmtree(home.log, ignore_errors=True)
        write_log(home.log, count, ids, snapshot=snapshot)
        with counted() as seconds:
            found = value(home, home.version("2"))
    return Cost(found.decisions, seconds())


@contextmanager
def _measuring(folder: Path) -> Iterator[Measure]:
    make_home(folder)
    yield lambda decisions: apart(f"{__name__}:valued", decisions, folder)


CURVES = (
    Curve(
        "off-policy value",
        size="decisions",
        unit="a decision of 10 candidates",
        sizes=(10_000, 50_000, 250_000),
        small=(1_000, 4_000, 16_000),
        measuring=_measuring,
    ),
)
