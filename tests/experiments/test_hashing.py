"""The hash, its ranges and namespaces agree with GrowthBook's own SDK."""

import random
import sys

import pytest
from growthbook import core as growthbook

from experiments import hashing

ALPHABETS = [
    "abcdefghijklmnopqrstuvwxyz0123456789-_",
    "äöüßéñø",
    "日本語キー",
    "😀🎲🛩",
    "\ud800\udc00",
    "\x00 \n",
]


def _keys(count: int, seed: int) -> list[tuple[str, str]]:
    draw = random.Random(seed)

    def word() -> str:
        return "".join(draw.choices("".join(draw.choices(ALPHABETS, k=2)), k=draw.randrange(0, 24)))

    return [(word(), word()) for _ in range(count)]


def test_both_versions_agree_with_the_sdk_on_100_000_random_keys_and_seeds() -> None:
    """Unicode outside the basic plane, lone surrogates, empty and control characters included."""
    for seed, value in _keys(100_000, 1):
        assert hashing.fraction(seed, value) == growthbook.gbhash(seed, value, 2)
        assert hashing.fraction(seed, value, "growthbook-v1") == growthbook.gbhash(seed, value, 1)


@pytest.mark.parametrize(
    ("seed", "value", "algorithm", "expected"),
    [  # from growthbook's public cases.json, "hash"
        ("", "a", "growthbook-v1", 0.22),
        ("", "b", "growthbook-v1", 0.077),
        ("b", "a", "growthbook-v1", 0.946),
        ("ef", "d", "growthbook-v1", 0.652),
        ("asdf", "8952klfjas09ujk", "growthbook-v1", 0.549),
        ("", "123", "growthbook-v1", 0.011),
        ("", '___)((*":&', "growthbook-v1", 0.563),
        ("seed", "a", "growthbook-v2", 0.0505),
        ("seed", "b", "growthbook-v2", 0.2696),
        ("foo", "ab", "growthbook-v2", 0.2575),
        ("foo", "def", "growthbook-v2", 0.2019),
        ("89123klj", "8952klfjas09ujkasdf", "growthbook-v2", 0.124),
        ("90850943850283058242805", "123", "growthbook-v2", 0.7516),
        ("()**(%$##$%#$#", '___)((*":&', "growthbook-v2", 0.0128),
    ],
)
def test_published_vectors(seed: str, value: str, algorithm: str, expected: float) -> None:
    """The values that GrowthBook publishes for every SDK."""
    assert hashing.fraction(seed, value, algorithm) == expected


@pytest.mark.parametrize(
    ("count", "coverage", "weights", "expected"),
    [  # from growthbook's public cases.json, "getBucketRange"
        (2, 0.5, None, [(0, 0.25), (0.5, 0.75)]),
        (2, 0, None, [(0, 0), (0.5, 0.5)]),
        (3, 0.2, [0.2, 0.3, 0.5], [(0, 0.04), (0.2, 0.26), (0.5, 0.6)]),
        (2, -0.2, None, [(0, 0), (0.5, 0.5)]),
        (2, 1.5, None, [(0, 0.5), (0.5, 1)]),
        (2, 1, [0.4, 0.1], [(0, 0.5), (0.5, 1)]),
        (4, 1, [0.4, 0.4, 0.2], [(0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1)]),
        (2, 1, [0.4, 0.5999], [(0, 0.4), (0.4, 0.9999)]),
    ],
)
def test_published_ranges(
    count: int, coverage: float, weights: list[float] | None, expected: list[tuple[float, float]]
) -> None:
    """Their rounding of the published figures is to six digits."""
    ranges = hashing.bucket_ranges(count, coverage, weights)
    assert [tuple(round(edge, 6) for edge in bounds) for bounds in ranges] == expected


def test_ranges_of_weights_agree_with_the_sdk_to_the_last_bit() -> None:
    """An edge one bit off would move a unit between arms."""
    draw = random.Random(2)
    for _ in range(2_000):
        cuts = sorted(draw.randrange(1, 1_000) for _ in range(draw.randrange(1, 6)))
        weights = [(b - a) / 1_000 for a, b in zip([0, *cuts], [*cuts, 1_000], strict=True)]
        coverage = draw.choice([0, 0.1, 0.333, 0.5, 1, 1.5, -1])
        ours = hashing.ranges_of(weights, coverage)
        assert ours == growthbook.getBucketRanges(len(weights), coverage, weights)
        for _ in range(20):
            point = draw.randrange(10_000) / 10_000
            assert hashing.choose(point, ours) == growthbook.chooseVariation(point, ours)


def test_namespaces_agree_with_the_sdk() -> None:
    """A namespace is GrowthBook's layer: hash version 1 of "__name"."""
    draw = random.Random(3)
    for name, unit in _keys(5_000, 4):
        low, high = sorted((draw.random(), draw.random()))
        assert hashing.in_namespace(unit, name, (low, high)) == growthbook.inNamespace(
            unit, (name, low, high)
        )


def test_ranges_are_half_open() -> None:
    """The lower edge is in, the upper one is out."""
    assert hashing.in_range(0.25, (0.25, 0.5))
    assert not hashing.in_range(0.5, (0.25, 0.5))
    assert hashing.choose(0.5, [(0.0, 0.5), (0.5, 1.0)]) == 1
    assert hashing.choose(1.0, [(0.0, 0.5), (0.5, 1.0)]) == -1


def test_absorbed_seed_gives_the_same_fraction() -> None:
    """What the request path calls equals the plain definition."""
    place = hashing.fraction_of("salt-é")
    for _, value in _keys(2_000, 5):
        text = str(hashing.fnv32a("salt-é" + value))
        assert place(value) == hashing.fnv32a(text) % 10_000 / 10_000


def test_fractions_are_spread_evenly() -> None:
    """Chi-squared over 100 cells of 100,000 sequential units; limit: mean 99 plus six deviations of √198."""
    place = hashing.position_of("salt")
    cells = [0] * 100
    for i in range(100_000):
        cells[place(f"viewer-{i}") // 100] += 1
    assert sum((cell - 1_000) ** 2 / 1_000 for cell in cells) < 99 + 6 * 198**0.5


def test_unknown_algorithm_is_named() -> None:
    """The id in the file is the only thing that says how a unit is hashed."""
    with pytest.raises(KeyError, match="'md5' is not one of"):
        hashing.position_of("salt", "md5")


def test_importing_the_request_path_brings_no_slow_library() -> None:
    """Serving processes import these files; scipy, duckdb and the YAML reader stay out."""
    import subprocess

    code = (
        "import sys, experiments.assignment.assign, experiments.slates.explore, experiments.config.live\n"
        "slow = {'scipy', 'duckdb', 'tea_tasting', 'pandas', 'yaml', 'sklearn', 'ibis', 'numba'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
