"""One Parquet file of many frames: whole with all their rows, or not there."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bentos.offline.frame_writer import FrameWriter

COLUMNS = ("item", "price", "colour")


def write(file: Path, *frames: pd.DataFrame) -> None:
    """Write frames of prices."""
    with FrameWriter(file, ("price",)) as writer:
        for frame in frames:
            writer.write(frame)


def test_frames_follow_one_another(tmp_path: Path) -> None:
    """In the order and with the columns that were asked for; what a frame lacks is missing in its rows."""
    file = tmp_path / "rows.parquet"
    with FrameWriter(file, COLUMNS) as writer:
        writer.write(pd.DataFrame({"colour": ["red"], "item": ["a"], "price": [1.5], "more": [9]}))
        writer.write(pd.DataFrame({"item": ["b", "c"], "price": [2.5, 3.5]}))
    found = pd.read_parquet(file)
    assert list(found.columns) == list(COLUMNS)
    assert found.item.tolist() == ["a", "b", "c"]
    assert found.price.tolist() == [1.5, 2.5, 3.5]
    assert found.colour.isna().tolist() == [False, True, True]
    assert [path.name for path in tmp_path.iterdir()] == ["rows.parquet"]


def test_the_first_frames_types_hold(tmp_path: Path) -> None:
    """Whole numbers after fractions become fractions; what can't become one is an error, and no file."""
    file = tmp_path / "rows.parquet"
    write(file, pd.DataFrame({"price": [1.5]}), pd.DataFrame({"price": [2]}))
    assert pq.read_schema(file).field("price").type == pa.float64()
    with pytest.raises(pa.ArrowInvalid):
        write(tmp_path / "other.parquet", pd.DataFrame({"price": [1.5]}), pd.DataFrame({"price": ["dear"]}))
    assert not (tmp_path / "other.parquet").exists()


def test_an_error_leaves_what_was_there(tmp_path: Path) -> None:
    """The file of before stays as it was, and no draft is left."""
    file = tmp_path / "rows.parquet"
    file.write_bytes(b"of before")
    with pytest.raises(pa.ArrowInvalid):
        write(file, pd.DataFrame({"price": [1.5]}), pd.DataFrame({"price": ["dear"]}))
    assert file.read_bytes() == b"of before"
    assert [path.name for path in tmp_path.iterdir()] == ["rows.parquet"]


def test_nothing_written_is_no_file(tmp_path: Path) -> None:
    with FrameWriter(tmp_path / "rows.parquet", COLUMNS):
        pass
    assert list(tmp_path.iterdir()) == []
