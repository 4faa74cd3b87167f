"""The share of a field's most frequent value, as a test sees it: guessed from the past, then looked at.

The value that was most frequent among the last ones is guessed for the next. A guess is made before its value
comes, so that the share of right guesses can be tested however often one looks. A field that somebody fills
with one value, such as 0 or a median, is soon guessed right.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Hashable

REMEMBERED = 200  # values
LEAST = 10  # values without which nothing is guessed


class MostFrequent:
    """Guesses a field's next value."""

    def __init__(self) -> None:
        self._last: deque[Hashable] = deque()
        self._counts: Counter[Hashable] = Counter()

    def look(self, value: Hashable) -> float | None:
        """1 where the value was guessed, 0 where another was; None while too few are known to guess."""
        guess = max(self._counts, key=self._counts.__getitem__) if len(self._last) >= LEAST else None
        self._last.append(value)
        self._counts[value] += 1
        if len(self._last) > REMEMBERED:
            old = self._last.popleft()
            self._counts[old] -= 1
            if not self._counts[old]:
                del self._counts[old]
        return None if guess is None else float(guess == value)
