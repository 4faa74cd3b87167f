"""What an engine computes once per model and snapshot and keeps beside the package, for the next process.

Every file appears whole (written aside, then renamed), so that workers may race: the last one wins with
equal content. Where the folder can't be written, what would be a file is computed again by each process.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FORMAT = 2  # raise it when a file's meaning changes


def model_digest(path: Path) -> str:
    """16 hex digits of a file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


@dataclass(frozen=True)
class Keep:
    """The files of one model and one snapshot, in a folder of the package."""

    folder: Path
    model: str
    snapshot: str

    def model_text(self, make: Callable[[Path], None]) -> bytes:
        """The model as JSON, which spares later processes the import of CatBoost."""
        path = self.folder / f"model-{self.model}-{FORMAT}.json"
        checksum, _, text = path.read_bytes().partition(b"\n") if path.is_file() else (b"", b"", b"")
        if checksum == _checksum(text):
            return text
        with tempfile.TemporaryDirectory() as scratch:
            made = Path(scratch) / "model.json"
            make(made)
            text = made.read_bytes()
        self._write(path, lambda draft: draft.write_bytes(_checksum(text) + b"\n" + text))
        return text

    def table(
        self, name: str, shape: tuple[int, int], make: Callable[[], NDArray[np.uint8]]
    ) -> NDArray[np.uint8]:
        """A u8 table, memory-mapped: the pages are shared between the processes that open it."""
        path = self.folder / f"table-{self.model}-{self.snapshot}-{name}-{FORMAT}.npy"
        found = _mapped(path, shape)
        if found is not None:
            return found
        table = make()
        self._write(path, lambda draft: _save(draft, table))
        found = _mapped(path, shape)
        return table if found is None else found

    def scores(self, name: str, make: Callable[[], NDArray[np.float64]]) -> NDArray[np.float64]:
        """float64 scores that CatBoost gave."""
        path = self.folder / f"proof-{self.model}-{name}-{FORMAT}.npy"
        try:
            return np.load(path, allow_pickle=False)  # type: ignore[no-any-return]
        except (OSError, ValueError, EOFError):
            made = make()
        self._write(path, lambda draft: _save(draft, made))
        return made

    def _write(self, path: Path, write: Callable[[Path], object]) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".draft-", dir=self.folder)
        except OSError:  # a read-only package: the next process computes it again
            return
        os.close(handle)
        draft = Path(name)
        try:
            write(draft)
            draft.chmod(0o644)
            draft.replace(path)
        except OSError:  # a full disk, likewise
            draft.unlink(missing_ok=True)


def _checksum(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest().encode()


def _save(draft: Path, values: NDArray[np.generic]) -> None:
    with draft.open("wb") as file:
        np.save(file, values, allow_pickle=False)


def _mapped(path: Path, shape: tuple[int, int]) -> NDArray[np.uint8] | None:
    """The table at `path`, or None where there is no sound one of this shape."""
    if 0 in shape:
        return None  # a file without values can't be mapped
    try:
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return np.asarray(values) if values.shape == shape and values.dtype == np.uint8 else None
