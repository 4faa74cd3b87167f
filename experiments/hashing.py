"""Which fraction of a split a unit falls on: GrowthBook's hashes, so that existing tools agree with this one.

Source: GrowthBook's SDK specification, https://docs.growthbook.io/lib/build-your-own (hash versions 1 and 2,
`inRange`, `getBucketRanges`, `inNamespace`). Strings are hashed by UTF-16 code unit as its JavaScript
reference does, so that characters outside the basic plane agree as well.

An algorithm's id is part of an experiment's definition and never changes its meaning: whoever wants another
algorithm starts another experiment.
"""

from collections.abc import Callable, Sequence

Range = tuple[float, float]
Fraction = Callable[[str], float]

OFFSET = 0x811C9DC5  # FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/
PRIME = 0x01000193
_MASK = 0xFFFFFFFF

RESOLUTION = {"growthbook-v1": 1_000, "growthbook-v2": 10_000}
"""Number of distinct fractions of each algorithm; a range finer than 1/resolution can't be honoured."""


def code_units(text: str) -> list[int]:
    """The UTF-16 code units of `text`; those of ASCII are its bytes."""
    if text.isascii():
        return list(text.encode())
    units = text.encode("utf-16-le", "surrogatepass")
    return [low | high << 8 for low, high in zip(units[::2], units[1::2], strict=True)]


def absorb(state: int, text: str) -> int:
    """A hash's state after `text`, from `state` on."""
    for unit in code_units(text):
        state = ((state ^ unit) * PRIME) & _MASK
    return state


def fnv32a(text: str) -> int:
    """FNV-1a of the UTF-16 code units of `text`, in 0..2**32 − 1."""
    return absorb(OFFSET, text)


def fraction(seed: str, value: str, algorithm: str = "growthbook-v2") -> float:
    """Where `value` falls under `seed`: one of {0, 1, …, resolution − 1} / resolution.

    >>> fraction("b-1", "viewer-1")
    0.1875
    """
    return fraction_of(seed, algorithm)(value)


def fraction_of(seed: str, algorithm: str = "growthbook-v2") -> Fraction:
    """`fraction` with the seed absorbed once: KeyError for an unknown algorithm."""
    size = RESOLUTION[algorithm]
    place = position_of(seed, algorithm)
    return lambda value: place(value) / size


def position_of(seed: str, algorithm: str = "growthbook-v2") -> Callable[[str], int]:
    """The fraction's numerator, an integer in 0..resolution − 1, as a function of the value."""
    if algorithm == "growthbook-v1":
        return lambda value: fnv32a(value + seed) % 1_000
    if algorithm != "growthbook-v2":
        raise KeyError(f"hash algorithm {algorithm!r} is not one of {sorted(RESOLUTION)}")
    state = absorb(OFFSET, seed)
    return lambda value: absorb(OFFSET, str(absorb(state, value))) % 10_000


def in_range(point: float, bounds: Range) -> bool:
    """Whether `point` lies in the half-open range [low, high)."""
    return bounds[0] <= point < bounds[1]


def ranges_of(weights: Sequence[float], coverage: float = 1.0) -> list[Range]:
    """One half-open range a weight, side by side; `coverage` < 1 leaves the end of each one empty.

    The sums are GrowthBook's, term by term, so that an edge falls on the same side there and here.
    """
    ranges, start = [], 0.0
    for weight in weights:
        ranges.append((start, start + min(max(coverage, 0.0), 1.0) * weight))
        start += weight
    return ranges


def bucket_ranges(count: int, coverage: float = 1.0, weights: Sequence[float] | None = None) -> list[Range]:
    """GrowthBook's `getBucketRanges`: weights that are missing or don't sum to 1 (±.01) count as equal.

    For comparing with their tools; a live.yaml with such weights is refused instead.
    """
    sound = weights is not None and len(weights) == count and 0.99 <= sum(weights) <= 1.01
    return ranges_of(weights if weights is not None and sound else [1 / count] * count, coverage)


def choose(point: float, ranges: Sequence[Range]) -> int:
    """Index of the first range that holds `point`, or −1."""
    return next((i for i, bounds in enumerate(ranges) if in_range(point, bounds)), -1)


def in_namespace(unit: str, name: str, bounds: Range) -> bool:
    """Whether GrowthBook puts `unit` into this range of the namespace (hash version 1)."""
    return in_range(fraction("__" + name, unit, "growthbook-v1"), bounds)
