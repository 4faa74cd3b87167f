"""Compacted records are small, have their ids in a dictionary, and nothing of them is lost."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import numpy as np
import orjson
import pytest

from monitoring.log.compact import Policy, compact
from monitoring.log.known_outcomes import numbers
from monitoring.log.manifest import read_manifest
from monitoring.log.record import ArmRecord, Decision, RankerRecord, decode, encode
from monitoring.log.rows import json_rows
from monitoring.log.segments import SegmentWriter, segments
from monitoring.log.window import read
from tests.growth.long_log import write_log
from tests.monitoring.records import decision


def varied(count: int, draw: np.random.Generator) -> Iterator[Decision]:
    """Records that use every field, with numbers of all sizes and any text."""
    texts = ["a", "ä€𝄞", 'quo"te', "back\\slash", "new\nline", "", "7"]
    for number in range(count):
        size = int(draw.integers(1, 40))
        pool = (np.arange(100) * 2**40).tolist() if number % 3 == 0 else [f"item-{k}" for k in range(100)]
        scores: list[float | None] = (draw.normal(size=size) * 10.0 ** draw.integers(-300, 300)).tolist()
        scores[-1] = [None, -0.0, 5e-324, 0.1 + 0.2][number % 4]
        propensities: list[float | None] = draw.random(size).tolist()
        propensities[-1] = None if number % 5 == 0 else propensities[-1]
        yield decision(
            f"{texts[number % 7]}-{number}",
            time=float(draw.uniform(-1e9, 2e9)),
            received=1.7e9 + number / 7,
            unit=texts[number % 7],
            context={"x": float(draw.normal()), "text": texts[number % 7], "none": None, "int": 2**53 + 1},
            attributes={"country": ["US", None][number % 2]},
            arms=[ArmRecord("e", "v", "@c", draw.random(), "s", number % 2 == 0, (None, True)[number % 2])],
            epoch=int(draw.integers(0, 2**62)),
            candidates=draw.choice(np.array(pool, object), size, replace=False).tolist(),
            slate=draw.permutation(size).tolist(),
            scores=scores,
            propensities=[1.0] if number % 2 else propensities,
            explored=bool(number % 2),
            fallback=[None, "timeout"][number % 2],
            top_k=[None, size][number % 2],
            rankers=[None, [RankerRecord("m/1", "s"), RankerRecord("m/2", "s")]][number % 2],
            team=[None, draw.integers(-1, 2, size).tolist()][number % 2],
            correction=[None, "ab12"][number % 2],
            seconds=float(draw.random()),
            offered=[None, 3000][number % 2],
            digest=[None, "cd34"][number % 2],
        )  # fmt: skip


def back(row: dict[str, Any]) -> Decision:
    """A record from a row of Parquet."""
    integers = row.pop("integer_ids")
    del row["segment"]
    row["candidates"] = [int(each) if integers else each for each in row["candidates"]]
    row["context"], row["attributes"] = orjson.loads(row["context"]), orjson.loads(row["attributes"])
    return msgspec.convert(row, Decision)


def bits(record: Decision) -> bytes:
    """All of a record, numbers by their bits."""
    values = msgspec.to_builtins(record)
    values["signs"] = [None if each is None else math.copysign(1, each) for each in record.scores]  # type: ignore[union-attr]
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS)


def rows_of(folder: Path) -> list[dict[str, Any]]:
    parquet = [str(folder / part.name) for part in read_manifest(folder).parts]
    with duckdb.connect() as connection:
        rows = connection.execute(f"FROM read_parquet({parquet})")
        names = [column[0] for column in rows.description]
        return [dict(zip(names, values, strict=True)) for values in rows.fetchall()]


def compacted(root: Path) -> Path:
    """The folder of decisions, once everything in it is compacted."""
    folder = root / "decisions"
    compact(root, Policy(keep_segments=1e12, least_bytes=0))
    assert {path.stem for path in segments(folder)} <= read_manifest(folder).covered()
    return folder


def test_every_record_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    """Bit for bit, all that a line has."""
    writer = SegmentWriter(tmp_path / "decisions", "w0")
    lines = [encode(each) for each in varied(500, np.random.default_rng(0))]
    for line in lines:
        writer.append(line)
    writer.close()
    found = {each.request_id: bits(each) for each in map(back, rows_of(compacted(tmp_path)))}
    written = {each.request_id: bits(each) for each in map(decode, lines)}
    assert len(found) == len(lines)
    assert found == written


@pytest.mark.parametrize(("candidates", "count"), [(10, 20_000), (100, 3_000), (1_000, 400)])
def test_compaction_leaves_a_fourth_at_most(tmp_path: Path, candidates: int, count: int) -> None:
    """Of text ids, random numbers and random request ids."""
    write_log(
        tmp_path, count, [f"product-{k:07d}" for k in range(3_000)], candidates=candidates, outcomes=False
    )
    folder = compacted(tmp_path)
    live = sum(path.stat().st_size for path in segments(folder)) / count
    small = sum((folder / part.name).stat().st_size for part in read_manifest(folder).parts) / count
    assert live > 4 * small, (live, small)


def test_ids_that_repeat_are_in_a_dictionary_of_the_file(tmp_path: Path) -> None:
    """Of a large catalogue too; numbers that never repeat are in none."""
    write_log(tmp_path, 2_000, [f"product-{k:07d}" for k in range(30_000)], candidates=200, outcomes=False)
    folder = compacted(tmp_path)
    [part] = read_manifest(folder).parts
    with duckdb.connect() as connection:
        query = f"SELECT path_in_schema, encodings FROM parquet_metadata('{folder / part.name}')"
        encodings = dict(connection.execute(query).fetchall())
    assert "DICTIONARY" in encodings["candidates, list, element"]
    assert "DICTIONARY" not in encodings["scores, list, element"]


def test_files_of_earlier_releases_are_read_beside_new_ones(tmp_path: Path) -> None:
    """The first half as it was written before: version 1 of the format, fewer columns."""
    writer = SegmentWriter(tmp_path / "decisions", "w0")
    for number in range(10):
        writer.append(encode(decision(f"old-{number}")))
    writer.close()
    folder = compacted(tmp_path)
    [part] = read_manifest(folder).parts
    with duckdb.connect() as connection:
        rows = json_rows("decisions", segments(folder))
        query = f"COPY (SELECT * EXCLUDE (digest, seconds) FROM ({rows})) TO '{folder / part.name}'"
        connection.execute(f"{query} (FORMAT parquet, COMPRESSION zstd)")
    for segment in segments(folder):
        segment.unlink()
    writer = SegmentWriter(tmp_path / "decisions", "w1")
    for number in range(10):
        writer.append(encode(decision(f"new-{number}")))
    writer.close()
    compacted(tmp_path)
    assert len(read_manifest(folder).parts) == 2
    found = read(tmp_path, "decisions")
    assert sorted(found.request_id) == sorted(f"{age}-{k}" for age in ("old", "new") for k in range(10))
    assert all(numbers(each).tolist() == [2.0, 1.5, 1.0] for each in found.scores)
