"""The hash index: what is built is found, by texts and by numbers, and only that."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.catalogue import idindex

ids = st.binary(max_size=30)


def built(words: list[bytes]) -> tuple[NDArray[np.uint64], NDArray[np.uint8], NDArray[np.int64], int]:
    """Slots, text and offsets of an index of `words`, and what building it returned."""
    slots = np.zeros(idindex.slots_for(len(words)), np.uint64)
    offsets = np.cumsum([0, *map(len, words)]).astype(np.int64)
    text = np.frombuffer(b"".join(words), np.uint8)
    return slots, text, offsets, idindex.build_text(slots, text, offsets)


@pytest.mark.parametrize("count", [1, 7, 8, 9, 16, 17, 1000, 1 << 20])
def test_at_least_half_of_the_slots_stay_empty(count: int) -> None:
    slots = idindex.slots_for(count)
    assert slots >= 2 * count
    assert slots < max(33, 8 * count)
    assert slots & (slots - 1) == 0


@given(st.lists(ids, unique=True, min_size=1, max_size=40), st.lists(ids, max_size=20))
def test_each_text_is_found_in_its_row(words: list[bytes], others: list[bytes]) -> None:
    slots, text, offsets, repeated = built(words)
    assert repeated == -1
    for one in [*words, *others]:
        query = np.frombuffer(b"before" + one + b"after", np.uint8)
        row = idindex.find_text(query, 6, 6 + len(one), slots, text, offsets)
        assert row == (words.index(one) if one in words else -1)


@given(st.lists(st.binary(max_size=2), min_size=1, max_size=40))
def test_the_first_row_that_repeats_a_text_is_told(words: list[bytes]) -> None:
    repeated = built(words)[3]
    assert repeated == next((row for row, one in enumerate(words) if one in words[:row]), -1)


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(0, 5), min_size=1, max_size=40))
def test_numbers_are_found_or_the_first_that_repeats_is_told(numbers: list[int]) -> None:
    column = np.array(numbers, np.int64)
    slots = np.zeros(idindex.slots_for(len(numbers)), np.uint64)
    repeated = idindex.build_numbers(slots, column)
    assert repeated == next((row for row, one in enumerate(numbers) if one in numbers[:row]), -1)
    if repeated < 0:
        assert [idindex.find_number(np.int64(one), slots, column) for one in numbers] == [
            *range(len(numbers))
        ]
        assert idindex.find_number(np.int64(6), slots, column) == (numbers.index(6) if 6 in numbers else -1)


@given(ids, ids)
def test_bytes_are_the_same_or_not(left: bytes, right: bytes) -> None:
    """Hashes of equal bytes are equal wherever they stand; those of others differ, but for 1 in 2**64."""
    both = np.frombuffer(left + right + b"|" + left, np.uint8)
    middle, end = len(left), len(left) + len(right)
    assert idindex.same_bytes(both, 0, middle, both, middle, end) == (left == right)
    assert idindex.same_bytes(both, 0, middle, both, end + 1, both.size)
    hashes = [
        idindex.hash_bytes(both, start, stop)
        for start, stop in ((0, middle), (end + 1, both.size), (middle, end))
    ]
    assert hashes[0] == hashes[1]
    assert (hashes[0] == hashes[2]) == (left == right)


def test_an_index_without_an_empty_slot_ends_the_search() -> None:
    """A damaged one: whatever is asked, nothing is found, in bounded time."""
    slots = np.full(16, 1, np.uint64)
    column = np.array([5], np.int64)
    assert idindex.find_number(np.int64(6), slots, column) == -1
    query = np.frombuffer(b"a", np.uint8)
    assert idindex.find_text(query, 0, 1, slots, query, np.array([0, 0])) == -1
