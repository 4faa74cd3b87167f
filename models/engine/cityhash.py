"""CityHash64, version 1.0, by Geoff Pike and Jyrki Alakuijala (Google, 2011; MIT).

CatBoost knows a categorical value by the low 32 bits of this hash of its UTF-8 bytes.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled

Bytes = NDArray[np.uint8]

_U = np.uint64
_K0 = _U(0xC3A5C85C97CB3127)
_K1 = _U(0xB492B66FBE98F273)
_K2 = _U(0x9AE16A3B2F90404F)
_K3 = _U(0xC949D7C7509E6557)
_MUL = _U(0x9DDFEA08EB382D69)


@compiled
def _load(text: Bytes, at: int, width: int) -> np.uint64:
    word = _U(0)
    for byte in range(width):
        word |= _U(text[at + byte]) << _U(8 * byte)
    return word


@compiled
def _rotate(value: np.uint64, shift: int) -> np.uint64:
    return (value >> _U(shift)) | (value << _U(64 - shift))


@compiled
def _shift_mix(value: np.uint64) -> np.uint64:
    return value ^ (value >> _U(47))


@compiled
def _pair(low: np.uint64, high: np.uint64) -> np.uint64:
    left = _shift_mix((low ^ high) * _MUL)
    return _shift_mix((high ^ left) * _MUL) * _MUL


@compiled
def _up_to_16(text: Bytes, at: int, size: int) -> np.uint64:
    length = _U(size)
    if size > 8:
        first, last = _load(text, at, 8), _load(text, at + size - 8, 8)
        return _pair(first, _rotate(last + length, size)) ^ last
    if size >= 4:
        return _pair(length + (_load(text, at, 4) << _U(3)), _load(text, at + size - 4, 4))
    if size > 0:
        low = _U(text[at]) + (_U(text[at + (size >> 1)]) << _U(8))
        high = length + (_U(text[at + size - 1]) << _U(2))
        return _shift_mix((low * _K2) ^ (high * _K3)) * _K2
    return _K2


@compiled
def _up_to_32(text: Bytes, at: int, size: int) -> np.uint64:
    end = at + size
    first, second = _load(text, at, 8) * _K1, _load(text, at + 8, 8)
    last, before = _load(text, end - 8, 8) * _K2, _load(text, end - 16, 8) * _K0
    return _pair(
        _rotate(first - second, 43) + _rotate(last, 30) + before,
        first + _rotate(second ^ _K3, 20) - last + _U(size),
    )


@compiled
def _half_of_64(
    first: np.uint64, add: np.uint64, add_too: np.uint64, last: np.uint64
) -> tuple[np.uint64, np.uint64]:
    high, rotated = _rotate(first + last, 52), _rotate(first, 37)
    first += add
    rotated += _rotate(first, 7)
    first += add_too
    return first + last, high + _rotate(first, 31) + rotated


@compiled
def _up_to_64(text: Bytes, at: int, size: int) -> np.uint64:
    end = at + size
    third = _load(text, at + 16, 8)
    start = _load(text, at, 8) + (_U(size) + _load(text, end - 16, 8)) * _K0
    v_first, v_second = _half_of_64(start, _load(text, at + 8, 8), third, _load(text, at + 24, 8))
    start = third + _load(text, end - 32, 8)
    w_first, w_second = _half_of_64(
        start, _load(text, end - 24, 8), _load(text, end - 16, 8), _load(text, end - 8, 8)
    )
    mixed = _shift_mix((v_first + w_second) * _K2 + (w_first + v_second) * _K0)
    return _shift_mix(mixed * _K0 + v_second) * _K2


@compiled
def _weak_32(text: Bytes, at: int, low: np.uint64, high: np.uint64) -> tuple[np.uint64, np.uint64]:
    low += _load(text, at, 8)
    last = _load(text, at + 24, 8)
    high = _rotate(high + low + last, 21)
    before = low
    low += _load(text, at + 8, 8) + _load(text, at + 16, 8)
    return low + last, high + _rotate(low, 44) + before


@compiled
def _longer(text: Bytes, at: int, size: int) -> np.uint64:
    end = at + size
    length = _U(size)
    x = _load(text, at, 8)
    y = _load(text, end - 16, 8) ^ _K1
    z = _load(text, end - 56, 8) ^ _K0
    v0, v1 = _weak_32(text, end - 64, length, y)
    w0, w1 = _weak_32(text, end - 32, length * _K1, _K0)
    z += _shift_mix(v1) * _K1
    x = _rotate(z + x, 39) * _K1
    y = _rotate(y, 33) * _K1
    for _ in range((size - 1) // 64):
        x = _rotate(x + y + v0 + _load(text, at + 16, 8), 37) * _K1
        y = _rotate(y + v1 + _load(text, at + 48, 8), 42) * _K1
        x ^= w1
        y ^= v0
        z = _rotate(z ^ w0, 33)
        v0, v1 = _weak_32(text, at, v1 * _K1, x + w0)
        w0, w1 = _weak_32(text, at + 32, z + w1, y)
        z, x = x, z
        at += 64
    return _pair(_pair(v0, w0) + _shift_mix(y) * _K1 + z, _pair(v1, w1) + x)


@compiled
def _hash(text: Bytes, at: int, size: int) -> np.uint64:
    if size <= 16:
        return _up_to_16(text, at, size)
    if size <= 32:
        return _up_to_32(text, at, size)
    if size <= 64:
        return _up_to_64(text, at, size)
    return _longer(text, at, size)


@compiled
def _hash_all(text: Bytes, ends: NDArray[np.int64], hashes: NDArray[np.uint32]) -> None:
    start = np.int64(0)
    for index in range(ends.size):
        hashes[index] = np.uint32(_hash(text, int(start), int(ends[index] - start)) & _U(0xFFFFFFFF))
        start = ends[index]


def category_hashes(words: Sequence[str]) -> NDArray[np.uint32]:
    """uint32[n]: CatBoost's hash of each categorical value."""
    parts = [word.encode("utf-8", "surrogatepass") for word in words]
    ends = np.cumsum([len(part) for part in parts], dtype=np.int64)
    hashes = np.empty(len(parts), np.uint32)
    if parts:
        _hash_all(np.frombuffer(b"".join(parts), np.uint8), ends, hashes)
    return hashes
