"""What counts as held: what is new, or was answered on a moment ago."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from bentos.http.pool import USED, Pool
from bentos.http.shared_counts import SharedCounts


def test_an_idle_connection_stops_to_count_and_counts_again_when_used(tmp_path: Path) -> None:
    pool = Pool(SharedCounts(tmp_path / "counts", 4))
    pool.accepted()
    pool.opened(True)
    one = SimpleNamespace(used=pool.sign)
    assert pool.held == 1
    for _ in range(USED + 1):
        pool.give_sign([one])
    assert pool.held == 0
    one.used = pool.sign
    pool.give_sign([one])
    assert pool.held == 1
    pool.ended(one)
    pool.ended(one)
    assert pool.held == 0
    pool.close()
