"""`rollouts.json`: how far all rollouts have come. Read when live.yaml is compiled, written under a lock."""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from bentos.home.state import Home, StateError, write_atomically
from experiments.config.live import Live
from experiments.rollout.course import Course, overlaid

_COURSES = TypeAdapter(dict[str, Course])


def read_courses(home: Home) -> dict[str, Course]:
    """By experiment; none before the first. Raises StateError for a file that holds something else."""
    try:
        content = home.rollouts.read_bytes()
    except FileNotFoundError:
        return {}
    try:
        return _COURSES.validate_json(content)
    except ValidationError as error:
        raise StateError(f"{home.rollouts}: holds no courses of rollouts: {error}") from error


def write_courses(home: Home, courses: dict[str, Course]) -> None:
    """Replace them all; the caller holds the lock of changes."""
    write_atomically(home.rollouts, _COURSES.dump_json(courses, indent=1))


def as_served(home: Home, live: Live) -> Live:
    """A live.yaml as it is served: rollouts as far as they have come."""
    return overlaid(live, read_courses(home))
