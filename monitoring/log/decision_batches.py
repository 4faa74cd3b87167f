"""Decisions of a window with what came of them, in batches: memory doesn't grow with the log.

For what looks at every decision once. `known_outcomes` reads the same rows as one frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from monitoring.log.known_outcomes import WHOLE
from monitoring.log.window import LogWindow

MEMORY = "350MB"
"""For DuckDB: with it, and batches of `ROWS`, a process stays below 1 GB."""
ROWS = 16_384
"""Decisions of a batch."""


class DecisionBatch(NamedTuple):
    """Decisions in the order of (time, request id), numbered over all batches by the column `place`.

    `decisions` has `place`, `unit` (a number, in the order of the units' names), `unfailed` (no fallback),
    `whole`, `sampled` (uniform in [0, 1), always the same for a request id), and these of a record: context
    (JSON), model, snapshot, candidates (text), integer_ids, slate, scores, propensities. `outcomes` has the
    latest value by `place` and `item` (text), of these decisions.
    """

    decisions: pa.Table
    outcomes: pa.Table


class DecisionBatches:
    """All decisions of a window; `folder` holds what doesn't fit into memory."""

    def __init__(self, log: LogWindow, folder: Path, rows: int = ROWS) -> None:
        self._log, self._rows = log, rows
        self._told = folder / "told"
        log.connection.execute(_PLACED)
        [[count]] = log.connection.execute("SELECT count(*) FROM placed").fetchall()
        self.count = int(count)
        """How many decisions there are."""

    def __iter__(self) -> Iterator[DecisionBatch]:

        self._write_outcomes()
        with pa.OSFile(str(self._told)) as file, pa.ipc.open_stream(file) as told:
            rest = told.schema.empty_table()
            for batch in self._log.connection.sql(_DECISIONS).to_arrow_reader(self._rows):
                if not batch.num_rows:
                    continue
                decisions = pa.Table.from_batches([batch])
                mine, rest = _until(batch["place"][-1].as_py(), rest, told)
                yield DecisionBatch(decisions, mine)

    def _write_outcomes(self) -> None:

        reader = self._log.connection.sql(_OUTCOMES).to_arrow_reader(4 * self._rows)
        with pa.OSFile(str(self._told), "wb") as file, pa.ipc.new_stream(file, reader.schema) as told:
            for batch in reader:
                told.write_batch(batch)


def _until(place: int, rest: pa.Table, told: Iterator[pa.RecordBatch]) -> tuple[pa.Table, pa.Table]:
    """Outcomes of decisions up to `place`, of `rest` and what `told` has more; and what is left then."""

    parts = [rest]
    while not parts[-1].num_rows or parts[-1]["place"][-1].as_py() <= place:
        batch = next(told, None)
        if batch is None:
            break
        parts.append(pa.Table.from_batches([batch]))
    found = pa.concat_tables(parts)
    cut = int(np.searchsorted(found["place"].to_numpy(), place, side="right"))
    return found.slice(0, cut), found.slice(cut)


_PLACED = """
CREATE OR REPLACE TEMP TABLE placed AS
    SELECT request_id, row_number() OVER (ORDER BY time, request_id) - 1 AS place,
        dense_rank() OVER (ORDER BY unit) - 1 AS unit
    FROM decisions"""

_DECISIONS = f"""
SELECT place, placed.unit, fallback IS NULL AS unfailed, {WHOLE} AS whole,
    (hash(request_id) >> 11)::DOUBLE / 9007199254740992 AS sampled, context::VARCHAR AS context, model,
    snapshot, candidates, integer_ids, slate, scores, propensities
FROM decisions JOIN placed USING (request_id) ORDER BY place"""  # noqa: S608 - a constant

_OUTCOMES = """
SELECT place, item, value FROM (
    SELECT request_id, item, arg_max(value, time) AS value FROM told GROUP BY request_id, item
) JOIN placed USING (request_id) WHERE value IS NOT NULL ORDER BY place"""
