"""Places of processes: what one says the others read, until it ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bentos.environment import ROOT
from bentos.http.shared_counts import SharedCounts

OTHER = """import sys; from pathlib import Path; from bentos.http.shared_counts import SharedCounts
counts = SharedCounts(Path(sys.argv[1]), 4); counts.tell(7, 9, 1.5); print(flush=True); sys.stdin.read()"""


def test_what_a_process_says_counts_until_it_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "counts"
    own = SharedCounts(file, 4)
    command = [sys.executable, "-c", OTHER, str(file)]
    other = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None
    other.stdout.readline()
    own.forget_dead()
    assert own.others() == [(7, 9, 1.5)]
    other.kill()
    other.communicate()
    own.forget_dead()
    assert own.others() == []
    own.close()
