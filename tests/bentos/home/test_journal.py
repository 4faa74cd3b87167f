"""The journal: a line per decision, in order, whoever writes; the words of its lines never change."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bentos.home.journal import TAIL, Event, Journal, append, decisions, journal_path, latest_decisions
from bentos.home.state import Home
from tests.bentos.home.clock import Clock


def test_the_journal_appends_decisions(tmp_path: Path) -> None:
    """Decisions are lines in order."""
    home, clock = Home(tmp_path), Clock()
    journal = Journal(home, clock)
    assert list(decisions(home)) == []
    journal.decided(Event.PROMOTED, "passed the gate", version="3")
    journal.decided(Event.VERDICT, "hold", version="4")
    assert [(each["event"], each["version"]) for each in decisions(home)] == [
        ("promoted", "3"),
        ("verdict", "4"),
    ]


def test_a_line_has_a_time_an_event_and_a_reason_first(tmp_path: Path) -> None:
    """As it is on disk; facts follow, and what JSON does not know is written as text."""
    home, clock = Home(tmp_path), Clock(7.5)
    Journal(home, clock).decided(Event.EXPERIMENTS_REFUSED, "no „model“", file=tmp_path / "live.yaml")
    [line] = journal_path(home).read_text().splitlines()
    assert line.startswith('{"time": 7.5, "event": "experiments refused", "why": ')
    assert json.loads(line) == {
        "time": 7.5,
        "event": "experiments refused",
        "why": "no „model“",
        "file": str(tmp_path / "live.yaml"),
    }


def test_lines_of_many_writers_stay_whole(tmp_path: Path) -> None:
    """The Steward and commands append at the same time: an append is one write."""
    home, long = Home(tmp_path), "x" * 20_000

    def write(writer: int) -> None:
        for number in range(25):
            append(home, Event.ASKED, long, float(number), {"by": writer})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    lines = list(decisions(home))
    assert len(lines) == 200
    for writer in range(8):
        assert [each["time"] for each in lines if each["by"] == writer] == [float(n) for n in range(25)]


def test_the_words_on_disk_are_those_of_earlier_releases() -> None:
    """Journals are kept for ever, and `history` looks for words in them."""
    assert {each.value for each in Event} == {
        *("asked", "verdict", "override", "override withdrawn", "promoted", "withdrawn"),
        *("experiments", "snapshot", "corrections"),
        *("experiments applied", "experiments refused", "experiment stopped", "experiment started"),
        *("rollout begins", "rollout step", "rollout hold", "rollout stop", "rollout stopped"),
        *("loss accepted", "drift begins", "drift ends"),
        *("rollout resumed", "correction passed", "correction refused", "correction dropped"),
        *(
            "guard stopped",
            "guard cleared",
            "shared fault",
            "followed",
            "files damaged",
            "files mended",
            "replaced",
            "levelled",
            "state restored",
        ),
        *("outcomes suspected", "evidence struck", "evidence restored"),
        *("registry reachable", "registry unreachable", "redis reachable", "redis unreachable"),
    }


def test_the_latest_lines_come_first_and_a_long_journal_is_not_read(tmp_path: Path) -> None:
    """Of the last bytes only whole lines count, wherever they are cut."""
    home = Home(tmp_path)
    assert latest_decisions(home, 3) == []
    journal = Journal(home, Clock())
    for number in range(2000):
        journal.decided(Event.PROMOTED, "passed the gate", version=str(number))
    assert journal_path(home).stat().st_size > TAIL
    assert [each["version"] for each in latest_decisions(home, 3)] == ["1999", "1998", "1997"]
    assert 500 < len(latest_decisions(home, 5000)) < 2000
