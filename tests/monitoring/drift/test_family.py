"""Columns that are looked at together: what a block is, and how rows of both windows are evened out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from monitoring.drift.columns import Columns, ComparedColumn
from monitoring.drift.family import DAY, LEAST, LEAST_DAYS, LEAST_REQUESTS, family_of, sample

COLUMNS = Columns(["x"], ["shop"])
BOTH = [
    ComparedColumn("x", "feature", "numeric", "x"),
    ComparedColumn("shop", "feature", "categorical", "shop"),
]


def rows(requests: int, days: int, seed: int = 0, items: int = 3) -> pd.DataFrame:
    """So many requests of three items, spread evenly over so many days."""
    draw = np.random.default_rng(seed)
    request = np.repeat(np.arange(requests), items)
    return pd.DataFrame(
        {
            "x": draw.standard_normal(len(request)),
            "shop": draw.choice(["north", "south"], len(request)),
            "request_id": [f"{seed}-{each}" for each in request],
            "time": (request % days) * DAY,
        }
    )


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize(
    ("days", "block", "sizes"),
    [
        (LEAST_DAYS, "day", LEAST_DAYS),
        ((LEAST_DAYS[0] - 1, LEAST_DAYS[1]), "request", (60, 60)),
        ((LEAST_DAYS[0], LEAST_DAYS[1] - 1), "request", (60, 60)),
    ],
)
def test_days_are_blocks_where_there_are_enough(
    days: tuple[int, int], block: str, sizes: tuple[int, int]
) -> None:
    """Else requests are."""
    family = family_of((rows(60, days[0]), rows(60, days[1], seed=1)), COLUMNS, rng())
    assert family is not None
    assert (family.block, family.sizes) == (block, sizes)


@pytest.mark.parametrize("short", [0, 1])
def test_too_few_requests_are_no_family(short: int) -> None:
    """In either window; one more is one."""
    counts = [*LEAST_REQUESTS]
    enough = family_of((rows(counts[0], 2), rows(counts[1], 2, seed=1)), COLUMNS, rng())
    assert enough is not None
    counts[short] -= 1
    assert family_of((rows(counts[0], 2), rows(counts[1], 2, seed=1)), COLUMNS, rng()) is None


def test_a_day_has_as_many_requests_in_both_windows() -> None:
    """A window of ten times the traffic is thinned, since its days would be less noisy."""
    family = family_of((rows(30, 10), rows(600, 20, seed=1)), COLUMNS, rng())
    assert family is not None
    assert family.block == "day"
    daily = [frame.request_id.nunique() / (frame.time // DAY).nunique() for frame in family.frames]
    assert daily[0] == pytest.approx(3)
    assert daily[1] == pytest.approx(3, rel=0.35)


def test_each_column_is_judged_by_its_own_kind() -> None:
    """The moved one beyond its limit; shares missing are those of the rows; the limit says its source."""
    moved = rows(300, 3, seed=1)
    moved["x"] += 2.0
    moved.loc[: len(moved) // 2 - 1, "shop"] = None
    family = family_of((rows(300, 3), moved), COLUMNS, rng())
    assert family is not None
    x, shop = family.judge(BOTH, 0.01, rng())
    assert (x.statistic, x.kind, x.drifted) == ("rank distance", "numeric", True)
    assert (shop.statistic, shop.missing_reference, shop.missing_current) == ("share distance", 0.0, 0.5)
    assert shop.value == pytest.approx(0.5, abs=0.1)
    assert "of the 300 + 300 requests, plus" in x.limit_source
    assert x.limit_source.endswith(f"at least {LEAST}")


def test_whole_requests_are_sampled() -> None:
    """All rows of a chosen one, none of another; a share of one or more is everything."""
    frame = rows(100, 2)
    some = sample(frame, "request_id", 0.2, rng())
    assert some.request_id.nunique() == 20
    assert (some.groupby("request_id").size() == 3).all()
    assert sample(frame, "request_id", 1.0, rng()) is frame
    assert sample(frame, "request_id", 1e-9, rng()).request_id.nunique() == 1
    assert sample(frame.head(0), "request_id", 0.5, rng()).empty
