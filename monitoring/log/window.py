"""Windows of the log for analyses: views in DuckDB over segments and Parquet files.

Never imported by a process that answers requests. Views of a window, all half open in event time:

- `decisions`: one row per request, the last record of its id; lists as served.
- `slates`: one row per request and position: item, score, propensity, team, and the decision's columns.
- `outcomes`: those of the window's decisions, whenever they came; distinct on request, item and time.
- `told`: outcomes of any decision, in the window or not; distinct likewise.
- `joined`: `slates` with each item's outcomes: `value` (the latest), `total`, `outcomes` (their number).

Items are text in all of them, so that a table of strings and one of integers read alike; `integer_ids` says
which it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from monitoring.log import plausible
from monitoring.log.manifest import reading, sources
from monitoring.log.repeats import repeated_hashes
from monitoring.log.rows import COLUMNS, json_rows, listed, refuse_newer
from monitoring.log.spill import spill
from monitoring.log.struck import kept
from monitoring.log.struck import read as read_struck

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

BOUNDED = "900MB"
"""Memory for DuckDB with which an analysis stays at 1.2 GB as a whole, whatever the size of the log."""


class LogWindow:
    """One window of a log, open on a DuckDB connection for as long as its context lasts."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def sql(self, query: str, parameters: list[object] | dict[str, object] | None = None) -> pd.DataFrame:
        """The answer of `query` over the window's views, as a frame of its own."""
        return self.connection.execute(query, parameters).df()


@contextmanager
def window(  # noqa: PLR0913 - what a window is
    root: Path,
    since: float | None = None,
    until: float | None = None,
    known_by: float | None = None,
    *,
    memory: str | None = None,
    arrived: float | None = None,
) -> Iterator[LogWindow]:
    """Decisions with `since` <= time < `until` (unix s) and their outcomes, where known at `known_by`.

    What was decided or told in a struck window is not among them (`struck`), nor is what can't be meant
    (`plausible`). `root` holds the folders
    decisions and outcomes. Files are kept from deletion while the context is open.
    `arrived` (unix s): only what the server received since then; Parquet files with nothing of it aren't
    opened. An outcome arrives after its decision, so none of theirs is missed.
    `memory` ("1GB") bounds what DuckDB takes, for queries that need no order of rows: what doesn't fit goes
    below `root/tmp` until the context ends. Raises RecordError where a record is newer than this code.

    A log of one outcome of one decision, and what came of each position:

    >>> from monitoring.log.record import Decision, Outcome, encode, encode_outcomes
    >>> from monitoring.log.segments import SegmentWriter
    >>> decisions = SegmentWriter(Path("log/decisions"), "example")
    >>> decisions.append(encode(Decision(
    ...     request_id="r1", time=1700000000.0, received=1700000000.5, unit="viewer-7", context={"hour": 20},
    ...     attributes={}, arms=[], experiments="", epoch=1, model="flights/7", snapshot="5f0e",
    ...     candidates=["a", "b"], slate=[1, 0], scores=[0.9, 0.4], propensities=[1.0], explored=False,
    ... )))
    >>> outcomes = SegmentWriter(Path("log/outcomes"), "example")
    >>> outcomes.append(encode_outcomes([
    ...     Outcome(request_id="r1", item="a", value=1.0, time=1700000060.0, received=1700000061.0)
    ... ]))
    >>> with window(Path("log"), since=1700000000.0) as log:
    ...     log.sql("SELECT position, item, score, propensity, value FROM joined ORDER BY position")
       position item  score  propensity  value
    0         0    b    0.9         1.0    NaN
    1         1    a    0.4         1.0    1.0
    """
    import duckdb

    with ExitStack() as stack:
        for kind in COLUMNS:
            stack.enter_context(reading(root / kind))
        options: dict[str, str | bool | int | float | list[str]] = {}
        if memory is not None and root.is_dir():
            folder = str(stack.enter_context(spill(root / "tmp")))
            options = {"memory_limit": memory, "temp_directory": folder, "preserve_insertion_order": False}
        connection = stack.enter_context(duckdb.connect(config=options))
        connection.execute("SET enable_progress_bar = false")  # what is printed is the command's
        struck, bounds = kept(read_struck(root)), plausible.read(root)
        made = f"{_between('time', since, until)} AND {struck} AND {plausible.kept(bounds, 'decisions')}"
        _load(connection, root / "decisions", "decisions", made, arrived)
        known = f"{_between('time', None, known_by, closed=True)} AND {struck}"
        known += f" AND {plausible.kept(bounds, 'outcomes')}"
        _load(connection, root / "outcomes", "outcomes", known, arrived)
        _once(connection, "decisions", "decisions", "request_id")
        _once(connection, "outcomes", "told", "request_id, item, time")
        connection.execute(_VIEWS)
        yield LogWindow(connection)


