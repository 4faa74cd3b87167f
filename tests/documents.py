"""Commands in documents: the blocks marked `sh`, as a reader would paste them."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def blocks(page: Path, language: str = "sh") -> list[str]:
    """The blocks of one language, in order."""
    return re.findall(
        rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
