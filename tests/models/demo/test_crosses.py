"""The flights' cross function: an item's own column of the context, or the airport's."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.declaration.declaration import read
from models.demo import crosses
from models.demo.crosses import AREAS, CARRIERS, cross
from models.features import columns, load_cross, parse_context


def test_a_cross_picks_the_items_own_carrier_and_area_and_else_the_airports_figure() -> None:
    items = {
        "carrier": np.array(["UA", "WN", "B6"], dtype=object),
        "area": np.array(["ORD", "BOS", "BOS"], dtype=object),
        "hour_position": np.array([0, 1, 2], dtype=np.float32),
    }
    context = {f"late_{name}": np.array([np.nan], np.float32) for name in CARRIERS}
    context |= {f"late_to_{name}": np.array([np.nan], np.float32) for name in AREAS}
    context |= {"late_3h": np.array([7], np.float32), "waiting": np.array([5], np.float32)}
    context |= {"late_UA": np.array([30], np.float32), "late_to_BOS": np.array([50], np.float32)}
    made = cross(items, context)
    assert made["carrier_late"].tolist() == [30, 7, 7]
    assert made["carrier_excess"].tolist() == [23, 0, 0]
    assert made["area_late"].tolist() == [7, 50, 50]
    assert made["queue"].tolist() == [5, 6, 7]


def test_rows_of_many_requests_give_what_each_request_gives() -> None:
    """Context columns of n values, as training has them, or of one, as serving."""
    draw = np.random.default_rng(3)
    items = {
        "carrier": np.array([*CARRIERS, "WN"], dtype=object)[draw.integers(0, len(CARRIERS) + 1, 50)],
        "area": np.array(AREAS, dtype=object)[draw.integers(0, len(AREAS), 50)],
        "hour_position": draw.integers(0, 9, 50).astype(np.float32),
    }
    names = [
        "late_3h",
        "waiting",
        *(f"late_{name}" for name in CARRIERS),
        *(f"late_to_{name}" for name in AREAS),
    ]
    context = {
        name: np.where(draw.random(50) < 0.3, np.nan, draw.random(50)).astype(np.float32) for name in names
    }
    together = cross(items, context)
    for row in range(50):
        alone = cross(
            {name: column[[row]] for name, column in items.items()},
            {name: column[[row]] for name, column in context.items()},
        )
        for name, column in together.items():
            np.testing.assert_array_equal(column[[row]], alone[name], err_msg=name)


def test_the_default_declaration_names_what_the_function_returns() -> None:
    declared = read(Path(crosses.__file__).parents[1] / "ranker.toml")
    declaration = declared.resolve([*declared.numeric, *declared.categorical])
    assert load_cross(declaration.features.cross) is cross
    spec = declaration.spec
    words = {"carrier": "UA", "area": "BOS"}
    made = columns(
        spec,
        np.ones((len(spec.item_numeric), 2), np.float32),
        [np.array([words.get(name, "EWR")] * 2, object) for name in spec.item_categorical],
        parse_context(spec, {"late_UA": 30, "late_3h": 10, "waiting": 4, "late_to_BOS": 50}),
        cross,
    )
    assert [made[name].tolist() for name in declaration.features.cross_names] == [
        [30] * 2,
        [20] * 2,
        [50] * 2,
        [5] * 2,
    ]
