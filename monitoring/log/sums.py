"""What each file of a log holds, kept beside them: a file that is cut, zeroed, changed or deleted is known.

`sums.json` is brought up to date by the one process that compacts. A segment that is still written to is
summed as far as it goes: what was once there must stay there. It also has what the manifest says, so that a
manifest which is deleted can be written again.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from monitoring.log.manifest import NAME as MANIFEST
from monitoring.log.manifest import LogManifest, Part, alone, read_manifest, sync_folder, write_manifest
from monitoring.log.segments import LOST, SUFFIX, is_closed, segments

NAME = "sums.json"
KINDS = ("decisions", "outcomes")
_CHUNK = 4 * 1024 * 1024


class FileSum(msgspec.Struct, frozen=True, omit_defaults=True):
    """The first `size` bytes of a file: their CRC-32, and how many lines end in them.

    `mtime` (ns) is that of a file that nobody writes to any more, 0 of one that grows. `damage` is what was
    found wrong with it when it was last looked at, and stays until a person has accepted it.
    """

    size: int
    crc: int
    lines: int
    mtime: int = 0
    damage: str = ""


class LogSums(msgspec.Struct, frozen=True):
    """The sums of one folder, by file name, and the parts of its manifest."""

    files: dict[str, FileSum] = {}
    parts: list[Part] = []


class Trouble(NamedTuple):
    """A file that does not hold what it held, and why that is known."""

    file: Path
    why: str

    def __str__(self) -> str:
        return f"{self.file.parent.name}/{self.file.name}: {self.why}"


def read_sums(folder: Path) -> LogSums:
    """Empty where there are none yet, or where they are damaged: then they are made anew."""
    try:
        return msgspec.json.decode((folder / NAME).read_bytes(), type=LogSums)
    except (OSError, msgspec.MsgspecError):
        return LogSums()


def write_sums(folder: Path, sums: LogSums) -> None:
    """Replace them atomically."""
    beside = folder / f".{NAME}"
    with beside.open("wb") as file:
        file.write(msgspec.json.encode(sums) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(folder / NAME)
    sync_folder(folder)


def keep(folder: Path) -> LogSums:
    """Bring the sums of a folder up to date, and its manifest back where it is gone. Reads what is new."""
    before = read_sums(folder)
    if before.parts and not (folder / MANIFEST).exists():
        write_manifest(folder, LogManifest(before.parts))
    parts = read_manifest(folder).parts
    files = dict(before.files)
    for path in [*segments(folder), *(folder / part.name for part in parts)]:
        try:
            files[path.name] = _now(path, files.get(path.name))
        except FileNotFoundError:
            continue  # what is gone is trouble, if it was there before
    after = LogSums(files, parts)
    if after != before:
        write_sums(folder, after)
    return after


def forget(folder: Path, names: set[str]) -> None:
    """What is to be deleted is not missed; to be called before it is."""
    sums = read_sums(folder)
    files = {name: each for name, each in sums.files.items() if name not in names}
    write_sums(folder, LogSums(files, [part for part in sums.parts if part.name not in names]))


def trouble(root: Path, thorough: bool = False) -> list[Trouble]:
    """What is wrong with the files of a log, at a `stat` for each; `thorough`: after reading all of them."""
    found = [each for kind in KINDS for each in _wrong(root / kind, thorough)]
    return found and [each for kind in KINDS for each in _still(root / kind, found)]


def _still(folder: Path, found: Iterable[Trouble]) -> Iterator[Trouble]:
    """What is wrong with files of a folder that nobody has deleted in good order meanwhile, once for each."""
    known, seen = read_sums(folder).files, set[Path]()
    for each in found:
        missed = each.file.with_suffix(LOST).exists()
        if each.file.parent == folder and each.file not in seen and (missed or each.file.name in known):
            seen.add(each.file)
            yield each


def accept(root: Path) -> bool:
    """From now on, what is there is what is to be there: a person has accepted what is lost.

    False where the log was being compacted, so that nothing was changed.
    """
    done = [_accepted(root / kind) for kind in KINDS if (root / kind).is_dir()]
    return all(done)


def _accepted(folder: Path) -> bool:
    with alone(folder) as only:
        if only:
            lost = {each.file.name for each in _wrong(folder, thorough=True)}
            sums, manifest = read_sums(folder), read_manifest(folder)
            parts = [part for part in manifest.parts if (folder / part.name).exists()]
            if parts != manifest.parts:
                write_manifest(folder, LogManifest(parts))
            write_sums(folder, LogSums({n: each for n, each in sums.files.items() if n not in lost}, parts))
            keep(folder)
            for path in folder.glob(f"*{LOST}"):
                path.unlink()
    return only


def _wrong(folder: Path, thorough: bool) -> Iterator[Trouble]:
    missed = sorted(folder.glob(f"*{LOST}")) if folder.is_dir() else []
    for path in missed:
        yield Trouble(path.with_suffix(SUFFIX), path.read_text(encoding="utf-8", errors="replace"))
    for name, each in read_sums(folder).files.items():
        why = each.damage or _difference(folder / name, each, thorough)
        if why:
            yield Trouble(folder / name, why)


def _now(path: Path, before: FileSum | None) -> FileSum:
    """A file's sum, from the one before it. A file that has shrunk keeps what it had."""
    closed = path.suffix != SUFFIX or is_closed(path)
    state = path.stat()
    if before is not None and (before.damage or before.mtime == state.st_mtime_ns):
        return before
    if before is not None and before.mtime and _same(path, before):
        return msgspec.structs.replace(before, mtime=state.st_mtime_ns)  # copied, or touched
    if before is not None and (before.mtime or state.st_size < before.size):
        return msgspec.structs.replace(before, damage=_difference(path, before, False) or _CHANGED)
    if before is not None and closed and not _same(path, before):
        return msgspec.structs.replace(before, damage=_CHANGED)
    crc, lines = (0, 0) if before is None else (before.crc, before.lines)
    size, crc, lines = _summed(path, 0 if before is None else before.size, None, crc, lines)
    return FileSum(size, crc, lines, state.st_mtime_ns if closed else 0)


