"""MLflow is told of a rollback that was made without it, unless somebody moved the alias there meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from bentos.control.promotion.levelling import bring_level
from bentos.control.sources import Aliases
from bentos.home.journal import Journal, decisions
from bentos.home.state import Home
from bentos.home.waiting_move import WaitingMove, put, read
from tests.bentos.control.promotion.test_moves import Aliased


@pytest.mark.parametrize(
    ("before", "there", "after", "why"),
    [
        ("2", "2", "1", "MLflow knows of ana's rollback now"),
        ("2", "1", "1", "MLflow knows of ana's rollback now"),
        ("2", "5", "5", "it points at version 5 by now, which stands: ana's rollback is over"),
        (
            None,
            "5",
            "1",
            "MLflow knows of ana's rollback now",
        ),  # it was never seen here: the rollback is news
    ],
)
def test_it_is_told_once(tmp_path: Path, before: str | None, there: str, after: str, why: str) -> None:
    home, registry = Home(tmp_path), Aliased(champion=there)
    aliases = Aliases("flights", registry)
    aliases.poll()
    put(home, WaitingMove("champion", "1", before, "ana", 7.0))
    for _ in range(2):
        bring_level(home, aliases, Journal(home))
    assert registry.named == {"champion": after}
    assert aliases.seen == {"champion": after}
    assert read(home) is None
    [line] = decisions(home)
    assert (line["event"], line["why"], line["version"], line["before"]) == ("levelled", why, "1", there)
