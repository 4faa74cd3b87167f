# ruff: noqa: PLR0913, PLR0917  (compiled functions take arrays, not objects)
"""Vector code for the kernel, written in LLVM's own terms: as wide as the machine's registers, on any
machine.

Rows are walked in blocks of 64 or 128 lanes. A *tile* holds a block feature by feature, one byte per lane, so
that one compare answers one split for 64 rows. Leaf indices come out of that tree by tree, and are wanted
row by row: `leaf_indices` interleaves them, within 16-byte lanes only, which is what vector units do
cheaply. Where a row ends up is made up for beforehand, by the order in which rows enter the tile
(ROW_OF_LANE).
"""

from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

NARROW, WIDE = 64, 128  # rows in a block: 128 halve the reading of splits, 64 the work of a small request
_HALF = 64  # lanes that one vector holds
_STREAMS = 8  # leaf indices of one byte that make one word of a row

_I8, _I32, _I64 = ir.IntType(8), ir.IntType(32), ir.IntType(64)
_VECTOR = ir.VectorType(_I8, _HALF)

_PLACE = np.arange(WIDE)
_IN_HALF = _PLACE % _HALF
# Lane 16·l + 2·j + e of a half is row 8·j + 2·l + e of it once `_interleave` is through.
ROW_OF_LANE = _PLACE - _IN_HALF + 8 * ((_IN_HALF % 16) // 2) + 2 * (_IN_HALF // 16) + _IN_HALF % 2


def _pointer(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    return context.make_array(kind)(context, builder, value).data


def _splat(builder: Any, value: Any) -> Any:
    one = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), value, ir.Constant(_I32, 0))
    return builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(_I32, _HALF), [0] * _HALF))


def _unpack(builder: Any, left: Any, right: Any, upper: bool) -> Any:
    """Interleave the lower or upper halves of every 16 bytes of two vectors."""
    count = left.type.count
    per = count // (_HALF // 16)
    first = per // 2 if upper else 0
    mask = [
        place
        for lane in range(0, count, per)
        for at in range(lane + first, lane + first + per // 2)
        for place in (at, count + at)
    ]
    return builder.shuffle_vector(left, right, ir.Constant(ir.VectorType(_I32, count), mask))


def _interleave(builder: Any, streams: list[Any]) -> list[Any]:
    """Eight vectors of one byte per row → eight vectors of eight bytes for each of eight rows."""
    width = 8
    while width < 8 * _STREAMS:
        kind = ir.VectorType(ir.IntType(width), 8 * _HALF // width)
        vectors = [builder.bitcast(vector, kind) for vector in streams]
        parts = width // 8
        streams = [
            _unpack(builder, vectors[at + part], vectors[at + parts + part], upper)
            for at in range(0, len(vectors), 2 * parts)
            for part in range(parts)
            for upper in (False, True)
        ]
        width *= 2
    return [builder.bitcast(vector, _VECTOR) for vector in streams]


def _stream(builder: Any, pointers: Any, first: Any, levels: int, halves: int) -> list[Any]:
    """The leaf indices of one stream of levels: one vector for every 64 lanes."""
    tile, offsets, thresholds = pointers
    zero = ir.Constant(_VECTOR, [0] * _HALF)
    indices = [zero] * halves
    for level in range(levels):
        at = builder.add(first, ir.Constant(_I64, level))
        offset = builder.zext(builder.load(builder.gep(offsets, [at])), _I64)
        threshold = _splat(builder, builder.load(builder.gep(thresholds, [at])))
        bit = ir.Constant(_VECTOR, [1 << level] * _HALF)
        for half in range(halves):
            place = builder.gep(tile, [builder.add(offset, ir.Constant(_I64, half * _HALF))])
            column = builder.load(builder.bitcast(place, _VECTOR.as_pointer()), align=1)
            greater = builder.icmp_unsigned(">", column, threshold)
            indices[half] = builder.add(indices[half], builder.select(greater, bit, zero))
    return indices


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def leaf_indices(
    _typing: Any, tile: Any, offsets: Any, thresholds: Any, first: Any, levels: Any, lanes: Any, indices: Any
) -> Any:
    """Walk eight streams of `levels` levels, whose splits begin at `first`, for the whole tile.

    tile u8; offsets u32, of a split's column in the tile; thresholds u8; levels and lanes constants.
    Writes indices u8[lanes · 8]: the eight indices of row 0, of row 1, …
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointers = [_pointer(context, builder, signature.args[at], arguments[at]) for at in range(3)]
        target = _pointer(context, builder, signature.args[6], arguments[6])
        depth, halves = signature.args[4].literal_value, signature.args[5].literal_value // _HALF
        streams = []
        for stream in range(_STREAMS):
            begin = builder.add(arguments[3], ir.Constant(_I64, stream * depth))
            streams.append(_stream(builder, pointers, begin, depth, halves))
        for half in range(halves):
            mixed = _interleave(builder, [stream[half] for stream in streams])
            for at, vector in enumerate(mixed):
                place = ir.Constant(_I64, (half * _STREAMS + at) * _HALF)
                cell = builder.bitcast(builder.gep(target, [place]), _VECTOR.as_pointer())
                builder.store(vector, cell, align=1)
        return context.get_dummy_value()

    return types.void(tile, offsets, thresholds, first, levels, lanes, indices), generate


@intrinsic  # type: ignore[untyped-decorator]
def transpose(
    _typing: Any, table: Any, width: Any, column: Any, rows: Any, tile: Any, lanes: Any, lane: Any
) -> Any:
    """Copy eight columns of eight rows (a tuple) of a u8 table of `width` to the tile, from `lane` on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source = _pointer(context, builder, signature.args[0], arguments[0])
        target = _pointer(context, builder, signature.args[4], arguments[4])
        eight = ir.VectorType(_I64, 8)
        words = ir.Constant(eight, ir.Undefined)
        for place in range(8):
            row = builder.mul(builder.extract_value(arguments[3], place), arguments[1])
            cell = builder.gep(source, [builder.add(row, arguments[2])])
            word = builder.load(builder.bitcast(cell, _I64.as_pointer()), align=1)
            words = builder.insert_element(words, word, ir.Constant(_I32, place))
        square = builder.bitcast(words, _VECTOR)
        mask = ir.Constant(ir.VectorType(_I32, 64), [8 * (at % 8) + at // 8 for at in range(64)])
        words = builder.bitcast(builder.shuffle_vector(square, square, mask), eight)
        for place in range(8):
            at = builder.mul(builder.add(arguments[2], ir.Constant(_I64, place)), arguments[5])
            cell = builder.gep(target, [builder.add(at, arguments[6])])
            word = builder.extract_element(words, ir.Constant(_I32, place))
            builder.store(word, builder.bitcast(cell, _I64.as_pointer()), align=1)
        return context.get_dummy_value()

    return types.void(table, width, column, rows, tile, lanes, lane), generate
