"""Read a live.yaml and say everything that is wrong with it at once, each with its line."""

from pathlib import Path

from experiments.config.declared_file import DeclaredFile
from experiments.config.live import Live
from experiments.config.rules import broken

_LIVE = DeclaredFile(Live, broken)


def load(path: Path) -> Live:
    """Read and check a live.yaml.

    ConfigError lists every problem with its line, path, value and rule; it is raised as well for a file that
    can't be read.
    """
    return _LIVE.load(path)


def parse(text: str, source: str = "live.yaml") -> Live:
    """The same on the file's text."""
    return _LIVE.parse(text, source)
