"""Another process that writes into a file."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WRITE = """
import os, sys
path, what = sys.argv[1:]
os.chmod(path, 0o644)
if what == "cut":
    os.truncate(path, 200)
else:
    with open(path, "r+b") as file:
        file.seek(128)
        file.write(bytes(os.fstat(file.fileno()).st_size - 128) if what == "zeros" else b"")
"""


@contextmanager
def writer(path: Path, what: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that writes into a file, and has been held up for a while."""
    with subprocess.Popen([sys.executable, "-c", WRITE, str(path), what]) as process:
        time.sleep(0.5)
        try:
            yield process
        finally:
            process.wait(10)
