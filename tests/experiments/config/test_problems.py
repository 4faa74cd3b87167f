"""What is wrong is said by line, path, value and rule."""

import pytest

from experiments.config.problems import AnalysisError, ConfigError, ConfigProblem, shown
from monitoring.errors import UserError


def test_problems_are_told_in_line_order() -> None:
    """One line each; a problem has its parts as well."""
    later, first = ConfigProblem(9, "b", 2, "is late"), ConfigProblem(2, "a.x", "v", "is wrong")
    error = ConfigError("live.yaml", [later, first])
    assert error.problems == [first, later]
    assert str(error) == "live.yaml:2: a.x: 'v' is wrong\nlive.yaml:9: b: 2 is late"


def test_both_are_meant_for_people() -> None:
    """The command line shows them as they are; a program may still catch them as wrong values."""
    for kind in (ConfigError, AnalysisError):
        assert issubclass(kind, UserError)
        assert issubclass(kind, ValueError)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), "(file)"),
        (("layers", 0, "salt"), "layers[0].salt"),
        ((0, "a"), "[0].a"),
        (("a", 1, 2), "a[1][2]"),
    ],
)
def test_paths_are_shown_as_in_code(path: tuple[str | int, ...], text: str) -> None:
    """Keys with dots, indexes in brackets."""
    assert shown(path) == text
