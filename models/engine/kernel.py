# ruff: noqa: PLR0913, PLR0917  (compiled functions take arrays, not objects)
"""The compiled walk: rows of a quantised table, contexts and crossed features → sums of leaves.

Sums are IEEE doubles added in the order of the trees, as CatBoost adds them; nothing here may be reordered.
"""

import functools
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled
from models.engine.lanes import ROW_OF_LANE, leaf_indices, transpose
from models.engine.quantise import count_below

Bytes = NDArray[np.uint8]
Numbers = NDArray[np.float32]
Rows = NDArray[np.int64]
Doubles = NDArray[np.float64]
Walk = Callable[..., int]

_LINE = 64  # bytes of a cache line: a vector that crosses one costs two loads
_U = np.uint64


@compiled
def _aligned(size: int) -> Bytes:
    store = np.empty(size + _LINE, np.uint8)
    skip = -store.ctypes.data % _LINE
    return store[skip : skip + size]


@compiled
def _place_items(table: Bytes, rows: Rows, begin: int, last: int, tile: Bytes, lanes: int) -> None:
    """Gather rows into the tile; lanes beyond the last row repeat it."""
    width = table.shape[1]
    for lane in range(0, lanes, 8):
        eight = (
            rows[begin + min(last, ROW_OF_LANE[lane])],
            rows[begin + min(last, ROW_OF_LANE[lane + 1])],
            rows[begin + min(last, ROW_OF_LANE[lane + 2])],
            rows[begin + min(last, ROW_OF_LANE[lane + 3])],
            rows[begin + min(last, ROW_OF_LANE[lane + 4])],
            rows[begin + min(last, ROW_OF_LANE[lane + 5])],
            rows[begin + min(last, ROW_OF_LANE[lane + 6])],
            rows[begin + min(last, ROW_OF_LANE[lane + 7])],
        )
        for column in range(0, width, 8):
            transpose(table, width, column, eight, tile, lanes, lane)


@compiled
def _place_contexts(
    contexts: Bytes, owner: NDArray[np.int32], begin: int, last: int, tile: Bytes, lanes: int
) -> None:
    first = owner[begin]
    for column in range(contexts.shape[1]):
        start = column * lanes
        if first == owner[begin + last]:
            tile[start : start + lanes] = contexts[first, column]
        else:
            for lane in range(lanes):
                tile[start + lane] = contexts[owner[begin + min(last, ROW_OF_LANE[lane])], column]


@compiled
def _place_crossed(
    crossed: Numbers,
    sources: Rows,
    borders: Numbers,
    of_nan: Bytes,
    begin: int,
    last: int,
    tile: Bytes,
    lanes: int,
) -> None:
    counts = np.empty(lanes, np.uint8)
    for column in range(sources.size):
        source = sources[column]
        for row in range(last + 1):
            counts[row] = count_below(borders, column, crossed[source, begin + row], of_nan[column])
        for lane in range(lanes):
            tile[column * lanes + lane] = counts[min(last, ROW_OF_LANE[lane])]


@compiled
def _place_joint(joint: Bytes, begin: int, last: int, tile: Bytes, lanes: int) -> None:
    for column in range(joint.shape[0]):
        for lane in range(lanes):
            tile[column * lanes + lane] = joint[column, begin + min(last, ROW_OF_LANE[lane])]


@compiled
def _add_eight(indices: Bytes, leaves: Doubles, starts: Rows, tree: int, sums: Doubles, count: int) -> None:
    """Unsigned arithmetic spares the check for an index counted from the end."""
    s0, s1, s2, s3 = _U(starts[tree]), _U(starts[tree + 1]), _U(starts[tree + 2]), _U(starts[tree + 3])
    s4, s5, s6, s7 = _U(starts[tree + 4]), _U(starts[tree + 5]), _U(starts[tree + 6]), _U(starts[tree + 7])
    for row in range(_U(count)):
        at = row * _U(8)
        total = sums[row]
        total += leaves[s0 + _U(indices[at])]
        total += leaves[s1 + _U(indices[at + _U(1)])]
        total += leaves[s2 + _U(indices[at + _U(2)])]
        total += leaves[s3 + _U(indices[at + _U(3)])]
        total += leaves[s4 + _U(indices[at + _U(4)])]
        total += leaves[s5 + _U(indices[at + _U(5)])]
        total += leaves[s6 + _U(indices[at + _U(6)])]
        total += leaves[s7 + _U(indices[at + _U(7)])]
        sums[row] = total


