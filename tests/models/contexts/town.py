"""A town's rides as a table: contexts that go together, belong to their zone and hour, and change slowly."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.contexts.learn import learn
from models.contexts.reference import ContextReference
from models.contexts.table_requests import TableRequests, requests_of
from models.declaration.declaration import read
from models.table import dataset
from models.table.dataset import Table

Floats = NDArray[np.float64]

ZONES, DRIVERS, HOUR = ("dock", "mall", "park"), 4, 3600.0
START = 1_700_000_000.0 // 86400 * 86400

DECLARATION = """
[ranker]
name = "town"
[data]
source = "rides.csv"
item = "driver"
group = "request"
time = "time"
label = "taken"
until = 2023-12-02
test_share = 0.25
[features]
numeric = ["rating", "shift_hour", "rain", "queue", "queue_3h", "speed"]
categorical = ["zone", "sky"]
context = ["rain", "queue", "queue_3h", "speed", "sky"]
available_at = { "*" = "0h" }
"""


def rides(hours: int) -> pd.DataFrame:
    """Three zones an hour, four drivers each: queues go by zone and hour, speed falls with queue and rain."""
    draw = np.random.default_rng(7)
    rows = []
    rain, queues = 0.0, dict.fromkeys(ZONES, 10.0)
    for hour in range(hours):
        rain = max(0.0, 0.9 * rain + draw.normal(0.05, 0.4))
        for number, zone in enumerate(ZONES):
            usual = 10 + 8 * number + 6 * np.sin(2 * np.pi * (hour % 24 - 6 * number) / 24)
            late = queues[zone]
            queues[zone] = 0.5 * late + 0.5 * usual + draw.normal(0, 1) + 2 * rain
            queue, speed = queues[zone], 40 - queues[zone] / 2 - 3 * rain + draw.normal(0, 0.5)
            context = {
                "rain": rain,
                "queue": queue,
                "queue_3h": (queue + late) / 2 + draw.normal(0, 0.3),
                "speed": np.nan if hour % 24 < 2 else speed,
                "sky": "clear" if rain < 0.3 else "grey" if rain < 1 else "rain",
            }
            rows += [
                {
                    "driver": f"{hour}-{zone}-{driver}",
                    "request": f"{hour}-{zone}",
                    "time": pd.Timestamp(START + hour * HOUR, unit="s"),
                    "taken": int(draw.random() < 0.3),
                    "rating": draw.uniform(3, 5),
                    "shift_hour": hour % 24,
                    "zone": zone,
                    **context,
                }
                for driver in range(DRIVERS)
            ]
    return pd.DataFrame(rows)


@cache
def table() -> Table:
    """Nine hundred hours; those after the training's window are what is served."""
    with TemporaryDirectory() as folder:
        rides(900).to_csv(Path(folder) / "rides.csv", index=False)
        (Path(folder) / "town.toml").write_text(DECLARATION)
        found = dataset.read(read(Path(folder) / "town.toml"))
        assert found.values, "read while the file is there"
        return found


@cache
def reference() -> ContextReference:
    """What training learns of it."""
    found = learn(table())
    assert found is not None
    return found


@cache
def served() -> TableRequests:
    """The requests after the training's window."""
    own = table()
    return requests_of(own, ~(own.train | own.test), reference().layout)
