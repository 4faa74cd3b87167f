"""The log: a line of JSON per decision and per outcome, appended by workers, read by analyses and the guard.

A worker appends to a segment of its own. Closed segments are found again by request id, and compacted to
Parquet; analyses see both as the same views in DuckDB.

    record           a decision and an outcome as values, and as lines
    version_name     what records call a version: "flights/7"
    segments         files that workers append to, and how a live one is told from a closed one
    room             whether a log can be written, found out by writing
    scan             segments line by line
    tail             every new record of a folder, once, as it comes
    index            request id → its decision
    offsets          the table beside a closed segment that `index` looks up
    joint_table      one table of many closed segments: an id is found in one step
    joint_merge      such a table written, of others
    joining          when such tables are made, merged and left
    sums             what each file holds: one that is cut, changed or deleted is known
    compact          closed segments → Parquet, and the end of what is older than is kept
    parquet_form     how records are written as Parquet: ids in a dictionary, numbers byte by byte
    manifest         which segments a folder's Parquet files stand for
    rows             records as rows in DuckDB: columns and types of the JSON lines
    request          one request by its id, whatever its age: its decision and what came of it
    window           a window of the log as views in DuckDB
    repeats          keys that records share
    decision_batches  the same as known_outcomes, in batches: memory doesn't grow with the log
    known_outcomes   decisions of a window with what came of their items
    plausible        which records can be meant, and what time it is in a log
    units            who asked lately
    struck           windows of the log that are no evidence
    observations     which decisions are one observation, however many viewers asked
    spill            where a large analysis puts what memory does not hold
"""

__all__ = [
    "compact",
    "decision_batches",
    "index",
    "joining",
    "joint_merge",
    "joint_table",
    "known_outcomes",
    "observations",
    "parquet_form",
    "plausible",
    "record",
    "request",
    "room",
    "scan",
    "segments",
    "spill",
    "struck",
    "sums",
    "tail",
    "units",
    "version_name",
    "window",
]