@compiled
def _add_four(
    indices: NDArray[np.uint16], leaves: Doubles, starts: Rows, tree: int, sums: Doubles, count: int
) -> None:
    s0, s1, s2, s3 = _U(starts[tree]), _U(starts[tree + 1]), _U(starts[tree + 2]), _U(starts[tree + 3])
    for row in range(_U(count)):
        at = row * _U(4)
        total = sums[row]
        total += leaves[s0 + _U(indices[at])]
        total += leaves[s1 + _U(indices[at + _U(1)])]
        total += leaves[s2 + _U(indices[at + _U(2)])]
        total += leaves[s3 + _U(indices[at + _U(3)])]
        sums[row] = total


@compiled
def _outside(rows: Rows, size: int) -> int:
    for place in range(rows.size):
        if rows[place] < 0 or rows[place] >= size:
            return place
    return -1


@functools.cache
def walk(levels: int, deep: bool, lanes: int) -> Walk:
    """The walk for trees of `levels` levels per stream (models/engine/trees.py), `lanes` rows at a time.

    Its arguments: table u8 (N, W), W a multiple of 8; rows int64 (n); contexts u8 (J, C) with owner int32
    (n), the context of each row, in ascending order; crossed float32 (X, n) with the sources, borders and NaN
    values of its columns; joint u8 (Q, n), ready; offsets u32 (a column's place in the tile · lanes) and
    thresholds u8 of all splits; starts, leaves; out float64 (n).
    The tile's columns are the table's, the contexts', the crossed, the joint ones. Returns the place of the
    first row that is not in the table, having written nothing, or −1.
    """

    @compiled
    def _walk(
        table: Bytes,
        rows: Rows,
        contexts: Bytes,
        owner: NDArray[np.int32],
        crossed: Numbers,
        sources: Rows,
        borders: Numbers,
        of_nan: Bytes,
        joint: Bytes,
        offsets: NDArray[np.uint32],
        thresholds: Bytes,
        starts: Rows,
        leaves: Doubles,
        out: Doubles,
    ) -> int:
        outside = _outside(rows, table.shape[0])
        if outside >= 0:
            return outside
        split = table.shape[1] * lanes
        split_too = split + contexts.shape[1] * lanes
        split_last = split_too + sources.size * lanes
        tile = _aligned(split_last + joint.shape[0] * lanes)
        indices = _aligned(lanes * 8)
        pairs = indices.view(np.uint16)
        for begin in range(0, rows.size, lanes):
            count = min(lanes, rows.size - begin)
            _place_items(table, rows, begin, count - 1, tile, lanes)
            _place_contexts(contexts, owner, begin, count - 1, tile[split:split_too], lanes)
            _place_crossed(
                crossed, sources, borders, of_nan, begin, count - 1, tile[split_too:split_last], lanes
            )
            _place_joint(joint, begin, count - 1, tile[split_last:], lanes)
            sums = out[begin : begin + count]
            sums[:] = 0.0
            if deep:
                for tree in range(0, starts.size, 4):
                    leaf_indices(tile, offsets, thresholds, tree * 2 * levels, levels, lanes, indices)
                    _add_four(pairs, leaves, starts, tree, sums, count)
            else:
                for tree in range(0, starts.size, 8):
                    leaf_indices(tile, offsets, thresholds, tree * levels, levels, lanes, indices)
                    _add_eight(indices, leaves, starts, tree, sums, count)
        return -1

    return _walk


@compiled
def finish(sums: Doubles, scale: float, bias: float, probability: bool) -> None:
    """Sums → scores, in place: `scale · sum + bias`, and its logistic function where asked for."""
    for row in range(sums.size):
        value = scale * sums[row] + bias
        sums[row] = 1.0 / (1.0 + math.exp(-value)) if probability else value
