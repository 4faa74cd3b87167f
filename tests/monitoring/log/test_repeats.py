"""Keys that records share are found, however many there are, and whether sorted at once or in parts."""

import duckdb
import pytest

from monitoring.log import repeats
from monitoring.log.repeats import repeated_hashes


def keys_of(connection: duckdb.DuckDBPyConnection, hashes: str) -> set[int]:
    """The keys whose hashes were named."""
    query = f"SELECT DISTINCT key FROM told WHERE hash(key) IN ({hashes})"
    return {key for (key,) in connection.execute(query).fetchall()}


@pytest.mark.parametrize("at_once", [repeats.AT_ONCE, 100])
@pytest.mark.parametrize("often", [0, 1, 40, 3_000])
def test_what_is_there_twice(monkeypatch: pytest.MonkeyPatch, at_once: int, often: int) -> None:
    """Exactly those, of five thousand keys."""
    monkeypatch.setattr(repeats, "AT_ONCE", at_once)
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE told AS SELECT range AS key FROM range(5000) "
            f"UNION ALL SELECT range * 7 % 5000 FROM range({often}) "
            f"UNION ALL SELECT range * 7 % 5000 FROM range({often} // 2)"
        )
        found = repeated_hashes(connection, "told", "key")
        if not often:
            assert found == ""
        else:
            assert keys_of(connection, found) == {k * 7 % 5000 for k in range(often)}


def test_none_of_nothing() -> None:
    """A log that is empty."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE told (key VARCHAR)")
        assert repeated_hashes(connection, "told", "key") == ""
