"""Whether a process lives, since when, and whether it is stopped: from /proc."""

from __future__ import annotations

from pathlib import Path


def process_started(pid: int) -> int | None:
    """When a process started, in clock ticks since boot (proc(5), field 22); None when it is not running."""
    fields = _stat(pid)
    return None if not fields or fields[0] in "ZX" else int(fields[19])


def process_state(pid: int) -> str | None:
    """What a process does, as proc(5) has it: "R", "S", "T" for stopped, …; None where there is none."""
    fields = _stat(pid)
    return fields[0] if fields else None


def sibling(parent: int, words: bytes) -> int | None:
    """A process of the same parent that was started with these words, NUL between them; None without one."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            named = words in path.read_bytes()
        except OSError:  # it ended meanwhile, or is another user's
            continue
        fields = _stat(int(path.parent.name)) if named else []
        if fields and int(fields[1]) == parent:
            return int(path.parent.name)
    return None


def _stat(pid: int) -> list[str]:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return stat.rpartition(")")[2].split()  # the name before the last ")" may hold blanks
