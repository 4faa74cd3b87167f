"""`ballast log check`: what is damaged is named, until it is put back or accepted."""

from __future__ import annotations

import json
import os

from bentos.home.journal import decisions
from bentos.home.saved_status import damaged
from bentos.home.state import Home
from monitoring.log.manifest import alone
from monitoring.log.segments import segments
from monitoring.log.sums import keep
from tests.bentos.commands.running import mistake, run, said, told
from tests.monitoring.records import decision, write_decisions


def test_a_log_is_checked_and_a_loss_accepted(empty: Home) -> None:
    """Exit status 1 while something is damaged; the loss is in the journal, with who and why."""
    assert said("log", "check") == {"files": 0, "bytes": 0, "damaged": []}
    for number in range(5):
        write_decisions(empty.log, decision(f"r{number}"))
    folder = empty.log / "decisions"
    keep(folder)
    assert "5 of 5 files hold what was written" in run("log", "check").stdout
    assert damaged(empty.log) == []
    first, *others = segments(folder)
    content = first.read_bytes()
    os.truncate(first, 10)
    done = run("log", "check")
    assert done.exit_code == 1
    assert f"decisions/{first.name}: has 10 bytes where it had {len(content)} bytes and 1 records" in told(
        done
    )
    assert "4 of 5 files hold what was written" in done.stdout
    first.write_bytes(content)
    assert said("log", "check")["damaged"] == []
    for path in others:
        path.unlink()
    [problem] = damaged(empty.log)
    assert problem.count(": is gone: it had ") == 3
    assert "(and 1 more files): `ballast log check` reads all" in problem
    assert len(json.loads(run("log", "check", "--json").stdout)["damaged"]) == 4
    assert "it needs a reason" in str(mistake("log", "check", "--accept"))
    with alone(folder):
        assert "is being compacted" in str(mistake("log", "check", "--accept", "--why", "x"))
    assert (
        "4 damaged files" in run("log", "check", "--accept", "--why", "the disk died", "--by", "ann").stdout
    )
    [line] = decisions(empty)
    assert (line["event"], line["by"], line["why"], len(line["files"])) == (
        "loss accepted",
        "ann",
        "the disk died",
        4,
    )
    assert damaged(empty.log) == said("log", "check")["damaged"] == []
