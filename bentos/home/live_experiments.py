"""The experiments of a live file, as plain data for people's eyes."""

from __future__ import annotations

import json
from typing import Any

from bentos.home.state import Home


def live_experiments(home: Home, digest: str) -> list[dict[str, Any]]:
    """The experiments that are live, as their compiled file has them; a file that can't be read is a problem
    of the workers', and said by them."""
    try:
        layers = json.loads(home.compiled(digest).read_bytes()).get("layers", ()) if digest else ()
    except (OSError, ValueError):
        return []
    return [experiment for layer in layers for experiment in layer.get("experiments", ())]
