"""Writing into files that nobody should write into."""

from __future__ import annotations

from pathlib import Path


def overwrite(path: Path, content: bytes, at: int = 0) -> None:
    """In place, from byte `at` to the new end. Published files are read-only, which their owner can change.

    Never shorter in between: a process that has the file mapped would die of it (SIGBUS).
    """
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)
        file.truncate()
