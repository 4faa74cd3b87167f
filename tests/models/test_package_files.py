"""The closed list of a package's files: names, kinds, sizes; all else stays out."""

from __future__ import annotations

import os
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.package import FILES, MANIFEST, TRAINING
from models.package_files import BESIDE, MB, REFUSED, kind_of, odd_files, odd_name

GOOD = {
    "model.cb": b"CBM1...",
    "manifest.json": b"{}",
    "certificate.npz": b"PK..",
    "plots/ndcg@10.png": b"\x89PNG.",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Files as training and MLflow leave them, and what an engine keeps."""
    for name, content in {**GOOD, "MLmodel": b"x", "gate/7.html": b"<p>", "engine/t.npy": b"1"}.items():
        path = tmp_path / "package" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "package"


def test_what_training_writes_is_on_the_list(package: Path) -> None:
    assert all(kind_of(name) for name in (*FILES, MANIFEST, TRAINING))
    assert [*odd_files(package)] == []


@pytest.mark.parametrize(
    "name",
    [
        *("evil.py", "sitecustomize.py", "__init__.py", "python_model.pkl", "model.pkl", "data/model.onnx"),
        *("conftest.py", "code/loader.py", "live.yaml", "bundle.zip", "Model.cb", "model.cb/x", "./model.cb"),
        *("../model.cb", "/etc/passwd", "plots/../model.cb", "plots/a/b.png", "plots/.png", "model.cb\n", ""),
        *("engine/items-1.npy", ".logged_digest", "plots/../../../x.png", "plots/a\u202eb.png"),
    ],
)
def test_other_names_are_on_no_list(name: str) -> None:
    assert kind_of(name) is None
    assert not BESIDE.fullmatch(name)
    assert odd_name(name, 1)


@given(st.text(string.ascii_letters + "./\\\x00~@-_ \n", max_size=40))
def test_a_name_on_the_list_stays_in_its_folder(name: str) -> None:
    """Whatever its characters: below the package, in no folder but plots/, and never hidden."""
    if kind_of(name) is not None:
        assert os.path.normpath(name) == name
        assert name.count("/") <= 1
        assert not name.startswith((".", "/", "~"))


def test_more_than_a_file_may_have_is_refused() -> None:
    """Before a byte of it is downloaded."""
    assert odd_name("manifest.json", MB) is None
    assert (
        odd_name("manifest.json", MB + 1) == "manifest.json has 1,048,577 bytes: at most 1,048,576 are read"
    )


def test_what_lies_there_and_should_not_is_named(package: Path) -> None:
    """Code, links to files and folders, a pipe, and a file that is something else."""
    (package / "evil.py").write_text("boom")
    (package / "reference.parquet").symlink_to("/etc/passwd")
    (package / "code").symlink_to("/etc")
    os.mkfifo(package / "training.parquet")
    (package / "evaluation.json").write_text("[1]")
    (package / REFUSED).write_text("model.pkl is no file of a package\n")
    assert {*odd_files(package)} == {
        "model.pkl is no file of a package",
        "evil.py is no file of a package",
        "reference.parquet is no regular file",
        "code is no regular file",
        "training.parquet is no regular file",
        "evaluation.json does not begin as such a file does, with b'{'",
    }
