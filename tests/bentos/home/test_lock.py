"""One process holds a ranker's lock, and none after its death."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bentos.home.lock import Lock, exclusive


def test_one_holder_at_a_time_and_none_after_death(tmp_path: Path) -> None:
    """A second Steward waits; one that is killed leaves the lock free."""
    path = tmp_path / "steward.lock"
    taking = f"print(Lock(Path({str(path)!r})).take(), flush=True); input()"
    code = f"from bentos.home.lock import Lock; from pathlib import Path; {taking}"
    holder = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == b"True"
    mine = Lock(path)
    assert not mine.take()
    assert not mine.held
    holder.kill()
    holder.communicate()
    assert mine.take()
    assert mine.take()
    assert path.read_text().strip() == str(os.getpid())
    mine.release()
    assert Lock(path).take()


def test_what_was_given_back_is_not_held(tmp_path: Path) -> None:
    """The file stays, for whoever waits for it; giving back twice, or what was never taken, does nothing."""
    path = tmp_path / "below" / "lock"
    one, other = Lock(path), Lock(path)
    one.release()
    assert one.take()
    assert not other.take()
    one.release()
    one.release()
    assert not one.held
    assert path.exists()
    assert other.take()
    assert other.held


def test_what_is_held_alone_loses_no_write(tmp_path: Path) -> None:
    """Four threads that each add one fifty times to a number in a file."""
    number = tmp_path / "number"
    number.write_text("0")

    def add() -> None:
        for _ in range(50):
            with exclusive(tmp_path):
                number.write_text(str(int(number.read_text()) + 1))

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(add) for _ in range(4)]:
            done.result()
    assert number.read_text() == "200"
