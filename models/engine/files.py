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
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from models.engine.store import load_forest, save_forest
from models.engine.trees import Forest

FORMAT = 3  # raise it when a file's meaning changes


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

    def forest(self, make: Callable[[], Forest]) -> Forest:
        """The model's trees as arrays, which spares later processes CatBoost and the parsing of its JSON."""
        path = self.folder / f"forest-{self.model}-{FORMAT}.npz"
        try:
            return load_forest(path)
        except (OSError, EOFError, ValueError, KeyError, BadZipFile):
            forest = make()
        self._write(path, lambda draft: save_forest(draft, forest))
        return forest

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
            draft.chmod(0o444)
            draft.replace(path)
        except OSError:  # a full disk, likewise
            draft.unlink(missing_ok=True)


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
