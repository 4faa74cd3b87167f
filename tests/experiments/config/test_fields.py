"""The kinds of value: what each takes, how it is written back, and the sentence that refuses the rest."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from experiments.config.fields import (
    Duration,
    Instant,
    ModelReference,
    Range,
    Scalar,
    Share,
    written,
    written_duration,
)
from tests.experiments.files import FULL, live


def test_instants_are_unix_seconds_in_utc() -> None:
    """A date is its midnight."""
    (experiment,) = live(tail=FULL).experiments
    assert experiment.start == 1_767_225_600
    assert experiment.end == 1_769_900_400


def refusal(kind: object, value: object) -> str:
    """What is said of a wrong value."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    return caught.value.errors()[0]["msg"]


@given(st.integers(0, 4_000_000_000))
def test_instants_are_written_as_they_are_read(second: int) -> None:
    """To the second, in UTC."""
    assert TypeAdapter(Instant).validate_python(written(second)) == second


@given(st.integers(1, 10**6 - 1), st.sampled_from("dhms"))
def test_durations_are_written_in_the_largest_unit_that_fits(count: int, unit: str) -> None:
    """And read as the same."""
    seconds = TypeAdapter(Duration).validate_python(f"{count}{unit}")
    if seconds < 10**6:
        assert TypeAdapter(Duration).validate_python(written_duration(seconds)) == seconds
    assert written_duration(7_200) == "2h"


@pytest.mark.parametrize(
    ("kind", "good", "value"),
    [
        (ModelReference, 7, "7"), (ModelReference, "@champion", "@champion"), (Share, 1, 1.0),
        (Range, [0, 0.5], (0.0, 0.5)), (Scalar, "x", "x"), (Scalar, True, True),
        (Instant, "1970-01-02", 86_400.0),
        (Instant, "1970-01-01T01:00:00+01:00", 0.0), (Duration, "90s", 90.0),
    ],
)  # fmt: skip
def test_what_is_taken(kind: object, good: object, value: object) -> None:
    """In the form in which the program has it."""
    assert TypeAdapter(kind).validate_python(good) == value


@pytest.mark.parametrize(
    ("kind", "wrong", "rule"),
    [
        (ModelReference, "champion", "must name a model by alias ('@champion') or by version number ('7')"),
        (ModelReference, True, "must name a model by alias"),
        (ModelReference, 0, "must name a model by alias"),
        (Share, 1.01, "must be a share, a number from 0 to 1"),
        (Share, True, "must be a share"),
        (Share, "0.5", "must be a share"),
        (Range, [0.5, 0.5], "must be a half-open range [low, high) with 0 <= low < high <= 1"),
        (Range, [0.0, 0.5, 1.0], "must be a half-open range"),
        (Scalar, [1], "must be text, a finite number, true or false"),
        (Scalar, math.nan, "must be text, a finite number"),
        (Instant, "2026-01-01T08:00", "its zone is missing"),
        (Instant, "soon", "must be a date (2026-01-31) or a time with its zone"),
        (Instant, 5, "must be a date"),
        (Duration, "1w", "must be a time such as 1d, 12h, 30m or 90s"),
        (Duration, "0d", "must be a time such as"),
        (Duration, 60, "must be a time such as"),
    ],
)
def test_what_is_refused(kind: object, wrong: object, rule: str) -> None:
    """Each with its rule."""
    assert rule in refusal(kind, wrong)
