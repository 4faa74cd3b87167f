"""What a spool keeps is read back equal, and takes none of the process's memory once it is let go."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.table.spool import Spool


def _resident() -> int:
    """Bytes of files that are mapped and in this process's memory."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("RssFile"))


def test_arrays_are_read_back_equal(tmp_path: Path) -> None:
    spool, draw = Spool(tmp_path / "new"), np.random.default_rng(0)
    arrays = [
        draw.standard_normal((1000, 3)),
        draw.integers(0, 9, 5000),
        np.array([], np.int64),
        np.array([True]),
    ]
    kept = [spool.keep(each) for each in arrays]
    spool.let_go()
    for array, found in zip(arrays, kept, strict=True):
        assert found.dtype == array.dtype
        np.testing.assert_array_equal(found, array)
    assert not list((tmp_path / "new").iterdir())


def test_a_matrix_is_filled_by_parts_and_lies_as_catboost_wants_it(tmp_path: Path) -> None:
    values = np.random.default_rng(0).standard_normal((1500, 4)).astype(np.float32)
    matrix = Spool(tmp_path).matrix(1500, 4)
    for low in (0, 700):
        for column in range(4):
            matrix.fill(column, low, values[low : low + 800, column])
    found = matrix.array()
    assert found.flags.f_contiguous
    np.testing.assert_array_equal(found, values)


def test_what_was_read_is_let_go(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    kept = spool.keep(np.ones(8 << 20, dtype=np.float64))
    spool.let_go()
    before = _resident()
    assert kept.sum() == len(kept)
    assert _resident() - before > kept.nbytes / 2
    with spool.letting_go():
        assert kept.sum() == len(kept)
    assert _resident() - before < kept.nbytes / 2
