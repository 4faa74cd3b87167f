"""Many ids at once: the rows that a dict gives, for lists of any length and ids of any form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.catalogue import idindex, idlookup

texts = st.text("ab\n\u00fc\U0001f600", max_size=12)
TEXTS = ["", "a", "b", "ab\n", "\n", "\u00fc", "a" * 40, *(f"item-{number}" for number in range(2000))]
NUMBERS = [0, -1, 2**63 - 1, -(2**63), *range(10, 2010)]


def of_texts() -> tuple[Any, Any, Any]:
    parts = [one.encode() for one in TEXTS]
    slots = np.zeros(idindex.slots_for(len(parts)), np.uint64)
    offsets = np.cumsum([0, *map(len, parts)]).astype(np.int64)
    text = np.frombuffer(b"".join(parts), np.uint8)
    assert idindex.build_text(slots, text, offsets) == -1
    return slots, text, offsets


def of_numbers() -> tuple[Any, Any]:
    column = np.array(NUMBERS, np.int64)
    slots = np.zeros(idindex.slots_for(len(NUMBERS)), np.uint64)
    assert idindex.build_numbers(slots, column) == -1
    return slots, column


INDEX, COLUMN = of_texts(), of_numbers()


@given(st.lists(texts | st.sampled_from(TEXTS), max_size=30))
@example([])
@example([""])
@example(["", ""])
@example(["ab\n", "\n"])
@example(["\ud800", "a"])  # no valid text, and so no item's
def test_texts_are_found_as_a_dict_finds_them(wanted: list[str]) -> None:
    row = {one: place for place, one in enumerate(TEXTS)}
    assert idlookup.text_rows(wanted, *INDEX).tolist() == [row.get(one, -1) for one in wanted]


@pytest.mark.parametrize("count", [1, 255, 256, 257, 511, 513, 3000])
def test_lists_longer_than_a_chunk_are_found_whole(count: int) -> None:
    draw = np.random.default_rng(count)
    wanted = [f"item-{number}" for number in draw.integers(0, 2500, count)]
    row = {one: place for place, one in enumerate(TEXTS)}
    assert idlookup.text_rows(wanted, *INDEX).tolist() == [row.get(one, -1) for one in wanted]


@given(st.lists(st.integers() | st.sampled_from(NUMBERS), max_size=30))
@example([2**63, 0, -(2**63) - 1, 12])
def test_numbers_are_found_as_a_dict_finds_them(wanted: list[int]) -> None:
    """An integer outside int64 is unknown, and never taken for the one that it would overflow to."""
    row = {one: place for place, one in enumerate(NUMBERS)}
    assert idlookup.number_rows(wanted, *COLUMN).tolist() == [row.get(one, -1) for one in wanted]
    inside = np.array([one for one in wanted if -(2**63) <= one < 2**63], np.int64)
    found = idlookup.rows_of_numbers(inside, *COLUMN)
    assert found.tolist() == [row.get(one, -1) for one in inside.tolist()]


@pytest.mark.parametrize("wrong", [1.0, "1", None])
def test_what_is_no_integer_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError):
        idlookup.number_rows([1, wrong], *COLUMN)


@given(st.lists(st.sampled_from(TEXTS) | texts, min_size=1, max_size=400), st.integers(0, 4))
def test_slices_are_found_whatever_stands_between_them(wanted: list[str], gap: int) -> None:
    parts = [one.encode() for one in wanted]
    query = np.frombuffer((b"?" * gap).join(parts), np.uint8)
    ends = (np.cumsum([len(part) for part in parts]) + gap * np.arange(len(parts))).astype(np.int64)
    row = {one: place for place, one in enumerate(TEXTS)}
    found = idlookup.rows_of_slices(query, ends, gap, *INDEX)
    assert found.tolist() == [row.get(one, -1) for one in wanted]
