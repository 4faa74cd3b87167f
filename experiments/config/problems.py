"""What is wrong with a live.yaml, as data and as sentences."""

from typing import NamedTuple

from monitoring.errors import UserError

Path = tuple[str | int, ...]


MISSING = "is required"


class ConfigProblem(NamedTuple):
    """One thing that is wrong: where, what stands there, and the rule it breaks."""

    line: int
    path: str
    value: object
    rule: str

    @property
    def sentence(self) -> str:
        """The place, the value and the rule; what is missing has no value."""
        said = self.rule if self.rule == MISSING else f"{self.value!r} {self.rule}"
        return f"{self.line}: {self.path}: {said}"


class ConfigError(UserError, ValueError):
    """A live.yaml that can't go live; `problems` holds all of them in line order."""

    def __init__(self, source: str, problems: list[ConfigProblem]) -> None:
        self.source = source
        self.problems = sorted(problems, key=lambda problem: (problem.line, problem.path))
        super().__init__("\n".join(f"{source}:{each.sentence}" for each in self.problems))


class AnalysisError(UserError, ValueError):
    """A question that the data can't answer; the sentence names the column, the value and the rule."""


def shown(path: Path) -> str:
    """`("layers", 0, "salt")` as `layers[0].salt`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".") or "(file)"