_CHANGED = "what it held is not what was written"


def _difference(path: Path, known: FileSum, thorough: bool) -> str | None:
    """What is wrong with a file, in words; None where it holds what it held."""
    had = f"{known.size:,} bytes" + (f" and {known.lines:,} records" if path.suffix == SUFFIX else "")
    try:
        state = path.stat()
    except FileNotFoundError:
        return f"is gone: it had {had}"
    if state.st_size < known.size:
        return f"has {state.st_size:,} bytes where it had {had}"
    if known.mtime and state.st_size > known.size:
        return f"has {state.st_size:,} bytes where it had {had} when it was closed"
    if (thorough or (known.mtime and state.st_mtime_ns != known.mtime)) and not _same(path, known):
        return f"{_CHANGED}: {had}"
    return None


def _same(path: Path, known: FileSum) -> bool:
    try:
        size, crc, _ = _summed(path, 0, known.size)
    except OSError:
        return False
    return (size, crc) == (known.size, known.crc)


def _summed(path: Path, start: int, most: int | None, crc: int = 0, lines: int = 0) -> tuple[int, int, int]:
    """(where the summing ends, CRC-32, lines) of a file from `start` on, added to what came before that.

    `most` bytes of the file at the most. A crash may have torn the last line: it counts for nothing.
    """
    with path.open("rb", buffering=0) as file:
        file.seek(start)
        place = start
        while chunk := file.read(_CHUNK if most is None else min(_CHUNK, most - place)):
            crc, place = zlib.crc32(chunk, crc), place + len(chunk)
            lines += chunk.count(b"\n")
        return place, crc, lines
