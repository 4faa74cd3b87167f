"""A home with answers and outcomes, made once for all that learns from the log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bentos.home.state import Home
from monitoring.log.known_outcomes import Wanted, read_decisions
from monitoring.log.record import Outcome, encode_outcomes
from monitoring.log.segments import SegmentWriter
from monitoring.log.window import window
from tests.bentos.decisions.deciding import MARKED, Desk, desk, make_home
from tests.bentos.decisions.test_slates import bodies
from tests.models.small import table


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Desk]:
    """1,000 answers of two versions, 40% of them explored, each with its outcomes but every tenth."""
    folder = tmp_path_factory.mktemp("offline")
    home = make_home(folder)
    at = desk(home, home.log / "decisions", f"exploration: {{share: 0.4, salt: e-1}}\n{MARKED}")
    at.rank_all(bodies(1_000))
    at.log.close()
    labels = table().set_index("item")["label"]
    log = SegmentWriter(home.log / "outcomes", "w0")
    for number, record in enumerate(at.records()):
        if number % 10:
            items = record.candidates
            log.append(
                encode_outcomes(
                    Outcome(
                        request_id=record.request_id, item=item, value=float(labels[item]),
                        time=record.time + 60, received=record.time + 60,
                    )
                    for item in items
                )
            )  # fmt: skip
    log.close()
    return home, at


@pytest.fixture(scope="session")
def explored(made: tuple[Home, Desk]) -> list[Any]:
    """The explored decisions of both versions that have outcomes, as rows with these, by time."""
    with window(made[0].log) as log:
        rows = list(read_decisions(log, Wanted(explored=True)).itertuples())
    return [row for row in rows if isinstance(row.known_items, list) or hasattr(row.known_items, "__len__")]


@pytest.fixture
def copied(made: tuple[Home, Desk], tmp_path: Path) -> Home:
    """A home of one's own with the same packages, snapshots, live files and log, to take things away from."""
    home = Home(tmp_path / "small")
    home.folder.mkdir()
    for name in ("versions", "catalogue", "experiments"):
        (home.folder / name).mkdir()
        for path in (made[0].folder / name).iterdir():
            (home.folder / name / path.name).symlink_to(path)
    home.log.symlink_to(made[0].log)
    return home
