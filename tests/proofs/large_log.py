"""A log of millions of decisions and outcomes as compaction leaves it, written by DuckDB without a server."""

from pathlib import Path

import duckdb

from bentos.home.state import Home
from experiments.config.live import Live
from monitoring.log.manifest import LogManifest, Part, write_manifest
from tests.experiments.files import live

NAME, ROWS_PER_FILE = "challenger", 250_000  # about as many as 256 MiB of segments hold
START, SECONDS = 1_700_000_000.0, 14 * 86_400.0
FIRST = 0.05  # of the decisions are from the ramp's first phase


def phases() -> tuple[Live, Live]:
    """A ramp: a tenth of each arm's viewers, then all of them; nobody changes arm."""
    return _ranges("[[0.0, 0.05]]", "[[0.5, 0.55]]"), _ranges("[[0.0, 0.5]]", "[[0.5, 1.0]]")


def _ranges(champion: str, challenger: str) -> Live:
    """Three metrics: of outcomes, of answers, and a quantile of answers."""
    return live(
        ("\nlayers:", "\n  slow: {of: latency, better: lower, quantile: 0.9}\nlayers:"),
        ("guardrails: [fallback]", "guardrails: [fallback, slow]"),
        ('"@champion", weight: 0.5', f'"@champion", ranges: {champion}'),
        ('"@challenger", weight: 0.5', f'"@challenger", ranges: {challenger}'),
        tail="exploration: {share: 0.01, salt: e-1}\n",
    )


def write(home: Home, decisions: int, units: int) -> None:
    """``decisions`` of ``units`` viewers, ten candidates each, and an outcome for one position of each."""
    first, second = phases()
    home.experiments.mkdir(parents=True)
    for config in (first, second):
        home.compiled(config.digest).write_text(config.to_json())
    parts: dict[str, list[Part]] = {"decisions": [], "outcomes": []}
    for kind in parts:
        (home.log / kind).mkdir(parents=True)
    with duckdb.connect() as connection:
        for low in range(0, decisions, ROWS_PER_FILE):
            high = min(low + ROWS_PER_FILE, decisions)
            rows = _ROWS.format(
                low=low, high=high, units=units, start=START, step=SECONDS / decisions, name=NAME,
                turn=int(FIRST * decisions), first=first.digest, second=second.digest,
            )  # fmt: skip
            connection.execute(rows)
            for kind, query in (("decisions", _DECISIONS), ("outcomes", _OUTCOMES)):
                parts[kind].append(_part(connection, home.log / kind, f"{low:012d}", query, high - low))
    for kind, found in parts.items():
        write_manifest(home.log / kind, LogManifest(found))


def _part(connection: duckdb.DuckDBPyConnection, folder: Path, stem: str, query: str, rows: int) -> Part:
    file = folder / f"{stem}.parquet"
    connection.execute(f"COPY ({query}) TO '{file}' (FORMAT parquet, COMPRESSION zstd)")
    return Part(file.name, [stem], rows, 0, START + SECONDS)


_ROWS = """
CREATE OR REPLACE TEMP TABLE rows AS
SELECT *, bucket >= 0.5 AS treated, row >= {turn} OR bucket % 0.5 < 0.05 AS inside,
    list_transform(range(10), lambda k: ((key + k * [1, 3, 7, 9][key % 4 + 1]) % 10)::INTEGER) AS slate,
    list_transform(range(10), lambda k: 'title-' || ((key + k * 977) % 100_000)) AS candidates
FROM (
    SELECT row, md5(row::VARCHAR) AS request_id, ({start} + row * {step})::DOUBLE AS time,
        'viewer-' || viewer AS unit, hash(viewer, 'arm') % 10_000 / 10_000 AS bucket,
        (hash(row, 'key') % 1_000_000)::BIGINT AS key,
        hash(row, 'explored') % 100 = 0 AS explored, '{name}' AS name,
        if(row < {turn}, '{first}', '{second}') AS digest
    FROM (SELECT row, hash(row, 'viewer') % {units} AS viewer FROM range({low}, {high}) AS numbers(row))
)"""

_DECISIONS = """
SELECT request_id, 1 AS v, time, time AS received, unit,
    ('{"wind_speed":' || key % 400 / 10 || ',"carrier":"UA"}')::JSON AS context,
    '{"airport":"JFK"}'::JSON AS attributes,
    if(inside, [{'experiment': name, 'variant': if(treated, 'challenger', 'champion'),
        'model': if(treated, '@challenger', '@champion'), 'bucket': bucket, 'salt': 'challenger-1',
        'forced': false, 'same': NULL::BOOLEAN}], []) AS arms,
    digest AS experiments, 1::BIGINT AS epoch, if(treated, 'flights/2', 'flights/1') AS model,
    's1' AS snapshot, candidates, slate,
    list_transform(slate, lambda i: hash(key, i) % 1_000_000 / 1e5 - i) AS scores,
    list_transform(slate, lambda i: 0.991::DOUBLE) AS propensities, explored,
    if(key % 500 = 0, 'late: deadline', NULL) AS fallback, NULL::INTEGER AS top_k,
    NULL::STRUCT(model VARCHAR, snapshot VARCHAR)[] AS rankers, NULL::TINYINT[] AS team,
    NULL::VARCHAR AS correction, key % 1000 / 1e5 AS seconds, NULL::INTEGER AS offered,
    NULL::VARCHAR AS digest, false AS integer_ids, '0' AS segment
FROM rows ORDER BY time"""

_OUTCOMES = """
SELECT request_id, 1 AS v, candidates[slate[place + 1] + 1] AS item,
    (1 + key % 4)::DOUBLE AS value, time + 600 AS time, time + 601 AS received, '0' AS segment
FROM (
    SELECT *, greatest((hash(row, 'place') % 10)::INT - (treated AND key % 20 = 0)::INT, 0) AS place FROM rows
)
ORDER BY time"""
