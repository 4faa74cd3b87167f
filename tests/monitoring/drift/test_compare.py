"""Drift is named where there is some, and not named where there is none: as often as promised."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from monitoring.drift.compare import Columns, Drift, compare

NUMERIC = [f"f{k}" for k in range(12)]
COLUMNS = Columns(NUMERIC, ["carrier"], "score", "label")


def world(seed: int, requests: int, days: int, per_day: float = 1.0, items: int = 12) -> pd.DataFrame:
    """Requests of several items; features share a part per day and a part per request, as weather does."""
    rng = np.random.default_rng(seed)
    day = rng.integers(0, days, requests)
    request = np.repeat(np.arange(requests), items)
    n = len(request)
    weather = rng.standard_normal((days, len(NUMERIC))) * per_day
    of_request = rng.standard_normal((requests, len(NUMERIC)))
    values = weather[day[request]] + of_request[request] + rng.standard_normal((n, len(NUMERIC)))
    frame = pd.DataFrame(values, columns=NUMERIC)
    return frame.assign(
        carrier=rng.choice(list("ABCDEFGH"), n, p=np.array([30, 25, 15, 10, 8, 6, 4, 2]) / 100),
        score=rng.standard_normal(n),
        label=np.where(rng.random(n) < 0.6, rng.integers(0, 5, n), np.nan),
        request_id=[f"r{seed}-{k}" for k in request],
        time=day[request] * 86400.0 + 3600,
    )


def names(drift: Drift) -> list[str]:
    return [column.column for column in drift.drifted]


@pytest.mark.parametrize(
    ("sizes", "days", "block"),
    [((40, 40), (2, 2), "request"), ((400, 150), (3, 3), "request"), ((300, 900), (20, 30), "day")],
    ids=["few requests", "few days", "many days"],
)
def test_windows_that_do_not_differ_raise_no_alarm(
    sizes: tuple[int, int], days: tuple[int, int], block: str
) -> None:
    """50 pairs of windows of one world at alpha 0.05: at most 8 alarms (more has probability .001).

    Rows are alike inside requests and days; a test that took rows for independent would always alarm.
    """
    alarms = 0
    for seed in range(50):
        per_day = 1.0 if block == "day" else 0.0
        pair = [world(2 * seed + k, sizes[k], days[k], per_day, items=6) for k in (0, 1)]
        drift = compare(*pair, COLUMNS, alpha=0.05, seed=seed)
        assert drift.block == block
        assert drift.too_little == ()
        alarms += bool(drift.drifted)
    print(f"{alarms} of 50 pairs of equal windows raised an alarm at alpha 0.05")
    assert alarms <= 8


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("f3", lambda frame: frame.f3 + 0.6),
        ("f3", lambda frame: frame.f3 * 3),
        ("f3", lambda frame: frame.f3 * 0),
        ("f3", lambda frame: frame.f3.where(frame.index % 5 > 0)),
        ("f3", lambda frame: frame.f3.fillna(0) + 1e9),
        ("carrier", lambda frame: frame.carrier.replace({"A": "NEW"})),
        ("carrier", lambda frame: frame.carrier.where(frame.index % 4 > 0, None)),
        ("score", lambda frame: frame.score * 1.5),
        ("label", lambda frame: (frame.label + 1).clip(upper=4)),
    ],
    ids=["shift", "scale", "zeroed", "missing", "other unit", "new name", "lost names", "scores", "labels"],
)
def test_the_column_that_moved_is_the_one_named(name: str, change: object) -> None:
    current = world(1, 900, 3, per_day=0)
    moved = current.assign(**{name: change(current)})  # type: ignore[operator]
    drift = compare(world(0, 600, 3, per_day=0), moved, COLUMNS)
    assert names(drift) == [name]
    (column,) = drift.drifted
    assert column.value > column.limit
    assert column.p < 0.01


def test_the_limit_follows_the_sample_size_and_says_so() -> None:
    """The same distance is noise in a small window and drift in a large one."""
    found = []
    for requests in (40, 2000):
        frames = world(0, requests, 3, per_day=0), world(1, requests, 3, per_day=0)
        found.append(compare(*frames, COLUMNS).columns[0])
    assert found[0].limit > 3 * found[1].limit
    assert "1000 random divisions of the 40 + 40 requests" in found[0].limit_source
    assert "quantile of the largest of 13 columns" in found[0].limit_source
    assert found[1].limit == 0.05, "below that nothing is worth a person's time"


def test_the_limit_follows_the_number_of_columns() -> None:
    frames = world(0, 100, 3, per_day=0), world(1, 100, 3, per_day=0)
    alone = compare(*frames, Columns(["f0"]))
    among = compare(*frames, Columns(NUMERIC))
    assert among.columns[0].limit > alone.columns[0].limit
    assert "quantile of 1 column" in alone.columns[0].limit_source


def test_a_day_sampled_thinly_is_compared_with_days_as_thin() -> None:
    """A reference of three requests a day beside forty a day in the log is no drift."""
    alarms = sum(
        bool(compare(world(2 * s, 90, 30), world(2 * s + 1, 1600, 40), COLUMNS, seed=s).drifted)
        for s in range(20)
    )
    assert alarms <= 3, "at alpha 0.01; binomial probability of more: below .001"


def test_too_little_data_is_an_answer() -> None:
    few = world(0, 29, 2)
    drift = compare(world(1, 200, 2), few, COLUMNS)
    assert drift.columns == ()
    assert drift.too_little[0] == (
        "features: too little data to say: 200 requests in the reference and 29 in the current window, "
        "where 30 and 30 are needed"
    )
    assert [each.partition(":")[0] for each in drift.too_little] == ["features", "score", "label"]


def test_labels_that_have_not_come_are_not_labels_that_are_missing() -> None:
    """Yesterday's outcomes are late; that is no drift, and until there are enough of them no answer."""
    reference, current = world(0, 400, 3, per_day=0), world(1, 400, 3, per_day=0)
    late = current.assign(label=current.label.where(np.arange(len(current)) < 600))
    assert compare(reference, late, COLUMNS).drifted == []
    drift = compare(reference, current.assign(label=np.nan), COLUMNS)
    assert [reason.split(":")[0] for reason in drift.too_little] == ["label"]
    assert len(drift.columns) == 14


