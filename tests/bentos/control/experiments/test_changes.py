"""Changes of the experiments: one of two wins, nothing is lost unseen, and who did what is on record."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bentos.control.experiments.changes import Applied, Change, changing, commit
from bentos.control.experiments.compare_and_swap import (
    Base,
    ChangeError,
    Conflict,
    base_of,
    refuse_moved,
    refuse_unsettled,
)
from bentos.control.experiments.history import timeline
from bentos.home.journal import decisions
from bentos.home.lock import Lock
from bentos.home.state import Home
from experiments.config.check import parse
from experiments.config.problems import ConfigError
from tests.bentos.files import LIVE
from tests.bentos.worker.following import begin, followed

ONE, TWO = LIVE % "@challenger", LIVE % "2"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "live.yaml"
    path.write_text(ONE)
    return path


def test_a_change_is_live_and_on_record(home: Home, file: Path) -> None:
    """The file is replaced with its mode, every worker acknowledged, the journal says who, why, from, to."""
    file.chmod(0o640)
    with followed(home, file):
        base = base_of(home, file)
        done = commit(home, file, base, Change(TWO, "ana", "the second is better"))
    assert (done.before, done.after, done.epoch) == (parse(ONE).digest, parse(TWO).digest, 2)
    assert done.seconds is not None
    assert file.read_text() == TWO
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    asked, followed_up = decisions(home)
    assert (asked["event"], asked["by"], asked["reason"]) == (
        "experiments applied",
        "ana",
        "the second is better",
    )
    assert (asked["before"], asked["after"]) == (followed_up["before"], followed_up["after"])


def test_a_link_stays_a_link(home: Home, file: Path, tmp_path: Path) -> None:
    """What it names is replaced, as in a checkout that is linked into place."""
    link = tmp_path / "linked.yaml"
    link.symlink_to(file)
    with followed(home, file):
        commit(home, link, base_of(home, link), Change(TWO, "ana", "w"))
    assert link.is_symlink()
    assert file.read_text() == TWO


def test_whoever_comes_second_is_refused(home: Home, file: Path) -> None:
    """The sentence names the first, and what is live now."""
    with followed(home, file):
        early = base_of(home, file)
        commit(home, file, early, Change(TWO, "ana", "first"))
        with pytest.raises(
            Conflict, match=r"live.yaml: holds an edit of \S+Z by \S+ since the change was begun"
        ):
            commit(home, file, early, Change(LIVE % "3", "ben", "late"))
        stale = Base(file.read_bytes(), early.epoch, early.digest)
        with pytest.raises(Conflict, match=r"experiments applied by ana: first") as caught:
            commit(home, file, stale, Change(LIVE % "3", "ben", "late"))
        assert (caught.value.epoch, caught.value.digest) == (2, parse(TWO).digest)
        with pytest.raises(Conflict, match=r"epoch: 2 is live, and the change was made against 1"):
            refuse_moved(home, base_of(home, file), 1)
    assert file.read_text() == TWO


def test_of_many_at_once_one_wins(home: Home, file: Path) -> None:
    """Eight that were all made against the same: one is applied, seven are refused."""
    with followed(home, file):
        base = base_of(home, file)
        found: list[Applied | Conflict] = []

        def run(version: str) -> None:
            try:
                found.append(commit(home, file, base, Change(LIVE % version, f"person {version}", "w")))
            except Conflict as conflict:
                found.append(conflict)

        threads = [threading.Thread(target=run, args=(str(n),)) for n in range(2, 10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    winners = [each for each in found if isinstance(each, Applied)]
    assert (len(found), len(winners)) == (8, 1)
    assert winners[0].after == parse(file.read_text()).digest
    assert [each["event"] for each in decisions(home)].count("experiments applied") == 1


def test_two_processes_cannot_both_hold_it(home: Home) -> None:
    """The lock is the kernel's: another process has to wait, and is told when it waited in vain."""
    home.folder.mkdir(parents=True)
    held = Lock(home.folder / "experiments.lock")
    assert held.take()
    code = (
        "from pathlib import Path\nfrom bentos.home.state import Home\n"
        "from bentos.control.experiments.changes import changing\n"
        f"with changing(Home(Path({str(home.folder)!r})), 0.2): pass"
    )
    refused = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "ChangeError: experiments: another change has been under way" in refused.stderr
    held.release()
    with changing(home, 0.2):
        pass


