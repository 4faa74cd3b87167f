"""The folder that is a version: what training writes, MLflow keeps, and a server downloads.

    model.cb            the CatBoost model
    declaration.json    the resolved declaration
    certificate.npz     birth certificate: raw requests with the features and scores that training computed
    reference.parquet   sample of the evaluation window
    training.parquet    sample of the training window; without scores, which are too good on rows learnt from
    contexts.npz        what healthy contexts are, for the guard; absent where requests have none
    evaluation.json     metrics with intervals
    plots/              pictures
    manifest.json       what it is made of, and the sha256 of every file above

`package_files` has the closed list of them, with sizes.

Reading needs numpy only: serving processes import this file.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.declaration.declaration import Declaration
from models.features import Columns
from models.package_files import MB, kind_of
from monitoring.errors import UserError

MODEL, DECLARATION, CERTIFICATE = "model.cb", "declaration.json", "certificate.npz"
REFERENCE, EVALUATION, MANIFEST = "reference.parquet", "evaluation.json", "manifest.json"
TRAINING = "training.parquet"
FILES = (MODEL, DECLARATION, CERTIFICATE, REFERENCE, EVALUATION)
# What NumPy raises for an archive that is cut short, damaged, or lacks an array.
_UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RecursionError,
    MemoryError,
    zipfile.BadZipFile,
    zlib.error,
)
UNPACKED = 2048 * MB  # of a certificate: its requests and features, far less in any that training wrote
_PLAIN = re.compile(r"[0-9A-Za-z_-]{1,64}")


class PackageError(UserError, ValueError):
    """A folder that is no package, or has changed since it was written; the sentence names file and rule."""


@dataclass(frozen=True)
class PackageManifest:
    """What a version is made of. `created` is in unix seconds, `files` maps relative names to sha256."""

    ranker: str
    version_of_code: str
    data_digest: str
    snapshot: str
    created: float
    files: Mapping[str, str]


@dataclass(frozen=True)
class RawRequest:
    """A request as it would arrive."""

    items: tuple[str, ...] | tuple[int, ...]
    context: Mapping[str, float | str | None]


@dataclass(frozen=True, eq=False)
class Certificate:
    """Raw requests with what training computed for them.

    The rows of request r are starts[r]:starts[r + 1]; `features` has every model input by name (float32 or
    text), `scores` is float64, raw for ranking and the probability of 1 for two classes.
    """

    requests: Sequence[RawRequest]
    starts: NDArray[np.int64]
    features: Columns
    scores: NDArray[np.float64]


def read_manifest(folder: Path) -> PackageManifest:
    """manifest.json of a package. Raises PackageError."""
    path = folder / MANIFEST
    try:
        manifest = PackageManifest(**json.loads(path.read_bytes()))
        _believable(manifest)
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise PackageError(f"{path}: is no manifest of a package: {error}") from error
    return manifest


def _believable(manifest: PackageManifest) -> None:
    """Raises ValueError for names of files or of a snapshot that would lead out of their folders."""
    if not isinstance(manifest.files, dict):
        raise TypeError("files: must name a digest for each file")
    odd = next((name for name in manifest.files if kind_of(name) is None), None)
    if odd is not None:
        raise ValueError(f"files: {odd!r:.200} is no file of a package")
    if not _PLAIN.fullmatch(manifest.snapshot):
        raise ValueError(f"snapshot: {manifest.snapshot!r:.80} is no digest: letters and digits, no path")


def read_declaration(folder: Path) -> Declaration:
    """declaration.json of a package. Raises PackageError, DeclarationError."""
    try:
        text = (folder / DECLARATION).read_text(encoding="utf-8")
    except OSError as error:
        raise PackageError(f"{folder / DECLARATION}: cannot be read: {error.strerror}") from error
    return Declaration.from_json(text)


def verify_files(folder: Path) -> PackageManifest:
    """The manifest, where every file it lists is there unchanged. Raises PackageError otherwise."""
    manifest = read_manifest(folder)
    missing = [name for name in FILES if name not in manifest.files]
    if missing:
        raise PackageError(
            f"{folder / MANIFEST}: files: lacks {', '.join(missing)}: a package has all of them"
        )
    for name, wanted in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise PackageError(f"{path}: is missing: the manifest lists it")
        if sha256(path) != wanted:
            raise PackageError(f"{path}: sha256 {sha256(path)} is not the manifest's {wanted}")
    return manifest


def write_manifest(folder: Path, manifest: PackageManifest) -> None:
    """Write manifest.json with the sha256 of every file of a package that is in the folder now.

    What else lies there, as the engine's own files do, is not on the list of `package_files` and not read.
    """
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    files = {name: sha256(folder / name) for name in names if kind_of(name) and name != MANIFEST}
    document = asdict(manifest) | {"files": files}
    (folder / MANIFEST).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def sha256(path: Path) -> str:
    """Hex digest of a file's content."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def write_certificate(folder: Path, certificate: Certificate) -> None:
    """Write certificate.npz, which loads without pickle: text as fixed-width unicode, requests as JSON."""
    raw = [{"items": list(one.items), "context": dict(one.context)} for one in certificate.requests]
    arrays: dict[str, NDArray[Any]] = {
        "requests": np.frombuffer(json.dumps(raw, allow_nan=False).encode(), dtype=np.uint8),
        "names": np.array(list(certificate.features), dtype=np.str_),
        "starts": certificate.starts,
        "scores": certificate.scores,
    }
    for place, column in enumerate(certificate.features.values()):
        kind = np.str_ if column.dtype == object else np.float32
        arrays[f"feature_{place}"] = np.asarray(column).astype(kind)
    np.savez_compressed(folder / CERTIFICATE, allow_pickle=False, **arrays)


