"""Ten million rows through `ballast experiment analyze`, as a user runs it (``-m tests.proofs.large``).

First a flat table, then a log of as many decisions and outcomes. Printed: wall and CPU seconds, and the
largest resident size of the process.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from bentos.home.state import Home
from bentos.settings import settings
from tests.proofs import large_log

ROWS = 10_000_000
TABLE = """
COPY (
    SELECT 'u' || unit AS unit, if(hash(unit, 'arm') % 2 = 0, 'a', 'b') AS arm,
        random() * (1 + 0.01 * (hash(unit, 'arm') % 2)) AS revenue,
        (random() < 0.1)::INT AS clicks, 1 AS views
    FROM (SELECT hash(row) % {units} AS unit FROM range({rows}) AS numbers(row))
) TO '{file}' (FORMAT parquet)
"""
ASKED = ["--metric", "revenue", "--metric", "clicks/views", "--weight", "a=0.5", "--weight", "b=0.5"]


def main(rows: int = ROWS) -> None:
    """Write both below the temporary folder (1.5 GB for ten million) and analyse them; ten rows a unit."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "large.parquet"
        with duckdb.connect() as connection:
            connection.execute(TABLE.format(rows=rows, units=rows // 10, file=file))
        _measure(f"a table of {rows:,} rows", "large", "--table", str(file), *ASKED)
    with TemporaryDirectory() as folder:
        large_log.write(Home(Path(folder) / settings().ranker_name), rows, rows // 10)
        _measure(f"a log of {rows:,} decisions and as many outcomes", large_log.NAME, home=folder)


def _measure(title: str, *asked: str, home: str | None = None) -> None:
    command = [sys.executable, "-m", "bentos", "experiment", "analyze", *asked, "--json"]
    environment = os.environ | ({"BALLAST_HOME": home} if home else {})
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        answer = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    if process.returncode != 0:
        sys.exit(f"{title}: status {process.returncode}")
    print(
        f"{title}: {wall:.1f} s, {used.ru_utime + used.ru_stime:.1f} s of CPU on {os.cpu_count()} cores, "
        f"{used.ru_maxrss / 2**20:.2f} GiB; verdict: {json.loads(answer)['verdict']['word']}",
        flush=True,
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
