"""Labels as numbers are what sorting their texts gives."""

import numpy as np
import pytest

from experiments.offpolicy.labels import coded


@pytest.mark.parametrize(
    "values",
    [
        ["b", "a", "b", "c"],
        [10, 9, 10, 2],
        [1, 1.0, True, "1", None, float("nan")],
        ["a\u00e4", "a", "\U0001d11e", "z"],
        [None, None],
        [],
    ],
)
def test_labels_are_numbered_as_sorted_texts_are(values: list[object]) -> None:
    column = np.array(values, object)
    names, codes = np.unique(column.astype(str), return_inverse=True)
    found = coded(column)
    assert found.names == names.tolist()
    np.testing.assert_array_equal(found.codes, codes)


def test_labels_of_some_rows_keep_their_names() -> None:
    found = coded(np.array(["b", "a", "b"], object)).of(np.array([0, 2]))
    assert found.names == ["a", "b"]
    assert found.codes.tolist() == [1, 1]