class Certified(NamedTuple):
    """What loading a version needs of its certificate: raw requests, and their scores in a row, float64."""

    requests: Sequence[RawRequest]
    scores: NDArray[np.float64]


def read_certified(folder: Path) -> Certified:
    """certificate.npz without its features: reading those takes ten times as long. Raises PackageError."""
    path = folder / CERTIFICATE
    try:
        bounded(path)
        with np.load(path, allow_pickle=False) as found:
            return Certified(_requests(found["requests"]), found["scores"])
    except _UNREADABLE as error:
        raise PackageError(f"{path}: is no birth certificate: {error}") from error


def bounded(path: Path) -> None:
    """Raises ValueError for an archive that would take more memory than any that training writes.

    NumPy makes room for what an array's header says before it reads the array.
    """
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > UNPACKED:
            raise ValueError(f"it has {unpacked:,} bytes when unpacked: at most {UNPACKED:,} are read")
        for member in archive.infolist():
            with archive.open(member) as array:
                said = _said_bytes(array)
            if said > member.file_size:
                raise ValueError(f"{member.filename} says that it has {said:,} bytes, more than are there")


def _said_bytes(array: IO[bytes]) -> int:
    """Bytes of an array by its header: its shape times what one value takes."""
    read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    shape, _, kind = read[np.lib.format.read_magic(array)](array)
    return math.prod(shape) * int(kind.itemsize)


def _requests(text: NDArray[np.uint8]) -> list[RawRequest]:
    return [RawRequest(tuple(one["items"]), one["context"]) for one in json.loads(text.tobytes())]


def read_certificate(folder: Path) -> Certificate:
    """certificate.npz of a package. Raises PackageError."""
    path = folder / CERTIFICATE
    try:
        bounded(path)
        with np.load(path, allow_pickle=False) as found:
            requests = _requests(found["requests"])
            features = {
                str(name): _column(found[f"feature_{place}"]) for place, name in enumerate(found["names"])
            }
            starts, scores = found["starts"], found["scores"]
    except _UNREADABLE as error:
        raise PackageError(f"{path}: is no birth certificate: {error}") from error
    if len(starts) != len(requests) + 1 or any(len(each) != len(scores) for each in features.values()):
        raise PackageError(f"{path}: requests, features and scores must have the same rows")
    return Certificate(requests, starts, features, scores)


def _column(array: NDArray[Any]) -> NDArray[Any]:
    return array.astype(object) if array.dtype.kind == "U" else array