def read(
    root: Path,
    view: str,
    since: float | None = None,
    until: float | None = None,
    known_by: float | None = None,
) -> pd.DataFrame:
    """One view of one window as a frame; `view` is one of VIEWS. `window` tells of the other arguments.

    >>> len(read(Path("no/log/yet"), "decisions"))
    0
    """
    if view not in VIEWS:
        raise ValueError(f"view {view!r} is none of {', '.join(VIEWS)}")
    with window(root, since, until, known_by) as log:
        return log.sql(f"SELECT * FROM {view}")  # noqa: S608 - one of four names


def _load(
    connection: duckdb.DuckDBPyConnection, folder: Path, kind: str, condition: str, arrived: float | None
) -> None:
    """`raw_<kind>`: every record of the window once, whether still in a segment or in Parquet already."""
    parquet, open_segments = sources(folder, arrived)
    condition += f" AND {_between('received', arrived, None)}"
    empty = json_rows(kind, []).replace("read_json([]", "read_json('/dev/null'")
    rows = json_rows(kind, open_segments) if open_segments else empty
    connection.execute(f"CREATE TEMP TABLE new_{kind} AS SELECT * FROM ({rows}) WHERE {condition}")  # noqa: S608
    union = f"SELECT * FROM new_{kind}"  # noqa: S608
    if parquet:
        files = f"read_parquet({listed(parquet)}, union_by_name=true)"  # older ones lack the newest columns
        union += f" UNION ALL BY NAME SELECT * FROM {files} WHERE {condition}"  # noqa: S608
    connection.execute(f"CREATE TEMP VIEW raw_{kind} AS {union}")
    refuse_newer(connection, f"raw_{kind}", folder)


def _once(connection: duckdb.DuckDBPyConnection, kind: str, view: str, keys: str) -> None:
    """The view of a kind's records of which only the last one with the same keys counts.

    Looking for repeated ones takes a pass over the keys, once; where there are none, nothing else is paid.
    """
    names = {"kind": kind, "view": view, "keys": keys}
    if hashes := repeated_hashes(connection, f"raw_{kind}", keys):
        connection.execute(_REPEATED.format(hashes=hashes, **names))
        connection.execute(_LAST.format_map(names))
    else:
        connection.execute(_PLAIN.format_map(names))


def _between(column: str, since: float | None, until: float | None, closed: bool = False) -> str:
    low = [f"{column} >= {float(since)!r}"] if since is not None else []
    high = [f"{column} {'<=' if closed else '<'} {float(until)!r}"] if until is not None else []
    return " AND ".join([*low, *high]) or "true"


VIEWS = ("decisions", "slates", "outcomes", "joined")

_REPEATED = """
CREATE TEMP TABLE repeated_{kind} AS
    SELECT {keys} FROM raw_{kind}
    WHERE hash({keys}) IN ({hashes})
    GROUP BY {keys} HAVING count(*) > 1"""

_PLAIN = "CREATE TEMP VIEW {view} AS SELECT * EXCLUDE (segment) FROM raw_{kind}"

_LAST = """
CREATE TEMP VIEW {view} AS
    SELECT * EXCLUDE (segment) FROM raw_{kind} ANTI JOIN repeated_{kind} USING ({keys})
    UNION ALL
    SELECT * EXCLUDE (segment) FROM (
        SELECT * FROM raw_{kind} SEMI JOIN repeated_{kind} USING ({keys})
        QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY received DESC, segment DESC) = 1
    )"""

_VIEWS = """
CREATE TEMP VIEW slates AS
    SELECT * EXCLUDE (candidates, slate_index), candidates[slate_index + 1] AS item
    FROM (
        SELECT * EXCLUDE (slate, scores, propensities, team, context, attributes),
            coalesce(offered, len(candidates)) AS candidate_count,
            generate_subscripts(slate, 1) - 1 AS position,
            unnest(slate) AS slate_index,
            unnest(scores) AS score,
            unnest(propensities) AS propensity,
            unnest(team) AS team
        FROM decisions
    );

CREATE TEMP VIEW outcomes AS SELECT * FROM told SEMI JOIN raw_decisions USING (request_id);

CREATE TEMP VIEW joined AS
    SELECT slates.*, of_item.value, of_item.total, coalesce(of_item.outcomes, 0) AS outcomes,
        of_item.outcome_time, of_item.outcome_received
    FROM slates LEFT JOIN (
        SELECT request_id, item, arg_max(value, time) AS value, sum(value) AS total, count(*) AS outcomes,
            max(time) AS outcome_time, max(received) AS outcome_received
        FROM outcomes GROUP BY request_id, item
    ) AS of_item USING (request_id, item);
"""
