"""Slates come back from the file as they were appended, with units numbered over all of them."""

from pathlib import Path

import numpy as np

from experiments.offpolicy.crossfit import CrossFit
from experiments.offpolicy.slate_file import SlateFile, SlateRows

DISCOUNT = np.array([1.0, 0.63, 0.5])


def rows_of(draw: np.random.Generator, units: list[int]) -> SlateRows:
    sizes = draw.integers(1, 4, len(units)).astype(np.int64)
    count = int(sizes.sum())
    target, baseline = draw.random((2, count)) < 0.5
    return SlateRows(
        sizes, np.array(units, np.int64), draw.random(count), draw.uniform(0.1, 1, count), target, baseline,
        draw.normal(size=(count, 2)),
    )  # fmt: skip


def test_what_is_appended_is_read_again_and_again(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    appended = [rows_of(draw, [70, 5, 900]), rows_of(draw, [5]), rows_of(draw, [8, 70] * 20)]
    slates = SlateFile(tmp_path, DISCOUNT)
    for batch in appended:
        slates.append(batch)
    assert (slates.decisions, slates.clusters, slates.positions) == (44, 4, 3)
    assert slates.rows == sum(len(batch.reward) for batch in appended)
    for _ in range(2):
        for log, batch in zip(slates.batches(), appended, strict=True):
            np.testing.assert_array_equal(log.reward, batch.reward)
            np.testing.assert_array_equal(log.propensity, batch.propensity)
            np.testing.assert_array_equal(log.target, batch.target)
            np.testing.assert_array_equal(log.baseline, batch.baseline)
            np.testing.assert_array_equal(np.bincount(log.decision), batch.sizes)
            expected = np.searchsorted([5, 8, 70, 900], batch.unit)
            np.testing.assert_array_equal(log.cluster, np.repeat(expected, batch.sizes))
            places = np.concatenate([np.arange(size) for size in batch.sizes])
            np.testing.assert_array_equal(log.position, places)
            np.testing.assert_array_equal(log.discount, DISCOUNT[places])
            assert log.expected is None


def test_a_model_gives_its_values_where_they_are_asked_for(tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    slates = SlateFile(tmp_path, DISCOUNT)
    batch = rows_of(draw, list(range(60)))
    slates.append(batch)
    assert not slates.modelled
    cluster = np.repeat(np.arange(60), batch.sizes)
    slates.model = CrossFit(batch.features, batch.reward, cluster)
    [plain], [modelled] = slates.batches(), slates.batches(modelled=True)
    assert plain.expected is None
    np.testing.assert_array_equal(modelled.expected, slates.model.predict(batch.features, cluster))
    np.testing.assert_array_equal(modelled.predicted, modelled.expected)
