"""The courses of rollouts on disk, and live.yaml as it is served under them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bentos.home.rollouts import as_served, read_courses, write_courses
from bentos.home.state import Home, StateError
from experiments.config.check import parse
from experiments.config.live import Live
from experiments.rollout.course import Course, Stopped, begun
from tests.bentos.control.experiments.rolling import TEXT


def live() -> Live:
    return parse(TEXT)


def course(stopped: str | None = None) -> Course:
    made = begun(live().experiments[0], 100.0, None)
    halt = None if stopped is None else Stopped(at=200.0, reason=stopped)
    return made.model_copy(update={"stopped": halt})


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """By experiment; none before the first."""
    home = Home(tmp_path)
    assert read_courses(home) == {}
    courses = {"try": course("it is worse")}
    write_courses(home, courses)
    assert read_courses(home) == courses
    write_courses(home, {})
    assert read_courses(home) == {}


@pytest.mark.parametrize("content", ["", "[]", '{"try": {"digest": "x"}}'])
def test_a_file_that_holds_something_else_is_named(tmp_path: Path, content: str) -> None:
    """Rollouts that were stopped must not go on because their file can't be read."""
    home = Home(tmp_path)
    home.rollouts.write_text(content)
    with pytest.raises(StateError, match=r"rollouts\.json: holds no courses of rollouts: "):
        read_courses(home)


def test_a_stopped_rollout_is_served_to_nobody(tmp_path: Path) -> None:
    """Until then as far as it has come; without a course as the file has it."""
    home, file = Home(tmp_path), live()
    assert as_served(home, file) == file
    write_courses(home, {"try": course()})
    assert as_served(home, file).experiments[0].enabled
    write_courses(home, {"try": course("it is worse")})
    served = as_served(home, file)
    assert not served.experiments[0].enabled
    assert served.digest != file.digest
    write_courses(home, {"another": course("it is worse")})
    assert as_served(home, file) == file
