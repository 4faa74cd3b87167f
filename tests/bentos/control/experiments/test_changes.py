"""Changes of the experiments: one of two wins, nothing is lost unseen, and who did what is on record."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bentos.control.experiments.changes import Applied, Change, changing, commit
from bentos.control.experiments.compare_and_swap import (
    Base,
    ChangeError,
    Conflict,
    base_of,
    refuse_moved,
)
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


def test_what_the_journal_does_not_write_itself(home: Home, file: Path) -> None:
    """A name or reason with line breaks stays one line of the journal."""
    with followed(home, file):
        commit(home, file, base_of(home, file), Change(TWO, "a\nb", "x\r\ny" + os.linesep))
    assert [each["by"] for each in decisions(home) if "by" in each] == ["a\nb"]
