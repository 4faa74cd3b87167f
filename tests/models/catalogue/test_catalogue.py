"""An open snapshot: what was written is read, found by id, and never believed when damaged."""

import json
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.catalogue.catalogue import Catalogue, CatalogueError, write_catalogue
from tests.models.catalogue.snapshots import example
from tests.overwrite import overwrite

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=70)
randoms = st.randoms(use_true_random=False)
integers = st.integers(-(2**63), 2**63 - 1)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Names, values, missing values, time; and lookup in both directions."""
    catalogue = Catalogue.open(example(tmp_path), verify=True)
    assert catalogue.size == 3
    assert catalogue.created == 1.0
    assert catalogue.id_type is str
    assert catalogue.numeric_names == ("price", "age")
    np.testing.assert_array_equal(catalogue.numeric[0], np.array([1.5, np.nan, -3.0], np.float32))
    assert catalogue.categorical_names == ("colour", "shape")
    words = [
        [None if code < 0 else vocabulary[code] for code in codes]
        for codes, vocabulary in zip(catalogue.codes, catalogue.vocabularies, strict=True)
    ]
    assert words == [["red", None, "blue"], ["", "round", "round"]]
    assert catalogue.rows(["b", "x", "ü\n", "", "a"]).tolist() == [1, -1, 2, -1, 0]
    assert catalogue.ids(np.array([2, 0, 2])) == ["ü\n", "a", "ü\n"]
    assert catalogue.rows([]).tolist() == []


@settings(max_examples=100)
@given(st.lists(texts, unique=True, min_size=1, max_size=60), st.lists(texts, max_size=40), randoms)
def test_text_ids_are_found_as_a_dict_finds_them(
    tmp_path_factory: pytest.TempPathFactory, ids: list[str], others: list[str], random: Random
) -> None:
    """Any text is an id: empty, with newlines, prefixes of others; repeated, mixed with unknown."""
    root = tmp_path_factory.mktemp("catalogue")
    catalogue = Catalogue.open(root / write_catalogue(root, ids, {}, {}, 0.0))
    row = {one: place for place, one in enumerate(ids)}
    asked = random.choices([*ids, *others], k=50)
    assert catalogue.rows(asked).tolist() == [row.get(one, -1) for one in asked]
    assert catalogue.ids(np.arange(len(ids))) == ids


@settings(max_examples=100)
@given(
    st.lists(integers, unique=True, min_size=1, max_size=60), st.lists(st.integers(), max_size=40), randoms
)
def test_integer_ids_are_found_as_a_dict_finds_them(
    tmp_path_factory: pytest.TempPathFactory, ids: list[int], others: list[int], random: Random
) -> None:
    """All of int64; what lies outside is unknown, not an error."""
    root = tmp_path_factory.mktemp("catalogue")
    catalogue = Catalogue.open(root / write_catalogue(root, np.array(ids, np.int64), {}, {}, 0.0))
    row = {one: place for place, one in enumerate(ids)}
    asked = random.choices([*ids, *others], k=50)
    assert catalogue.rows(asked).tolist() == [row.get(one, -1) for one in asked]
    assert catalogue.ids(np.arange(len(ids))) == ids
    assert catalogue.id_type is int


def test_many_ids(tmp_path: Path) -> None:
    """200,000 ids of one form, where slots are shared by chance: all are found, none that is not there."""
    ids = [f"2013-04-{number % 30:02d}T06/EWR/UA{number}" for number in range(200_000)]
    catalogue = Catalogue.open(tmp_path / write_catalogue(tmp_path, ids, {}, {}, 0.0))
    np.testing.assert_array_equal(catalogue.rows(ids), np.arange(200_000))
    assert (catalogue.rows([one + "x" for one in ids]) == -1).all()


def test_ids_of_the_wrong_type_are_refused(tmp_path: Path) -> None:
    """A float is not taken for the integer it rounds to, nor a string for the number it spells."""
    numbers = Catalogue.open(tmp_path / write_catalogue(tmp_path, np.arange(3), {}, {}, 0.0))
    for wrong in ([1.0], ["1"], [None]):
        with pytest.raises(TypeError):
            numbers.rows(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Catalogue.open(example(tmp_path)).rows([1])


@pytest.mark.parametrize(
    "name", ["numeric.npy", "codes.npy", "ids.npy", "offsets.npy", "index.npy", "meta.json"]
)
def test_a_shortened_or_missing_file_is_refused(tmp_path: Path, name: str) -> None:
    """Whatever is cut short is named."""
    folder = example(tmp_path)
    content = (folder / name).read_bytes()
    overwrite(folder / name, content[:-5])
    with pytest.raises(CatalogueError, match=name):
        Catalogue.open(folder)
    (folder / name).unlink()
    with pytest.raises(CatalogueError, match=name):
        Catalogue.open(folder)


@pytest.mark.parametrize("name", ["numeric.npy", "codes.npy", "ids.npy", "offsets.npy", "index.npy"])
def test_a_changed_byte_is_found_by_verifying(tmp_path: Path, name: str) -> None:
    """The digest covers every value, and the index follows from the ids."""
    folder = example(tmp_path)
    content = bytearray((folder / name).read_bytes())
    content[-1] ^= 1
    overwrite(folder / name, bytes(content))
    with pytest.raises(CatalogueError):
        Catalogue.open(folder, verify=True)


def test_another_format_is_refused(tmp_path: Path) -> None:
    """A later release's snapshot is not read as if it were this one's."""
    folder = example(tmp_path)
    meta = json.loads((folder / "meta.json").read_text())
    overwrite(folder / "meta.json", json.dumps(meta | {"format": 3}).encode())
    with pytest.raises(CatalogueError, match="has format 3: this release reads 2"):
        Catalogue.open(folder)


def test_a_damaged_index_never_leads_outside(tmp_path: Path) -> None:
    """Rows that a damaged index names are checked before they are followed."""
    folder = example(tmp_path)
    index = np.load(folder / "index.npy")
    index[index != 0] |= np.uint64(0x7FFFFFFF)
    (folder / "index.npy").chmod(0o644)
    np.save(folder / "index.npy", index)
    assert Catalogue.open(folder).rows(["a", "b", "c"]).tolist() == [-1, -1, -1]