def test_an_edit_that_is_not_live_is_not_lost(home: Home, file: Path) -> None:
    """A broken edit, or one that nobody has taken up, stands in the way until somebody settles it."""
    begin(home, file)
    refuse_unsettled(home, file, base_of(home, file))
    for content in (b"version: 7\n", b"\xff", TWO.encode(), b""):
        file.write_bytes(content)
        with pytest.raises(Conflict, match=r"live.yaml: holds an edit of \S+ by \S+, which is not live"):
            refuse_unsettled(home, file, base_of(home, file))
    file.unlink()
    with pytest.raises(Conflict, match=r"live.yaml: is gone"):
        refuse_unsettled(home, file, base_of(home, file))


def test_nobody_takes_it_up(home: Home, file: Path) -> None:
    """Without a Steward the file is written, and the answer says that nobody serves it, and why."""
    begin(home, file)
    done = commit(home, file, base_of(home, file), Change(TWO, "ana", "w"), patience=0.1)
    assert done.seconds is None
    assert done.problems == ("the Steward has not run yet",)
    assert file.read_text() == TWO


def test_what_does_not_hold_changes_nothing(home: Home, file: Path) -> None:
    """Nor does a folder that can't be written."""
    begin(home, file)
    base = base_of(home, file)
    with pytest.raises(ConfigError, match=r"live.yaml:1: version: 7"):
        commit(home, file, base, Change("version: 7\n", "ana", "w"))
    with pytest.raises(ChangeError, match="nothing is live"):
        base_of(Home(home.folder / "other"), file)
    assert file.read_text() == ONE
    assert list(decisions(home)) == []


def row(epoch: int, digest: str, first: float, last: float, decisions: int = 1) -> dict[str, object]:
    return {"epoch": epoch, "digest": digest, "first": first, "last": last, "decisions": decisions}


def test_history_says_who_and_why() -> None:
    """Epochs of one digest are one version; it may come back; what nobody asked for has no name."""
    journal = [
        {"time": 9.9, "event": "experiments applied", "by": "ana", "reason": "try b", "after": "b"},
        {"time": 10.0, "event": "experiments", "after": "b", "epoch": 3},
        {"time": 30.0, "event": "experiments", "after": "c", "epoch": 5},
        {"time": 39.9, "event": "experiment stopped", "by": "ben", "reason": "b harms", "after": "a"},
        {"time": 40.0, "event": "experiments", "after": "a", "epoch": 6},
    ]
    served = [
        row(1, "a", 1, 5),
        row(2, "a", 5, 10),
        row(3, "b", 10, 20, 7),
        row(4, "b", 20, 30),
        row(6, "a", 40, 50),
    ]
    told = timeline(served, journal)
    assert [(each["digest"], each["epoch"], each["decisions"], each["by"], each["why"]) for each in told] == [
        ("a", 1, 2, None, None),
        ("b", 3, 8, "ana", "try b"),
        ("c", 5, 0, None, None),
        ("a", 6, 1, "ben", "b harms"),
    ]
    assert (told[0]["first"], told[0]["last"]) == (1, 10)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 50)), max_size=20))
def test_history_counts_every_decision_once(runs: list[tuple[str, int]]) -> None:
    """Whatever the epochs, and neighbours always differ."""
    served = [row(n, digest, n, n + 1, count) for n, (digest, count) in enumerate(runs)]
    told = timeline(reversed(served), [])
    assert sum(each["decisions"] for each in told) == sum(count for _, count in runs)
    assert all(one["digest"] != two["digest"] for one, two in pairwise(told))
    assert json.dumps(told)


def test_what_the_journal_does_not_write_itself(home: Home, file: Path) -> None:
    """A name or reason with line breaks stays one line of the journal."""
    with followed(home, file):
        commit(home, file, base_of(home, file), Change(TWO, "a\nb", "x\r\ny" + os.linesep))
    assert [each["by"] for each in decisions(home) if "by" in each] == ["a\nb"]