def test_a_frame_that_lacks_a_column_is_refused() -> None:
    with pytest.raises(ValueError, match="the current window has no column f3, label"):
        compare(world(0, 40, 2), world(1, 40, 2).drop(columns=["f3", "label"]), COLUMNS)


def test_what_is_found_can_be_written_and_is_found_again() -> None:
    """The same seed, the same answer; and the answer is plain values."""
    frames = world(0, 200, 3), world(1, 200, 3)
    first, second = (compare(*frames, COLUMNS, seed=4).to_json() for _ in range(2))
    assert json.loads(json.dumps(first)) == json.loads(json.dumps(second))
    assert first["columns"][0]["column"] == "f0"


def test_rows_without_a_prediction_do_not_count_for_it() -> None:
    """A sample of the training window widens the reference of the features, and says nothing of scores."""
    training, evaluated = world(2, 400, 3, per_day=0), world(0, 400, 3, per_day=0)
    reference = pd.concat([training.assign(score=np.nan), evaluated], ignore_index=True)
    assert names(compare(reference, world(1, 400, 3, per_day=0), COLUMNS)) == []
    moved = world(1, 400, 3, per_day=0)
    assert names(compare(reference, moved.assign(score=moved.score * 2), COLUMNS)) == ["score"]


def test_special_values_are_left_out_of_distances_and_compared_on_their_own() -> None:
    """More people without a record: the share is named, and not the amounts of those who have one."""
    columns = Columns(["months", "age"], special={"months": (-9.0, -8.0), "age": ()}, grouped=False)
    frames = []
    for seed, share in ((0, 0.1), (1, 0.3)):
        rng = np.random.default_rng(seed)
        months = np.where(rng.random(3000) < share, -9.0, rng.gamma(2.0, 10.0, 3000))
        time = np.arange(3000) * 60.0
        frames.append(pd.DataFrame({"months": months, "age": rng.random(3000), "time": time}))
    reference, current = (frame.assign(request_id=np.arange(3000)) for frame in frames)
    assert names(compare(reference, current, columns)) == ["months, special"]
    shifted = current.assign(months=np.where(reference.months < 0, -9.0, reference.months * 1.5))
    assert names(compare(reference, shifted, columns)) == ["months"]
