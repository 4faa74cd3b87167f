"""No curve bends upwards, held at small sizes by CPU; and the arithmetic of curves itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.growth.apart import apart
from tests.growth.core import Cost, Curve, Found, Measure, breaking, every_curve, exponent, run
from tests.growth.picture import draw
from tests.growth.report import details, document, summary

CURVES = every_curve()
TRIES = 3  # the machine is shared: caches that others cool bend a curve once, not three times


@pytest.mark.parametrize("curve", CURVES, ids=[curve.name for curve in CURVES])
def test_no_curve_bends_upwards(curve: Curve, tmp_path: Path) -> None:
    said = []
    for attempt in range(TRIES):
        found = Found(curve)
        for found in run(curve, curve.small, tmp_path / str(attempt)):
            assert not found.failed
        said += ["\n".join(details(document([found])[0]))]
        if found.exponent <= curve.most:
            return
    pytest.fail(f"exponents over {curve.most} in {TRIES} runs:\n" + "\n".join(said))


@pytest.mark.parametrize("curve", CURVES, ids=[curve.name for curve in CURVES])
def test_a_curve_has_sizes_that_tell(curve: Curve) -> None:
    """3 to 5 that grow, over eightfold at least in the test as well."""
    for sizes in (curve.sizes, curve.small):
        assert list(sizes) == sorted(set(sizes))
        assert 3 <= len(sizes) <= 5
        assert sizes[-1] >= 8 * sizes[0]


def test_every_curve_has_a_name_of_its_own() -> None:
    names = [curve.name for curve in CURVES]
    assert len(set(names)) == len(names) > 0


@given(st.floats(-1, 2), st.floats(1e-9, 10), st.integers(2, 50))
def test_the_exponent_of_a_power_is_found(power: float, scale: float, times: int) -> None:
    costs = {times**k: scale * float(times) ** (k * power) for k in range(1, 5)}
    assert exponent(costs) == pytest.approx(power, abs=1e-6)


def test_one_size_has_no_exponent() -> None:
    assert np.isnan(exponent({5: 1.0}))


def test_a_curve_breaks_at_its_first_bad_step() -> None:
    assert breaking({10: 1.0, 100: 1.2, 1_000: 9.0, 10_000: 100.0}) == "100 → 1,000"
    assert breaking({10: 1.0, 100: 1.4, 1_000: 1.9}) is None
    assert breaking({10: 1.0, 11: 1.4}) is None  # within what the machine's noise does


@contextmanager
def _square(_: Path) -> Iterator[Measure]:
    def measure(size: int) -> Cost:
        if size > 100:
            raise MemoryError("too much")
        return Cost(units=size, cpu=size**2, also={"answered/s": 5})

    yield measure


SQUARE = Curve("squares", "rows", "a row", (1, 10, 100, 1000), (1, 4, 8), _square)


def test_a_size_that_fails_is_where_the_curve_breaks_and_is_shown(tmp_path: Path) -> None:
    *_, found = run(SQUARE, SQUARE.sizes, tmp_path)
    assert found.exponent == pytest.approx(1)
    assert found.breaks == "1,000: MemoryError: too much"
    told = document([found])
    table = "\n".join([*summary(told), *details(told[0])])
    assert "1: 1 s, 10: 10 s, 100: 100 s | 1.00 | 1,000: MemoryError: too much |" in table
    assert "answered/s" in table
    draw(told, tmp_path / "growth.svg")
    assert "squares (+1.00)" in (tmp_path / "growth.svg").read_text()


def _takes(size: int, _: Path) -> Cost:
    held = np.ones(size, dtype=np.uint8)
    return Cost(units=len(held), cpu=1.0)


def test_a_size_apart_has_memory_of_its_own_and_a_bound(tmp_path: Path) -> None:
    small, large = (apart(f"{__name__}:_takes", size, tmp_path) for size in (1, 300_000_000))
    assert 290e6 < large.memory - small.memory < 310e6
    with pytest.raises(RuntimeError, match=r"MemoryError"):
        apart(f"{__name__}:_takes", 300_000_000, tmp_path, most_bytes=200_000_000)
