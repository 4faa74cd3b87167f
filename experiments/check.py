"""Read a live.yaml and say everything that is wrong with it at once."""

from pathlib import Path
from typing import NamedTuple

import yaml
from pydantic import ValidationError

from experiments.config import Live


class Problem(NamedTuple):
    """One thing that is wrong: where, what stands there, and the rule it breaks."""

    line: int
    path: str
    value: object
    rule: str


class ConfigError(ValueError):
    """A live.yaml that can't go live; ``problems`` has all of them in line order."""

    def __init__(self, source: str, problems: list[Problem]) -> None:
        self.source = source
        self.problems = sorted(problems, key=lambda problem: problem.line)
        lines = [f"{source}:{p.line}: {p.path}: {p.value!r} {p.rule}" for p in self.problems]
        super().__init__("\n".join(lines))


def read(path: Path) -> Live:
    """Read and check the file at ``path``."""
    try:
        return Live.model_validate(yaml.safe_load(path.read_text()))
    except ValidationError as error:
        problems = [
            Problem(0, ".".join(map(str, each["loc"])), each["input"], each["msg"]) for each in error.errors()
        ]
        raise ConfigError(path.name, problems) from None
