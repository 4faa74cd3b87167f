"""The ids of a request as slices of its JSON, instead of a list of Python objects.

Three thousand ids cost 0.3 ms as a list: to make, to check for repetitions, to look up, to write again. As
slices they cost a tenth. Only the plainest array is read this way, `[1,2]` or `["a", "b"]` without escapes;
every other array goes to the JSON decoder.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, Protocol, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled, word_at

Bytes = NDArray[np.uint8]
Rows = NDArray[np.int64]

_QUOTE, _COMMA, _BLANK, _MINUS, _OPEN, _CLOSE = (np.uint8(ord(each)) for each in '", -[]')
_ZERO, _NINE = np.uint8(ord("0")), np.uint8(ord("9"))
_DIGITS = 18  # that surely fit int64
_QUOTES = np.uint64(0x2222222222222222)
_SEVENS = np.uint64(0x7F7F7F7F7F7F7F7F)
_BLANKS = np.uint64(0x2020202020202020)
_TOPS = np.uint64(0x8080808080808080)
_NONE, _ONE = np.uint64(0), np.uint64(1)


class RowsOfIds(Protocol):
    """Where ids are looked up: a catalogue, as far as a list of ids needs to know it."""

    @property
    def size(self) -> int:
        """How many items there are."""

    def rows_of(self, spans: "IdSpans") -> Rows:
        """int64[n]: the row of each id, -1 where unknown."""


class IdSpans(Sequence[Any]):
    """n ids. `starts` and `stops`, int64[n], cut them out of the JSON array, quotes included."""

    def __init__(self, raw: bytes, text: Bytes, starts: Rows, stops: Rows, numbers: Rows | None) -> None:
        self.raw = raw
        self.text = text
        self.starts = starts
        self.stops = stops
        self.numbers = numbers
        """int64[n], None where ids are texts."""
        self._rows: tuple[RowsOfIds | None, Rows] = (None, starts)

    @classmethod
    def of(cls, raw: bytes, most: int, *, integers: bool) -> Self | None:
        """The ids of a JSON array of at most `most`, or None where it is not plain: ask the decoder then."""
        text = np.frombuffer(raw, np.uint8)
        if integers:
            starts, stops, numbers = (np.empty(most, np.int64) for _ in range(3))
            count = _numbers(text, starts, stops, numbers)
            return None if count <= 0 else cls(raw, text, starts[:count], stops[:count], numbers[:count])
        if not raw.isascii() or b"\\" in raw:
            return None
        quotes = np.empty(2 * most, np.int64)
        count = _quotes(text, quotes)
        if count <= 0 or not _separated(text, quotes[: 2 * count]):
            return None
        return cls(raw, text, quotes[: 2 * count : 2], quotes[1 : 2 * count : 2] + 1, None)

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, place: Any) -> Any:
        return self.listed[place]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.listed)

    @cached_property
    def listed(self) -> list[Any]:
        """The ids as Python objects, for those who need them."""
        found: list[Any] = msgspec.json.decode(self.raw)
        return found

    @property
    def gap(self) -> int:
        """Bytes between the end of a text id and the beginning of the next."""
        return int(self.starts[1] - self.stops[0]) + 2 if len(self) > 1 else 0

    @property
    def compact(self) -> bytes:
        """The JSON array without blanks between its ids."""
        blanks = len(self.raw) - 1 - int((self.stops - self.starts).sum()) > len(self)
        return self.json(np.arange(len(self))) if blanks else self.raw

    def rows(self, catalogue: RowsOfIds) -> Rows:
        """int64[n] rows in a catalogue, -1 where unknown; looked up once."""
        if self._rows[0] is not catalogue:
            self._rows = catalogue, catalogue.rows_of(self)
        return self._rows[1]

    def repeats(self, catalogue: RowsOfIds) -> bool:
        """Whether an id is there twice."""
        rows = self.rows(catalogue)
        if _repeats(rows, np.zeros((catalogue.size >> 6) + 1, np.uint64)):
            return True
        unknown = np.flatnonzero(rows < 0)
        return len({self.raw[self.starts[k] : self.stops[k]] for k in unknown}) < len(unknown)

    def json(self, places: Rows) -> bytes:
        """The ids at `places`, int64[k], as a JSON array."""
        if not len(places):
            return b"[]"
        size = _size(self.starts, self.stops, places)
        return _picked(self.text, self.starts, self.stops, places, np.empty(size, np.uint8)).tobytes()


@compiled
def _numbers(text: Bytes, starts: Rows, stops: Rows, numbers: Rows) -> int:
    """How many integers there are; -1 where the array is not plain, or has more than fit."""
    size, count, place = text.size, 0, 1
    if size < 3 or text[0] != _OPEN:
        return -1
    while count < starts.size:
        start = place
        negative = text[place] == _MINUS
        place += negative
        first, value = place, np.int64(0)
        while place < size and _ZERO <= text[place] <= _NINE:
            value = value * 10 + np.int64(text[place] - _ZERO)
            place += 1
        digits = place - first
        # Leading zeros and -0 would make two spellings of one id; neither is canonical JSON.
        if digits == 0 or digits > _DIGITS or (text[first] == _ZERO and (digits > 1 or negative)):
            return -1
        if place >= size:
            return -1
        starts[count], stops[count], numbers[count] = start, place, -value if negative else value
        count += 1
        if text[place] == _CLOSE:
            return count if place == size - 1 else -1
        if text[place] != _COMMA or place + 2 >= size:
            return -1
        place += 2 if text[place + 1] == _BLANK else 1
    return -1


@compiled
def _quotes(text: Bytes, quotes: Rows) -> int:
    """Where quotes are; returns half their number, -1 where a control character is or more than fit."""
    found, place = 0, 0
    while place + 8 <= text.size:  # eight bytes at a time: a byte of `hit` is 128 where a quote is
        word = word_at(text, place)
        if (word - _BLANKS) & ~word & _TOPS:
            return -1
        other = word ^ _QUOTES
        hit = ~(((other & _SEVENS) + _SEVENS) | other | _SEVENS)
        for byte in range(8):
            if hit == _NONE:
                break
            if (hit >> np.uint64(8 * byte + 7)) & _ONE:
                if found == quotes.size:
                    return -1
                quotes[found] = place + byte
                found += 1
                hit ^= np.uint64(128) << np.uint64(8 * byte)
        place += 8
    for last in range(place, text.size):
        if text[last] < _BLANK or (text[last] == _QUOTE and found == quotes.size):
            return -1
        if text[last] == _QUOTE:
            quotes[found] = last
            found += 1
    return found // 2 if found % 2 == 0 else -1


@compiled
def _separated(text: Bytes, quotes: Rows) -> bool:
    """Whether the array is brackets, texts, and between them always `,` or always `, `."""
    size, last = text.size, quotes.size - 1
    if text[0] != _OPEN or text[size - 1] != _CLOSE or quotes[0] != 1 or quotes[last] != size - 2:
        return False
    if last < 2:
        return True
    gap = quotes[2] - quotes[1]
    if gap not in {2, 3}:
        return False
    for index in range(1, last, 2):
        place = quotes[index]
        if quotes[index + 1] - place != gap or text[place + 1] != _COMMA:
            return False
        if gap == 3 and text[place + 2] != _BLANK:
            return False
    return True


@compiled
def _repeats(rows: Rows, seen: NDArray[np.uint64]) -> bool:
    """`seen`: one bit for each item of the catalogue, all 0."""
    for row in rows:
        if row >= 0:
            bit = _ONE << np.uint64(row & 63)
            if seen[row >> 6] & bit:
                return True
            seen[row >> 6] |= bit
    return False


@compiled
def _size(starts: Rows, stops: Rows, places: Rows) -> int:
    size = places.size + 1
    for place in places:
        size += stops[place] - starts[place]
    return size


@compiled
def _picked(text: Bytes, starts: Rows, stops: Rows, places: Rows, out: Bytes) -> Bytes:
    at = 0
    for place in places:
        out[at] = _COMMA if at else _OPEN
        at += 1
        for byte in range(starts[place], stops[place]):
            out[at] = text[byte]
            at += 1
    out[at] = _CLOSE
    return out
