"""The closed list of a package's files: their names, what they begin with, and how large they may be.

Whoever may register a version in MLflow puts what they like beside its model. What is not on this list is not
downloaded, and a version that has it does not pass the gate.

>>> odd_name("evil.py", 10)
'evil.py is no file of a package'
>>> odd_name("plots/ndcg.png", 10) is None
True
>>> odd_name("declaration.json", 10**9)
'declaration.json has 1,000,000,000 bytes: at most 1,048,576 are read'
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

MB = 2**20
MOST_FILES = 500  # training writes fewer than forty
REFUSED = ".refused"  # beside a downloaded package: what was registered with it and not downloaded, by line
_OWN = frozenset({".logged_digest", REFUSED})  # files that a download adds


class Kind(NamedTuple):
    """What files of a name are: at most so many bytes, the first of which are `magic`."""

    name: re.Pattern[str]
    most: int
    magic: bytes = b""


KINDS = (
    Kind(re.compile(r"model\.cb"), 4096 * MB, b"CBM1"),
    Kind(re.compile(r"(declaration|manifest)\.json"), MB, b"{"),
    Kind(re.compile(r"evaluation\.json"), 64 * MB, b"{"),
    Kind(re.compile(r"(certificate|contexts)\.npz"), 512 * MB, b"PK"),
    Kind(re.compile(r"(reference|training)\.parquet"), 2048 * MB, b"PAR1"),
    Kind(re.compile(r"plots/[\w.@-]{1,100}\.png", re.ASCII), 32 * MB, b"\x89PNG"),
)
# What MLflow and the gate put beside a package; nobody here reads it, so it stays where it is.
BESIDE = re.compile(
    r"MLmodel|conda\.yaml|python_env\.yaml|requirements\.txt|(serving_)?input_example\.json"
    r"|registered_model_meta|gate/\d{1,10}\.html"
)


def kind_of(name: str) -> Kind | None:
    """What a file of the package is, by its path below it; None for a name that is not on the list."""
    return next((kind for kind in KINDS if kind.name.fullmatch(name)), None)


def odd_name(name: str, size: int) -> str | None:
    """Why a file of this path and size (bytes) is not to be had from anywhere; None where it may."""
    kind = kind_of(name)
    if kind is None:
        return f"{name[:200]!s} is no file of a package".replace("\n", " ")
    if size > kind.most:
        return f"{name} has {size:,} bytes: at most {kind.most:,} are read"
    return None


def odd_files(package: Path) -> Iterator[str]:
    """What is wrong with the files of a folder, as sentences: names, kinds, sizes, and what begins them.

    What engines keep beside a package is their own, as is what MLflow adds.
    """
    if (package / REFUSED).is_file():
        yield from (package / REFUSED).read_text(encoding="utf-8", errors="replace").splitlines()[:MOST_FILES]
    for path in _files(package):
        name = path.relative_to(package).as_posix()
        if not (name in _OWN or BESIDE.fullmatch(name)):
            why = _odd(path, name)
            if why is not None:
                yield why


def _files(package: Path) -> Iterator[Path]:
    """Everything below the folder that is no folder itself, links not followed; `engine/` left out."""
    for folder, folders, files in os.walk(package):
        if Path(folder) == package and "engine" in folders:
            folders.remove("engine")
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        yield from (Path(folder) / name for name in sorted([*files, *links]))


def _odd(path: Path, name: str) -> str | None:
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        return f"{name} is no regular file"
    why = odd_name(name, status.st_size)
    kind = kind_of(name)
    if why is None and kind is not None:
        with path.open("rb") as file:
            if file.read(len(kind.magic)) != kind.magic:
                why = f"{name} does not begin as such a file does, with {kind.magic!r}"
    return why
