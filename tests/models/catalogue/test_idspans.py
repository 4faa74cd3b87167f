"""Slices of a request's JSON are the ids that the decoder finds, or no slices at all."""

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import settings as how
from hypothesis import strategies as st

from models.catalogue.catalogue import Catalogue, write_catalogue
from models.catalogue.idspans import IdSpans

MOST = 50
texts = st.text(st.characters(codec="utf-8"), max_size=20) | st.text('ab," []1\\-', max_size=12)
numbers = st.integers(-(2**63), 2**64) | st.integers(-99, 99)
separators = st.sampled_from([(",", ":"), (", ", ": "), (" ,", ":"), (",\n", ":")])
noise = st.binary(max_size=30) | st.text('[]-0123456789," a\\.e', max_size=30).map(str.encode)


@pytest.fixture(scope="module")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> dict[type, Catalogue]:
    root = tmp_path_factory.mktemp("spans")
    kinds = {str: ["", "a", "ab", "x" * 30, "1,2", "tail"], int: [0, -1, 7, 123456789012345678, 42, 5]}
    column = {"one": np.zeros(6, np.float32)}
    return {
        kind: Catalogue.open(root / write_catalogue(root, ids, column, {}, 1.0))
        for kind, ids in kinds.items()
    }


def _same(raw: bytes, kind: type, catalogue: Catalogue) -> IdSpans | None:
    """Where there are slices, they say what the decoder says."""
    found = IdSpans.of(raw, MOST, integers=kind is int)
    if found is None:
        return None
    wanted = msgspec.json.decode(raw, type=list[kind])  # type: ignore[valid-type]
    assert list(found) == wanted
    assert catalogue.rows(found).tolist() == catalogue.rows(wanted).tolist()
    assert found.repeats(catalogue) == (len(set(wanted)) < len(wanted))
    places = np.random.default_rng(len(raw)).permutation(len(wanted))[: len(raw) % 7 + 1]
    assert msgspec.json.decode(found.json(places)) == [wanted[place] for place in places]
    assert found.json(places[:0]) == b"[]"
    assert found.compact == json.dumps(wanted, separators=(",", ":")).encode()
    return found


@how(max_examples=300)
@given(st.lists(texts, min_size=1, max_size=MOST + 3), separators, st.booleans())
@example(["a", "a"], (",", ":"), False)
@example(["", "zz", "zz"], (", ", ": "), False)
@example(["a" * 8, "b" * 7], (",", ":"), False)
def test_texts(
    catalogues: dict[type, Catalogue], ids: list[str], separators: tuple[str, str], escaped: bool
) -> None:
    raw = json.dumps(ids, separators=separators, ensure_ascii=escaped).encode()
    found = _same(raw, str, catalogues[str])
    inside = all(" " <= char < "\x80" and char not in '"\\' for each in ids for char in each)
    assert (found is not None) is (
        inside and len(ids) <= MOST and (separators[0] in {",", ", "} or len(ids) == 1)
    )


@how(max_examples=300)
@given(st.lists(numbers, min_size=1, max_size=MOST + 3), separators)
@example([7, 7], (",", ":"))
@example([99, 5, 99], (", ", ": "))
def test_integers(catalogues: dict[type, Catalogue], ids: list[int], separators: tuple[str, str]) -> None:
    raw = json.dumps(ids, separators=separators).encode()
    found = _same(raw, int, catalogues[int])
    inside = all(len(str(abs(each))) <= 18 for each in ids)
    assert (found is not None) is (
        inside and len(ids) <= MOST and (separators[0] in {",", ", "} or len(ids) == 1)
    )


@how(max_examples=500)
@given(noise, st.sampled_from([int, str]))
@example(b"[01]", int)
@example(b"[-0]", int)
@example(b"[1.0]", int)
@example(b"[1e3]", int)
@example(b"[1,]", int)
@example(b"[-]", int)
@example(b"[1", int)
@example(b"", int)
@example(b'["a" "b"]', str)
@example(b'["a","b", "c"]', str)
@example(b'["a",1,"b"]', str)
@example(b'["a"]]', str)
def test_what_is_no_plain_array_is_left_to_the_decoder(
    catalogues: dict[type, Catalogue], raw: bytes, kind: type
) -> None:
    _same(raw, kind, catalogues[kind])


def test_ids_of_the_other_type_are_refused(catalogues: dict[type, Catalogue]) -> None:
    found = IdSpans.of(b"[1,2]", MOST, integers=True)
    assert found is not None
    with pytest.raises(TypeError):
        catalogues[str].rows(found)


def test_rows_are_looked_up_anew_in_another_catalogue(
    catalogues: dict[type, Catalogue], tmp_path: Path
) -> None:
    other = Catalogue.open(
        tmp_path / write_catalogue(tmp_path, [42, 7], {"one": np.zeros(2, np.float32)}, {}, 1.0)
    )
    found = IdSpans.of(b"[7, 42]", MOST, integers=True)
    assert found is not None
    assert catalogues[int].rows(found).tolist() == [2, 4]
    assert other.rows(found).tolist() == [1, 0]
    assert catalogues[int].rows(found).tolist() == [2, 4]
