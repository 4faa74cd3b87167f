"""Read a live.yaml and say everything that is wrong with it at once, each with its line."""

from pathlib import Path

from pydantic import ValidationError

from experiments.config.declared_file import DeclaredFile
from experiments.config.live import Live
from experiments.config.rules import broken


def _compiled(text: str) -> Live | None:
    """What `Live.to_json` wrote, if nothing is wrong with it: no line is needed then, which is faster."""
    if not text.startswith("{"):
        return None
    try:
        live = Live.from_json(text)
    except ValidationError:
        return None
    return live if live.to_json() == text and next(iter(broken(live)), None) is None else None


_LIVE = DeclaredFile(Live, broken, _compiled)


def load(path: Path) -> Live:
    """Read and check a live.yaml.

    ConfigError lists every problem with its line, path, value and rule; it is raised as well for a file that
    can't be read.
    """
    return _LIVE.load(path)


def parse(text: str, source: str = "live.yaml") -> Live:
    """The same on the file's text."""
    return _LIVE.parse(text, source)
