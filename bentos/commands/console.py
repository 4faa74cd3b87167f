"""What commands print with: one console for results, one for messages."""

from __future__ import annotations

import json
import sys
from typing import Any

from rich.console import Console

WIDE = 120  # columns, where the output is a file or a pipe

out = Console(width=None if sys.stdout.isatty() else WIDE)
err = Console(stderr=True, width=None if sys.stderr.isatty() else WIDE)


def print_json(value: Any) -> None:
    """One JSON document on standard output, for programs."""
    json.dump(value, sys.stdout, indent=2, default=str)
    sys.stdout.write("\n")
