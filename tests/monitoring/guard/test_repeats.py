"""Guesses of a field's next value: made before it comes, right where it is filled with one."""

from __future__ import annotations

import numpy as np

from monitoring.guard.repeats import LEAST, REMEMBERED, MostFrequent


def test_a_constant_is_guessed_once_enough_is_known() -> None:
    guess = MostFrequent()
    assert [guess.look(4.0) for _ in range(LEAST + 2)] == [None] * LEAST + [1.0, 1.0]
    assert guess.look(5.0) == 0.0


def test_random_values_are_guessed_no_more_often_than_they_come() -> None:
    """Ten equally likely ones: a tenth, whatever was seen before."""
    draw, guess = np.random.default_rng(1), MostFrequent()
    said = [guess.look(int(value)) for value in draw.integers(0, 10, 3000)]
    right = [each for each in said if each is not None]
    assert abs(np.mean(right) - 0.1) < 4 * np.sqrt(0.09 / len(right))


def test_what_was_long_ago_is_forgotten() -> None:
    """A value that was always there gives way to the one that is, half way through what is remembered."""
    guess = MostFrequent()
    for _ in range(REMEMBERED):
        guess.look("old")
    said = [guess.look("new") for _ in range(REMEMBERED)]
    assert said[REMEMBERED // 2 - 1] == 0.0
    assert said[REMEMBERED // 2 + 1] == 1.0
