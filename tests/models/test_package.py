"""The folder that is a version: what is written is what is read, and what is no package is named."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import package
from models.contexts.reference import read_contexts
from models.package import (
    Certificate,
    PackageError,
    PackageManifest,
    RawRequest,
    read_certificate,
    read_certified,
    read_declaration,
    read_manifest,
    verify_files,
    write_certificate,
    write_manifest,
)
from tests.models.tables import declared

CONTEXTS = st.dictionaries(
    st.text(max_size=5), st.none() | st.text(max_size=5) | st.floats(allow_nan=False, allow_infinity=False)
)
ITEMS = st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4) | st.lists(
    st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=4
)


def whole(folder: Path) -> PackageManifest:
    """A folder with every file that a package has, though not of their kinds; its manifest."""
    for name in package.FILES:
        (folder / name).write_text(name)
    (folder / "plots").mkdir()
    (folder / "plots" / "importance.png").write_bytes(b"picture")
    write_manifest(folder, PackageManifest("shop", "abc123", "d1", "s1", 1717200000.5, {}))
    return read_manifest(folder)


def test_a_manifest_lists_every_file_below_the_folder_but_itself(tmp_path: Path) -> None:
    found = whole(tmp_path)
    assert set(found.files) == {*package.FILES, "plots/importance.png"}
    assert found.files["model.cb"] == package.sha256(tmp_path / "model.cb")
    assert (found.ranker, found.version_of_code, found.data_digest) == ("shop", "abc123", "d1")
    assert (found.snapshot, found.created) == ("s1", 1717200000.5)
    assert verify_files(tmp_path) == found


def test_the_manifests_keys_on_disk_stay(tmp_path: Path) -> None:
    """Packages outlive the code that wrote them."""
    whole(tmp_path)
    document = json.loads((tmp_path / "manifest.json").read_text())
    assert list(document) == ["ranker", "version_of_code", "data_digest", "snapshot", "created", "files"]


def test_writing_it_again_takes_the_files_that_are_there_now(tmp_path: Path) -> None:
    found = whole(tmp_path)
    (tmp_path / "plots" / "importance.png").unlink()
    (tmp_path / "model.cb").write_text("another")
    write_manifest(tmp_path, found)
    assert "plots/importance.png" not in read_manifest(tmp_path).files
    verify_files(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"ranker": "shop"}', '{"other": 1}'])
def test_what_is_no_manifest_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(PackageError, match=r"manifest\.json: is no manifest of a package: .*No such file"):
        read_manifest(tmp_path)
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(PackageError, match=r"manifest\.json: is no manifest of a package"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("name", package.FILES)
def test_a_manifest_without_one_of_the_files_is_of_no_package(tmp_path: Path, name: str) -> None:
    found = whole(tmp_path)
    (tmp_path / name).unlink()
    write_manifest(tmp_path, found)
    with pytest.raises(PackageError, match=rf"manifest\.json: files: lacks {name}: a package has all"):
        verify_files(tmp_path)


def test_a_file_that_was_changed_or_taken_away_is_named(tmp_path: Path) -> None:
    whole(tmp_path)
    (tmp_path / "model.cb").write_text("changed")
    with pytest.raises(PackageError, match=r"model\.cb: sha256 [0-9a-f]{64} is not the manifest's"):
        verify_files(tmp_path)
    (tmp_path / "model.cb").unlink()
    with pytest.raises(PackageError, match=r"model\.cb: is missing: the manifest lists it"):
        verify_files(tmp_path)


def test_a_declaration_is_read_as_it_was_written(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match=r"declaration\.json: cannot be read: No such file or directory"):
        read_declaration(tmp_path)
    declaration = declared(tmp_path)
    (tmp_path / "declaration.json").write_text(declaration.to_json())
    assert read_declaration(tmp_path).digest == declaration.digest


@given(st.lists(st.tuples(ITEMS, CONTEXTS), min_size=1, max_size=4))
def test_a_certificate_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, asked: list[tuple[list[str] | list[int], dict[str, object]]]
) -> None:
    """Any ids and contexts; NaN features, empty texts, float64 scores in every bit."""
    folder = tmp_path_factory.mktemp("package")
    requests = [RawRequest(tuple(items), context) for items, context in asked]  # type: ignore[arg-type]
    starts = np.cumsum([0, *(len(one.items) for one in requests)]).astype(np.int64)
    count = int(starts[-1])
    draw = np.random.default_rng(count)
    features = {
        "price": np.where(draw.random(count) < 0.3, np.nan, draw.random(count)).astype(np.float32),
        "kind": np.array(["", "ä", "long text"] * count, dtype=object)[:count],
    }
    written = Certificate(requests, starts, features, draw.standard_normal(count))
    write_certificate(folder, written)
    found = read_certificate(folder)
    assert list(found.requests) == requests
    np.testing.assert_array_equal(found.starts, starts)
    np.testing.assert_array_equal(found.scores.view(np.int64), written.scores.view(np.int64))
    assert list(found.features) == ["price", "kind"]
    assert found.features["price"].dtype == np.float32
    np.testing.assert_array_equal(found.features["price"], features["price"])
    assert found.features["kind"].tolist() == features["kind"].tolist()
    certified = read_certified(folder)
    assert list(certified.requests) == requests
    np.testing.assert_array_equal(certified.scores, written.scores)


def test_what_is_no_certificate_is_named(tmp_path: Path) -> None:
    for read in (read_certificate, read_certified):
        with pytest.raises(PackageError, match=r"certificate\.npz: is no birth certificate: .*No such file"):
            read(tmp_path)
    (tmp_path / "certificate.npz").write_bytes(b"no archive")
    for read in (read_certificate, read_certified):
        with pytest.raises(PackageError, match=r"certificate\.npz: is no birth certificate"):
            read(tmp_path)


def test_a_certificate_whose_parts_do_not_fit_is_refused(tmp_path: Path) -> None:
    one = RawRequest(("a", "b"), {})
    column = {"price": np.zeros(2, np.float32)}
    write_certificate(tmp_path, Certificate([one], np.array([0, 2]), column, np.zeros(3)))
    with pytest.raises(PackageError, match="requests, features and scores must have the same rows"):
        read_certificate(tmp_path)
    write_certificate(tmp_path, Certificate([one], np.array([0, 1, 2]), column, np.zeros(2)))
    with pytest.raises(PackageError, match="requests, features and scores must have the same rows"):
        read_certificate(tmp_path)


def test_an_array_that_says_it_is_huge_is_not_made_room_for(tmp_path: Path) -> None:
    """Terabytes by its header, in a file of some bytes; of both archives that a package may have."""
    header = io.BytesIO()
    shape = {"descr": "<f8", "fortran_order": False, "shape": (10**12,)}
    np.lib.format.write_array_header_1_0(header, shape)
    for name in ("certificate.npz", "contexts.npz"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for array in ("requests", "names", "starts", "scores", "document"):
                archive.writestr(f"{array}.npy", header.getvalue())
    for read in (read_certificate, read_certified, read_contexts):
        with pytest.raises(PackageError, match=r"says that it has 8,000,000,000,000 bytes, more than are"):
            read(tmp_path)


def test_a_certificate_that_is_cut_short_or_damaged_is_none(tmp_path: Path) -> None:
    column = {"price": np.arange(2, dtype=np.float32)}
    write_certificate(
        tmp_path, Certificate([RawRequest(("a", "b"), {})], np.array([0, 2]), column, np.ones(2))
    )
    path = tmp_path / "certificate.npz"
    content = path.read_bytes()
    flipped = bytearray(content)
    for place in range(80, 130):
        flipped[place] ^= 0xFF
    for broken in (content[: len(content) // 2], content[:-5], bytes(flipped)):
        path.write_bytes(broken)
        for read in (read_certificate, read_certified):
            with pytest.raises(PackageError, match=r"certificate\.npz: is no birth certificate"):
                read(tmp_path)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"files": {"../../../etc/passwd": "0"}}, "'../../../etc/passwd' is no file of a package"),
        ({"files": {"/etc/shadow": "0"}}, "'/etc/shadow' is no file of a package"),
        ({"files": {"evil.py": "0"}}, "'evil.py' is no file of a package"),
        ({"snapshot": "../versions/3"}, "snapshot: '../versions/3' is no digest"),
        ({"snapshot": "."}, "snapshot: '.' is no digest"),
        ({"files": ["model.cb"]}, "is no manifest of a package"),
        ({"snapshot": 5}, "is no manifest of a package"),
    ],
)
def test_a_manifest_leads_nowhere_else(tmp_path: Path, changes: dict[str, object], sentence: str) -> None:
    """Nothing outside is opened, and no digest of it is told."""
    whole(tmp_path)
    document = json.loads((tmp_path / package.MANIFEST).read_text())
    (tmp_path / package.MANIFEST).write_text(json.dumps(document | changes))
    for read in (read_manifest, verify_files):
        with pytest.raises(PackageError) as refused:
            read(tmp_path)
        assert sentence in str(refused.value)


def test_a_manifest_that_nests_too_deeply_is_none(tmp_path: Path) -> None:
    (tmp_path / package.MANIFEST).write_text("[" * 100_000)
    with pytest.raises(PackageError, match="is no manifest of a package"):
        read_manifest(tmp_path)


def test_a_certificate_that_unpacks_to_too_much_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few kB can stand for gigabytes of zeros."""
    np.savez_compressed(tmp_path / package.CERTIFICATE, scores=np.zeros(1_000_000))
    assert (tmp_path / package.CERTIFICATE).stat().st_size < 20_000
    monkeypatch.setattr(package, "UNPACKED", 7_000_000)
    for read in (read_certified, read_certificate):
        with pytest.raises(PackageError, match=r"it has 8,000,128 bytes when unpacked: at most 7,000,000"):
            read(tmp_path)
