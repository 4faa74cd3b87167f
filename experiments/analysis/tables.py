"""Where analyses run: a connection of the Ibis backend that is asked for.

DuckDB in this process by default; the same expressions run on Spark (`pyspark`, an optional extra) where
a log outgrows a host.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Literal

from experiments.config.problems import AnalysisError
from monitoring.tables.csv_file import CsvError, read_csv, separator_of
from monitoring.tables.dialect import CsvDialect
from monitoring.tables.guessed import guessed

Backend = Literal["duckdb", "pyspark"]
Table = Any  # an Ibis table: Ibis ships no types
_NUMBERS = count()


def connect(backend: Backend = "duckdb", threads: int | None = None, memory: str | None = None) -> Any:
    """An Ibis connection. AnalysisError for a backend that isn't installed.

    `threads` and `memory` ("2GB") bound DuckDB; Spark is configured by its own means.
    """
    import ibis  # type: ignore[import-untyped]

    options: dict[str, Any] = {}
    if backend == "duckdb":
        options = {key: value for key, value in (("threads", threads), ("memory_limit", memory)) if value}
    try:
        return getattr(ibis, backend).connect(**options)
    except ImportError as error:
        raise AnalysisError(f"backend: {backend!r} can't be used here: {error}") from None


def adopt(connection: Any) -> Any:
    """An Ibis connection over an open DuckDB one, with the tables that are on it."""
    import ibis

    return ibis.duckdb.from_connection(connection)


def read(file: Path, connection: Any, names: Collection[str] = ()) -> Table:
    """A CSV or Parquet file (or a folder of Parquet files) as a table. AnalysisError for any other file.

    A CSV goes through the reader that training uses: a row with another number of fields is refused by its
    line, columns among `names` (units, arms: what is a name even where it looks like a number) stay as they
    are written, and any other column is a number, truth or time where all of its values are.
    """
    if not file.exists():
        raise AnalysisError(f"table: {file} doesn't exist")
    if not file.is_dir() and {".csv", ".tsv"} & {*file.suffixes}:
        return table_of(_csv(file, names), connection, f"csv_{next(_NUMBERS)}")
    if not file.is_dir() and file.suffix not in (".parquet", ".pq"):
        raise AnalysisError(f"table: {file.name} is neither .csv, .csv.gz nor .parquet")
    with readable(file):
        return connection.read_parquet(str(file / "**/*.parquet") if file.is_dir() else str(file))


def _csv(file: Path, names: Collection[str]) -> Any:
    try:
        dialect = CsvDialect(separator=separator_of(file))
        return guessed(read_csv(file, dialect), names, dialect)
    except CsvError as error:
        raise AnalysisError(f"table: {error}") from error
    except OSError as error:
        raise AnalysisError(f"table: {file} can't be read: {error.strerror}") from error


@contextmanager
def readable(file: Path) -> Iterator[None]:
    """What DuckDB can't read of a file while the block runs becomes an AnalysisError; rows are read late."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        first, *_ = str(error).splitlines()
        raise AnalysisError(f"table: {file} can't be read: {first}") from error


def fetched(expression: Table) -> list[dict[str, Any]]:
    """The rows of a small result, as mappings; from DuckDB without pandas, which Ibis would import."""
    connection = connection_of(expression)
    if connection.name != "duckdb":
        found: list[dict[str, Any]] = expression.to_pyarrow().to_pylist()
        return found
    cursor = connection.raw_sql(connection.compile(expression))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def table_of(frame: Any, connection: Any, name: str) -> Table:
    """A pandas or Arrow frame as a table of the connection."""
    if connection.name == "duckdb":
        connection.con.register(name, frame)
    else:
        frame = frame if hasattr(frame, "iloc") else frame.to_pandas()
        connection._session.createDataFrame(frame).createOrReplaceTempView(name)
    return connection.table(name)


def connection_of(table: Table) -> Any:
    """The connection that a table lives on."""
    return table.get_backend()


def kept(expression: Table, connection: Any) -> Table:
    """The expression's rows, worked out once: a temporary table, or Spark's own cache.

    Not Ibis's `cache`, whose clean-up writes a DROP without a name under the sqlglot that is locked here.
    """
    name = f"kept_{next(_NUMBERS)}"
    sql = connection.compile(expression)
    if connection.name == "duckdb":
        connection.raw_sql(f"CREATE TEMP TABLE {name} AS {sql}")
    else:
        connection._session.sql(sql).cache().createOrReplaceTempView(name)
    return connection.table(name)
