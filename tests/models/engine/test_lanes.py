"""Vector code by itself: leaf indices of a tile, and rows turned into columns."""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest

from models.engine.lanes import NARROW, ROW_OF_LANE, WIDE, leaf_indices, transpose

DRAW = np.random.default_rng(0)


def indexing(levels: int, lanes: int) -> Callable[..., Any]:
    """`leaf_indices` for constants, as the kernel asks for it."""

    @numba.njit
    def indices_of(tile: Any, offsets: Any, thresholds: Any, first: int, found: Any) -> None:
        leaf_indices(tile, offsets, thresholds, first, levels, lanes, found)

    return indices_of  # type: ignore[no-any-return]


@pytest.mark.parametrize("lanes", [NARROW, WIDE])
def test_leaf_indices_come_out_row_by_row(lanes: int) -> None:
    """Eight streams of three levels, from the tenth split on: bit k is the answer of level k."""
    levels, columns, first = 3, 11, 10
    tile = DRAW.integers(0, 256, (columns, lanes), np.uint8)
    asked = DRAW.integers(0, columns, first + 8 * levels)
    thresholds = DRAW.integers(0, 256, len(asked)).astype(np.uint8)
    found = np.zeros(lanes * 8, np.uint8)
    indexing(levels, lanes)(tile.ravel(), (asked * lanes).astype(np.uint32), thresholds, first, found)
    answers = tile[asked[first:]] > thresholds[first:, None]
    bits = answers.reshape(8, levels, lanes) << np.arange(levels)[:, None]
    wanted = bits.sum(axis=1)
    rows = ROW_OF_LANE[:lanes]
    for lane in range(lanes):
        assert found.reshape(lanes, 8)[rows[lane]].tolist() == wanted[:, lane].tolist(), lane


def test_every_lane_has_a_row_of_its_half() -> None:
    """Each of the 128 lanes another one; the first 64 are the narrow block's."""
    assert sorted(ROW_OF_LANE) == list(range(WIDE))
    assert sorted(ROW_OF_LANE[:NARROW]) == list(range(NARROW))


@numba.njit
def _transposed(table: Any, rows: Any, column: int, tile: Any, lanes: int, lane: int) -> None:
    eight = (rows[0], rows[1], rows[2], rows[3], rows[4], rows[5], rows[6], rows[7])
    transpose(table, table.shape[1], column, eight, tile, lanes, lane)


@pytest.mark.parametrize(("column", "lane"), [(0, 0), (8, 56)])
def test_eight_rows_become_eight_columns(column: int, lane: int) -> None:
    """Eight columns of any rows, written from a lane on; nothing else of the tile is touched."""
    table = DRAW.integers(0, 256, (50, 16), np.uint8)
    rows = np.array([3, 3, 49, 0, 7, 12, 31, 8])
    tile = np.full(16 * NARROW, 7, np.uint8)
    _transposed(table, rows, column, tile, NARROW, lane)
    found = tile.reshape(16, NARROW)
    np.testing.assert_array_equal(
        found[column : column + 8, lane : lane + 8], table[rows, column : column + 8].T
    )
    untouched = np.ones((16, NARROW), bool)
    untouched[column : column + 8, lane : lane + 8] = False
    assert (found[untouched] == 7).all()
